/** Whether what you see is true now: a quiet dot while live, words when not. */
import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useConsole } from "@/live/store";
import { Dot } from "@/ui/parts";
import classes from "./presence.module.css";

export function LinkSign() {
  const { t } = useTranslation();
  const link = useConsole((state) => state.link);
  const tone = link === "live" ? "ok" : link === "stale" ? "bad" : "warn";
  return (
    <Tooltip label={t(`link.${link}`)}>
      <span className={classes.link} data-state={link} data-testid="link">
        <Dot tone={tone} />
        <span className={classes.linkText}>{t(`link.${link}`)}</span>
      </span>
    </Tooltip>
  );
}

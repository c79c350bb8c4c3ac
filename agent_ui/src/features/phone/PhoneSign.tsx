/** The telephone's state in the header: a sign that is quiet while all is well. */
import { Tooltip } from "@mantine/core";
import { IconHeadset, IconHeadsetOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { usePhone } from "./phone";
import classes from "./phone.module.css";

const TONES = { unchecked: "warn", no_microphone: "bad", elsewhere: "plain", connecting: "plain", ready: "ok", lost: "bad" } as const;

export function PhoneSign() {
  const { t } = useTranslation();
  const { state } = usePhone();
  if (state === "absent") return null;
  const Sign = state === "ready" || state === "connecting" || state === "elsewhere" ? IconHeadset : IconHeadsetOff;
  return (
    <Tooltip label={t(`phone.${state}`)}>
      <span className={classes.sign} data-tone={TONES[state]} data-state={state} data-testid="phone" role="status">
        <Sign size={18} stroke={1.8} aria-hidden />
        <span className={state === "ready" ? "visually-hidden" : classes.signText}>{t(`phone.${state}`)}</span>
      </span>
    </Tooltip>
  );
}

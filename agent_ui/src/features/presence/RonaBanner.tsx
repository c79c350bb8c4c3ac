/** After a missed offer: why no work comes, and one click back. */
import { Button } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { setPresence } from "@/live/actions";
import { unlockSound } from "@/live/sound";
import { useConsole, useIsLive } from "@/live/store";
import classes from "./presence.module.css";

export function RonaBanner() {
  const { t } = useTranslation();
  const missed = useConsole((state) => state.live.presence?.presence === "rona");
  const busy = useConsole((state) => state.busy.has("presence"));
  const live = useIsLive();
  if (!missed) return null;
  return (
    <div className={classes.rona} role="alert">
      <IconBellOff size={18} aria-hidden />
      <div className={classes.ronaText}>
        <strong>{t("presence.rona_title")}</strong> {t("presence.rona_text")}
      </div>
      <Button
        size="xs"
        disabled={!live}
        loading={busy}
        onClick={() => {
          unlockSound();
          void setPresence({ presence: "available", code: "" });
        }}
      >
        {t("presence.rona_back")}
      </Button>
    </div>
  );
}

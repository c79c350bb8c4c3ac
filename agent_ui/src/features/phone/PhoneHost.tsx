/** The telephone of the logged-in agent: runs it, guards a call against closing the tab, and says what it needs. */
import { Button } from "@mantine/core";
import { IconHeadsetOff, IconMicrophoneOff } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/live/store";
import { startPhone, tryMicrophone, usePhone, takePhone } from "./phone";
import classes from "./phone.module.css";

export function PhoneHost() {
  const me = useMe();
  const phone = usePhone();
  useEffect(() => startPhone(me), [me]);
  useGuard(phone.call !== null);
  switch (phone.state) {
    case "unchecked":
    case "no_microphone":
      return <Microphone />;
    case "lost":
      return <Lost />;
    case "elsewhere":
      return <Elsewhere refused={phone.refused} />;
    case "absent":
    case "connecting":
    case "ready":
      return null;
  }
}

/** The browser asks before it closes or reloads a tab with a call in it. */
function useGuard(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [on]);
}

function Microphone() {
  const { t } = useTranslation();
  const { trouble } = usePhone();
  return (
    <div className={classes.banner} data-tone={trouble === null ? "warn" : "bad"} role="alert">
      <IconMicrophoneOff size={18} aria-hidden />
      <div className={classes.text}>{trouble === null ? t("phone.unchecked_text") : t(`phone.trouble.${trouble}`)}</div>
      {trouble !== "insecure" && (
        <Button size="xs" onClick={tryMicrophone}>{trouble === null ? t("phone.check") : t("action.retry")}</Button>
      )}
    </div>
  );
}

function Lost() {
  const { t } = useTranslation();
  return (
    <div className={classes.banner} data-tone="bad" role="alert">
      <IconHeadsetOff size={18} aria-hidden />
      <div className={classes.text}>{t("phone.lost_text")}</div>
    </div>
  );
}

function Elsewhere({ refused }: { refused: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={classes.banner} role="status">
      <IconHeadsetOff size={18} aria-hidden />
      <div className={classes.text}>{refused ? t("phone.elsewhere_busy") : t("phone.elsewhere_text")}</div>
      <Button size="xs" variant="default" onClick={takePhone}>{t("phone.take_over")}</Button>
    </div>
  );
}

/** Mute, keypad, and a way to hang up without the hub, for the call that is talked on in this tab. */
import { Button, Popover } from "@mantine/core";
import { IconDialpad, IconMicrophone, IconMicrophoneOff, IconPhoneOff } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useIsLive } from "@/live/store";
import { hangUpHere, mute, press, usePhone } from "./phone";
import classes from "./phone.module.css";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;
const SHOWN_MAX = 16;

export function PhoneControls({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const live = useIsLive();
  const { call } = usePhone();
  if (call?.contactId !== contactId) return null;
  return (
    <>
      <Button
        variant={call.muted ? "filled" : "default"}
        aria-pressed={call.muted}
        aria-label={t("phone.mute")}
        leftSection={call.muted ? <IconMicrophoneOff size={16} /> : <IconMicrophone size={16} />}
        onClick={() => mute(contactId, !call.muted)}
      >
        <span className={classes.buttonText}>{call.muted ? t("phone.muted") : t("phone.mute")}</span>
      </Button>
      <Keypad contactId={contactId} />
      {!live && (
        <Button variant="default" leftSection={<IconPhoneOff size={16} />} onClick={() => hangUpHere(contactId)}>
          {t("phone.hang_up")}
        </Button>
      )}
    </>
  );
}

function Keypad({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const [pressed, setPressed] = useState("");
  function enter(key: string) {
    press(contactId, key);
    setPressed((before) => (before + key).slice(-SHOWN_MAX));
  }
  function typed(event: KeyboardEvent) {
    if (KEYS.some((key) => key === event.key)) enter(event.key);
  }
  return (
    <Popover position="bottom-end" trapFocus withinPortal shadow="md">
      <Popover.Target>
        <Button variant="default" aria-label={t("phone.keypad")} leftSection={<IconDialpad size={16} />}>
          <span className={classes.buttonText}>{t("phone.keypad")}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown onKeyDown={typed}>
        <p className={`${classes.pressed} num`} role="status">{pressed}</p>
        <div className={classes.keys} role="group" aria-label={t("phone.keypad")}>
          {KEYS.map((key) => (
            <button key={key} type="button" className={classes.key} onClick={() => enter(key)}>{key}</button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

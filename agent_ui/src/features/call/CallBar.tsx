/** Calls in progress, over the panes of every contact: state, timer, hold, hang up. */
import { Button, UnstyledButton } from "@mantine/core";
import { IconPhoneOff, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useShallow } from "zustand/react/shallow";
import { endContact, hold, select } from "@/live/actions";
import { useConsole, useIsLive } from "@/live/store";
import { nameOf } from "@/i18n/names";
import { Avatar, Timer } from "@/ui/parts";
import type { ContactView } from "@/wire/protocol.gen";
import classes from "./call.module.css";

/** `controls`: what the telephone in this console adds to a call that is talked on through it. */
type Controls = (contactId: string) => ReactNode;

export function CallBar({ controls }: { controls: Controls }) {
  const calls = useConsole(useShallow((state) => state.live.contacts.filter(isCall)));
  return calls.map((call) => <Call key={call.contact_id} call={call} controls={controls} />);
}

function isCall(contact: ContactView): boolean {
  return contact.channel === "voice" && (contact.state === "active" || contact.state === "connecting");
}

function Call({ call, controls }: { call: ContactView; controls: Controls }) {
  const { t } = useTranslation();
  const live = useIsLive();
  const busy = useConsole((state) => state.busy);
  const state = call.held ? "held" : call.state === "connecting" ? "connecting" : "active";
  const name = nameOf(call);
  return (
    <section className={classes.bar} data-state={state} aria-label={t("call.with", { name })} data-testid="call">
      <UnstyledButton className={classes.who} onClick={() => select(call.contact_id)}>
        <Avatar name={name} seed={call.card.customer_id} size={26} />
        <span className={classes.name}>{name}</span>
      </UnstyledButton>
      <span className={classes.state} role="status">{t(`call.${state}`)}</span>
      <span className={classes.timer}><Timer since={call.state_since_at_ms} /></span>
      <span className={classes.gap} />
      {controls(call.contact_id)}
      <Button
        variant="default"
        className={classes.button}
        disabled={!live || state === "connecting"}
        loading={busy.has(`hold:${call.contact_id}`)}
        leftSection={call.held ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
        onClick={() => void hold(call.contact_id, !call.held)}
      >
        {call.held ? t("call.unhold") : t("call.hold")}
      </Button>
      <Button
        className={classes.end}
        disabled={!live}
        loading={busy.has(`end:${call.contact_id}`)}
        leftSection={<IconPhoneOff size={16} />}
        onClick={() => void endContact(call.contact_id)}
      >
        {t("call.hang_up")}
      </Button>
    </section>
  );
}

/** Everything that this agent has in hand, side by side: who, what was said last, what is new, how long. */
import { Button, Skeleton, UnstyledButton } from "@mantine/core";
import { IconCoffee, IconInbox } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { select, setPresence } from "@/live/actions";
import { unlockSound } from "@/live/sound";
import { useConsole, useDraft, useIsLive } from "@/live/store";
import { ChannelIcon } from "@/ui/icons";
import { nameOf } from "@/i18n/names";
import { Empty, Pill, Timer, type Tone } from "@/ui/parts";
import type { ContactView } from "@/wire/protocol.gen";
import classes from "./worklist.module.css";

export function WorkList({ chosen }: { chosen: (contactId: string) => void }) {
  const { t } = useTranslation();
  const contacts = useConsole((state) => state.live.contacts);
  const selected = useConsole((state) => state.selected);
  const everLive = useConsole((state) => state.everLive);
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>{t("work.title")}</h2>
        {contacts.length > 0 && <span className={`${classes.count} num`}>{contacts.length}</span>}
      </div>
      {!everLive ? (
        <Waiting />
      ) : contacts.length === 0 ? (
        <Nothing />
      ) : (
        <ul className={classes.list}>
          {contacts.map((contact) => (
            <li key={contact.contact_id}>
              <Row
                contact={contact}
                on={contact.contact_id === selected}
                choose={() => {
                  select(contact.contact_id);
                  chosen(contact.contact_id);
                }}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Row({ contact, on, choose }: { contact: ContactView; on: boolean; choose: () => void }) {
  const { t } = useTranslation();
  const name = nameOf(contact);
  return (
    <UnstyledButton className={classes.row} data-on={on} aria-current={on} onClick={choose} data-testid="work">
      <ChannelIcon channel={contact.channel} tile />
      <span className={classes.rowMain}>
        <span className={classes.rowTop}>
          <span className={classes.name} data-unread={contact.unread > 0}>{name}</span>
          <span className={classes.time}><Timer since={contact.state_since_at_ms} /></span>
        </span>
        <span className={classes.rowBottom}>
          <LastWords contact={contact} />
          {contact.unread > 0 ? (
            <span className={`${classes.unread} num`} aria-label={t("work.unread", { count: contact.unread })}>{contact.unread}</span>
          ) : (
            <StateSign contact={contact} />
          )}
        </span>
      </span>
    </UnstyledButton>
  );
}

function LastWords({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  const typing = useConsole((state) => contact.contact_id in state.live.typing);
  const written = useDraft(contact.contact_id);
  if (typing) return <span className={classes.typing}>{t("work.typing")}</span>;
  if (written.reply !== "" && contact.state === "active") {
    return (
      <span className={classes.words}>
        <span className={classes.draft}>{t("work.draft")}: </span>
        {written.reply}
      </span>
    );
  }
  return <span className={classes.words}>{contact.last_text || contact.subject || contact.queue_name}</span>;
}

function StateSign({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  if (contact.held) return <Pill tone="warn">{t("work.held")}</Pill>;
  if (contact.state === "active" && contact.channel !== "voice") return null;
  const tones: Partial<Record<ContactView["state"], Tone>> = { active: "ok", wrap_up: "warn", connecting: "accent" };
  return <Pill tone={tones[contact.state] ?? "plain"}>{t(`state.${contact.state}`)}</Pill>;
}

function Nothing() {
  const { t } = useTranslation();
  const available = useConsole((state) => state.live.presence?.presence === "available");
  const busy = useConsole((state) => state.busy.has("presence"));
  const live = useIsLive();
  if (available) return <Empty icon={<IconInbox size={22} />} title={t("work.empty_available")} hint={t("work.empty_available_hint")} />;
  return (
    <Empty
      icon={<IconCoffee size={22} />}
      title={t("work.empty_away")}
      hint={t("work.empty_away_hint")}
      action={
        <Button
          disabled={!live}
          loading={busy}
          onClick={() => {
            unlockSound();
            void setPresence({ presence: "available", code: "" });
          }}
        >
          {t("work.go_available")}
        </Button>
      }
    />
  );
}

function Waiting() {
  return (
    <div className={classes.waiting} aria-busy>
      {[0, 1, 2].map((each) => <Skeleton key={each} height={52} radius={10} />)}
    </div>
  );
}

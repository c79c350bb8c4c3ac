/** The middle of the console: who it is, what was said, and where to write. */
import { Button } from "@mantine/core";
import { IconCircleCheck, IconMessages } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { endContact } from "@/live/actions";
import { useConsole, useIsLive } from "@/live/store";
import { ChannelIcon } from "@/ui/icons";
import { nameOf } from "@/i18n/names";
import { Empty, Pill, TierPill, Timer } from "@/ui/parts";
import type { ContactView } from "@/wire/protocol.gen";
import { Composer } from "./Composer";
import classes from "./conversation.module.css";
import { MessageLog } from "./MessageLog";

/** `footer` takes the composer's place, such as the wrap-up form. */
export function ConversationPane({ contact, footer }: { contact: ContactView | null; footer?: ReactNode }) {
  const { t } = useTranslation();
  if (contact === null) return <Empty icon={<IconMessages size={22} />} title={t("talk.none")} hint={t("talk.none_hint")} />;
  return (
    <>
      <Head contact={contact} />
      <MessageLog key={contact.interaction_id} contact={contact} />
      {footer ?? <Composer key={contact.contact_id} contact={contact} />}
    </>
  );
}

function Head({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  const live = useIsLive();
  const busy = useConsole((state) => state.busy.has(`end:${contact.contact_id}`));
  const name = nameOf(contact);
  const mayEnd = contact.state === "active" && contact.channel !== "voice";
  return (
    <header className={classes.head}>
      <ChannelIcon channel={contact.channel} tile />
      <div className={classes.headText}>
        <div className={classes.headTop}>
          <h1 className={classes.name}>{name}</h1>
          {contact.card.known && <TierPill tier={contact.card.score.tier} />}
          {contact.state === "wrap_up" && <Pill tone="warn">{t("state.wrap_up")}</Pill>}
          {contact.state === "parked" && <Pill>{t("state.parked")}</Pill>}
        </div>
        <div className={classes.headLine}>
          {[contact.subject, contact.queue_name, contact.channel === "chat" ? "" : contact.address].filter((each) => each !== "" && each !== name).join(" · ")}
        </div>
      </div>
      <span className={classes.headTime} title={t(`state.${contact.state}`)}><Timer since={contact.state_since_at_ms} /></span>
      {mayEnd && (
        <Button
          variant="default"
          leftSection={<IconCircleCheck size={16} />}
          disabled={!live}
          loading={busy}
          onClick={() => void endContact(contact.contact_id)}
        >
          {t(`talk.end_${contact.channel}`)}
        </Button>
      )}
    </header>
  );
}

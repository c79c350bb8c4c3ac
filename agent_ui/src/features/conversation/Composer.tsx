/** Where the agent writes: a reply to the customer or a yellow note for the team. What is typed is kept at each key. */
import { Button, Kbd, Textarea } from "@mantine/core";
import { IconLock, IconSend2 } from "@tabler/icons-react";
import { type KeyboardEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { draft } from "@/live/actions";
import { sendMessage } from "@/live/outgoing";
import { customerSeesTyping } from "@/live/session";
import { useDraft, useIsLive } from "@/live/store";
import type { ComposerTab } from "@/state/drafts";
import { nameOf } from "@/i18n/names";
import type { Channel, ContactView } from "@/wire/protocol.gen";
import classes from "./conversation.module.css";

const TYPING_EVERY_MS = 3_000;
const CHARACTERS_MAX: Record<Channel, number> = { voice: 4_000, chat: 4_000, sms: 1_600, email: 60_000 };

export function Composer({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  const live = useIsLive();
  const written = useDraft(contact.contact_id);
  const told = useRef(0);
  const canReply = contact.channel !== "voice" && contact.state === "active";
  const tab: ComposerTab = canReply ? written.tab : "note";
  const text = written[tab];
  const max = tab === "note" ? CHARACTERS_MAX.chat : CHARACTERS_MAX[contact.channel];
  const over = text.length - max;
  const sendable = text.trim() !== "" && over <= 0;
  const name = nameOf(contact);
  const placeholder = tab === "note" || contact.channel === "voice" ? t("composer.note_placeholder") : t(`composer.reply_placeholder_${contact.channel}`, { name });

  function typed(value: string) {
    draft(contact.contact_id, { [tab]: value });
    if (tab !== "reply" || contact.channel !== "chat" || performance.now() - told.current < TYPING_EVERY_MS) return;
    told.current = performance.now();
    customerSeesTyping(contact.contact_id);
  }

  function send() {
    if (!sendable) return;
    sendMessage(contact, text.trim(), tab === "note");
    draft(contact.contact_id, { [tab]: "" });
    told.current = 0;
  }

  function pressed(event: KeyboardEvent) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <div className={classes.composer} data-tab={tab} data-testid="composer">
      <div className={classes.composerTabs} role="tablist">
        {canReply && <Tab tab="reply" on={tab === "reply"} contact={contact} label={t("composer.reply")} />}
        <Tab tab="note" on={tab === "note"} contact={contact} label={t("composer.note")} />
      </div>
      <Textarea
        aria-label={tab === "note" ? t("composer.note") : t("composer.reply")}
        classNames={{ input: classes.composerInput ?? "" }}
        variant="unstyled"
        autosize
        minRows={contact.channel === "email" && tab === "reply" ? 5 : 2}
        maxRows={12}
        placeholder={placeholder}
        value={text}
        onChange={(event) => typed(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      <div className={classes.composerFoot}>
        <span className={classes.composerHint} data-over={over > 0} role="status">
          {over > 0 ? t("composer.too_long", { count: over, max }) : !live ? t("composer.offline") : text === "" ? "" : t("composer.kept")}
        </span>
        <Kbd className={classes.keys}>{t("composer.keys")}</Kbd>
        <Button
          color={tab === "note" ? "yellow.9" : undefined}
          className={tab === "note" ? classes.noteButton : undefined}
          leftSection={tab === "note" ? <IconLock size={15} /> : <IconSend2 size={16} />}
          disabled={!sendable}
          onClick={send}
        >
          {tab === "note" ? t("composer.add_note") : t("composer.send")}
        </Button>
      </div>
    </div>
  );
}

function Tab({ tab, on, contact, label }: { tab: ComposerTab; on: boolean; contact: ContactView; label: string }) {
  return (
    <button
      type="button"
      role="tab"
      aria-selected={on}
      className={classes.composerTab}
      onClick={() => draft(contact.contact_id, { tab })}
    >
      {label}
    </button>
  );
}

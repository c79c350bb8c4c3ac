/** What was said, oldest first, kept at the end while the reader is there; reading it tells the hub. */
import { Button, Skeleton } from "@mantine/core";
import { IconCloudOff, IconMessageDots, IconNotes } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { dayHeading } from "@/i18n/format";
import { markRead } from "@/live/actions";
import { loadConversation } from "@/live/conversations";
import { useConsole, useConversation, useIsLive, useUnsent } from "@/live/store";
import type { Conversation } from "@/state/conversation";
import { nameOf } from "@/i18n/names";
import { Empty } from "@/ui/parts";
import type { ContactView, MessageView } from "@/wire/protocol.gen";
import classes from "./conversation.module.css";
import { MessageItem } from "./MessageItem";
import { UnsentItem } from "./UnsentItem";

const NEAR_END_PX = 80;

export function MessageLog({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  const conversation = useConversation(contact.interaction_id);
  const unsent = useUnsent(contact.contact_id);
  const typing = useConsole((state) => contact.contact_id in state.live.typing);
  const end = useStayAtEnd(conversation.messages.length + unsent.length + (typing ? 1 : 0));
  useLoading(contact.interaction_id, conversation);
  useReading(contact, conversation.messages.at(-1)?.seq ?? 0);

  const nothing = conversation.messages.length === 0 && unsent.length === 0;
  return (
    <div className={classes.log} role="log" aria-label={t("talk.log")} ref={end} tabIndex={0}>
      {nothing && conversation.load === "loading" && <Loading />}
      {nothing && conversation.load === "ready" && <Silent contact={contact} />}
      {conversation.load === "failed" && <Failed again={() => void loadConversation(contact.interaction_id)} />}
      {conversation.messages.map((message, index) => (
        <Dated key={message.message_id} message={message} before={conversation.messages[index - 1]} contact={contact} />
      ))}
      {unsent.map((message) => <UnsentItem key={message.client_id} message={message} />)}
      {typing && (
        <div className={classes.typing}>
          <span className={classes.typingDots} aria-hidden><i /><i /><i /></span>
          {t("talk.typing", { name: nameOf(contact) })}
        </div>
      )}
    </div>
  );
}

function Dated({ message, before, contact }: { message: MessageView; before: MessageView | undefined; contact: ContactView }) {
  const day = new Date(message.at_ms).toDateString();
  const newDay = before === undefined ? day !== new Date().toDateString() : day !== new Date(before.at_ms).toDateString();
  const follows = !newDay && before !== undefined && before.author === message.author && before.author_name === message.author_name;
  return (
    <>
      {newDay && <div className={classes.day}><span>{dayHeading(message.at_ms)}</span></div>}
      <MessageItem message={message} follows={follows} contact={contact} />
    </>
  );
}

function useLoading(interactionId: string, conversation: Conversation): void {
  const live = useIsLive();
  useEffect(() => {
    if (live && conversation.load === "stale") void loadConversation(interactionId);
  }, [live, interactionId, conversation.load]);
}

/** Tell the hub what has been seen: only while this page is in front. */
function useReading(contact: ContactView, seq: number): void {
  const live = useIsLive();
  useEffect(() => {
    if (!live || contact.unread === 0 || seq === 0) return;
    function tell() {
      if (document.visibilityState === "visible" && document.hasFocus()) markRead(contact.contact_id, seq);
    }
    tell();
    window.addEventListener("focus", tell);
    return () => window.removeEventListener("focus", tell);
  }, [live, contact.contact_id, contact.unread, seq]);
}

/** Follow new messages, but never pull away somebody who reads further up. */
function useStayAtEnd(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    function scrolled(this: HTMLDivElement) {
      atEnd.current = this.scrollHeight - this.scrollTop - this.clientHeight < NEAR_END_PX;
    }
    element.addEventListener("scroll", scrolled, { passive: true });
    const grown = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    grown.observe(element);
    return () => {
      element.removeEventListener("scroll", scrolled);
      grown.disconnect();
    };
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [count]);
  return box;
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div className={classes.loading} aria-busy aria-label={t("talk.loading")}>
      <Skeleton height={44} width="46%" radius={12} />
      <Skeleton height={62} width="58%" radius={12} ml="auto" />
      <Skeleton height={44} width="38%" radius={12} />
    </div>
  );
}

function Silent({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  if (contact.channel !== "voice") return <Empty icon={<IconMessageDots size={22} />} title={t("talk.empty")} />;
  return <Empty icon={<IconNotes size={22} />} title={t("talk.empty_voice")} hint={t("talk.empty_voice_hint")} />;
}

function Failed({ again }: { again: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.failed} role="alert">
      <IconCloudOff size={18} aria-hidden />
      <span><strong>{t("talk.failed")}.</strong> {t("talk.failed_hint")}</span>
      <Button size="xs" variant="default" onClick={again}>{t("action.retry")}</Button>
    </div>
  );
}

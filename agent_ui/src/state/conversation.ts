/** The messages of one interaction as this console knows them: loaded once, kept current by events. Pure. */
import type { MessageView } from "@/wire/protocol.gen";

export interface Conversation {
  /** By `seq`, no message twice. */
  readonly messages: readonly MessageView[];
  /** `stale`: what is here may miss something; load again from the start (delivery states change too). */
  readonly load: "stale" | "loading" | "ready" | "failed";
}

export const UNREAD_CONVERSATION: Conversation = { messages: [], load: "stale" };

/** Insert new messages, replace known ones. Right for pages and events in any order. */
export function withMessages(conversation: Conversation, incoming: readonly MessageView[]): Conversation {
  if (incoming.length === 0) return conversation;
  const byId = new Map(conversation.messages.map((message) => [message.message_id, message]));
  for (const message of incoming) byId.set(message.message_id, message);
  return { ...conversation, messages: [...byId.values()].sort((a, b) => a.seq - b.seq) };
}

export function lastSeq(conversation: Conversation): number {
  return conversation.messages.at(-1)?.seq ?? 0;
}

/** Loads an interaction's messages page by page, once, and again whenever the store says that they are stale. */
import { lastSeq, UNREAD_CONVERSATION, type Conversation } from "@/state/conversation";
import { api } from "@/wire/api";
import { messagesCame } from "./session";
import { change, now } from "./store";

const PAGES_MAX = 40;

export async function loadConversation(interactionId: string): Promise<void> {
  setLoad(interactionId, "loading");
  try {
    let after = 0;
    for (let page = 0; page < PAGES_MAX; page++) {
      const { items, last_seq } = await api.messages(interactionId, after);
      change((state) => messagesCame(state, interactionId, items));
      after = items.at(-1)?.seq ?? last_seq;
      if (items.length === 0 || after >= last_seq) break;
    }
    if (of(interactionId).load === "loading") setLoad(interactionId, "ready");
  } catch {
    setLoad(interactionId, "failed");
  }
}

export function newestSeq(interactionId: string): number {
  return lastSeq(of(interactionId));
}

function of(interactionId: string): Conversation {
  return now().conversations[interactionId] ?? UNREAD_CONVERSATION;
}

function setLoad(interactionId: string, load: Conversation["load"]): void {
  change(({ conversations }) => ({
    conversations: { ...conversations, [interactionId]: { ...(conversations[interactionId] ?? UNREAD_CONVERSATION), load } },
  }));
}

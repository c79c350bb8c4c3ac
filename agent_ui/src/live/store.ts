/** The only module that knows the state library: the pure states of `state/` in one store, with selectors for React. */
import { create } from "zustand";
import { type Conversation, UNREAD_CONVERSATION } from "@/state/conversation";
import { type Draft, type Drafts, EMPTY_DRAFT } from "@/state/drafts";
import { type Live, NOTHING } from "@/state/live";
import type { Unsent, UnsentMessage } from "@/state/unsent";
import type { LinkState } from "@/wire/link";
import type { Board, ContactView, Me } from "@/wire/protocol.gen";

export interface Console {
  readonly me: Me | null;
  readonly link: LinkState;
  /** False until the first answer to `hello`: then panes show skeletons, not emptiness. */
  readonly everLive: boolean;
  readonly live: Live;
  /** By interaction_id. */
  readonly conversations: Readonly<Record<string, Conversation>>;
  readonly drafts: Drafts;
  readonly unsent: Unsent;
  readonly selected: string | null;
  readonly board: { readonly board: Board; readonly came_at_ms: number } | null;
  /** Commands under way, by a name such as "accept:OFFER". */
  readonly busy: ReadonlySet<string>;
}

export const BLANK: Console = {
  me: null,
  link: "connecting",
  everLive: false,
  live: NOTHING,
  conversations: {},
  drafts: {},
  unsent: [],
  selected: null,
  board: null,
  busy: new Set(),
};

export const useConsole = create<Console>()(() => BLANK);

export function change(how: (now: Console) => Partial<Console>): void {
  useConsole.setState((now) => how(now));
}

export function now(): Console {
  return useConsole.getState();
}

export function selectedContact(state: Console): ContactView | null {
  return state.live.contacts.find((each) => each.contact_id === state.selected) ?? null;
}

export function useMe(): Me {
  const me = useConsole((state) => state.me);
  if (me === null) throw new Error("used outside a session");
  return me;
}

/** Actions are allowed only while what is shown is true. */
export function useIsLive(): boolean {
  return useConsole((state) => state.link === "live");
}

export function useConversation(interactionId: string): Conversation {
  return useConsole((state) => state.conversations[interactionId] ?? UNREAD_CONVERSATION);
}

export function useDraft(contactId: string): Draft {
  return useConsole((state) => state.drafts[contactId] ?? EMPTY_DRAFT);
}

const NONE: readonly UnsentMessage[] = [];
const byContact = new WeakMap<Unsent, Map<string, readonly UnsentMessage[]>>();

export function useUnsent(contactId: string): readonly UnsentMessage[] {
  return useConsole((state) => unsentOf(state.unsent, contactId));
}

/** Cached per list, so that a selector gives the same array for the same state. */
function unsentOf(unsent: Unsent, contactId: string): readonly UnsentMessage[] {
  if (unsent.length === 0) return NONE;
  let groups = byContact.get(unsent);
  if (groups === undefined) {
    groups = new Map();
    for (const each of unsent) groups.set(each.contact_id, [...(groups.get(each.contact_id) ?? []), each]);
    byContact.set(unsent, groups);
  }
  return groups.get(contactId) ?? NONE;
}

/** A logged-in session: socket and store joined. Starts on log-in, ends on log-out or when the hub refuses it. */
import i18next from "i18next";
import { io } from "socket.io-client";
import { nameOf } from "@/i18n/names";
import { UNREAD_CONVERSATION, withMessages } from "@/state/conversation";
import { apply, fromSnapshot, type Live, prune, withNotice } from "@/state/live";
import { reselected, reselectedFresh } from "@/state/selection";
import { confirmed, rearmed } from "@/state/unsent";
import { api } from "@/wire/api";
import { ApiError, newId } from "@/wire/http";
import { Link, type LinkListener, type LinkSocket, type LinkState } from "@/wire/link";
import type { ConsoleEvent, Me, MessageView, OfferEnded } from "@/wire/protocol.gen";
import { serverNow, setServerNow } from "./clock";
import { keep, kept, tabId } from "./keep";
import { sendWaiting } from "./outgoing";
import { BLANK, change, type Console, useConsole } from "./store";

let link: Link | null = null;
let stopKeeping: (() => void) | null = null;
let pruning: ReturnType<typeof setInterval> | undefined;

export function startSession(me: Me): void {
  endSession();
  change(() => ({
    ...BLANK,
    me,
    drafts: kept(`rapport.drafts.${me.agent_id}`, BLANK.drafts),
    unsent: rearmed(kept(`rapport.unsent.${me.agent_id}`, BLANK.unsent)),
    selected: kept(`rapport.selected.${me.agent_id}`, BLANK.selected),
  }));
  stopKeeping = keepChanges(me.agent_id);
  pruning = setInterval(() => change(({ live }) => ({ live: prune(live, serverNow()) })), 1_000);
  link = new Link(openSocket(), listener, tabId(newId));
  link.open();
}

export function endSession(): void {
  stopKeeping?.();
  stopKeeping = null;
  clearInterval(pruning);
  link?.close();
  link = null;
  change(() => BLANK);
}

export function offerDelivered(offerId: string): void {
  link?.offerDelivered(offerId);
}

export function customerSeesTyping(contactId: string): void {
  link?.typing(contactId);
}

export function watchBoard(on: boolean): void {
  link?.watchBoard(on);
}

const listener: LinkListener = {
  stateChanged(state: LinkState) {
    change((before) => ({ link: state, everLive: before.everLive || state === "live" }));
    if (state === "live") sendWaiting();
  },
  snapshotCame(answer) {
    setServerNow(answer.now_at_ms);
    change(({ live, conversations, unsent, selected }) => ({
      live: fromSnapshot(answer.snapshot, live, answer.now_at_ms),
      selected: reselectedFresh(selected, answer.snapshot.contacts),
      // What happened to messages meanwhile is not in a snapshot: what is shown is loaded again.
      conversations: Object.fromEntries(
        Object.entries(conversations).map(([id, each]) => [id, { ...each, load: "stale" as const }]),
      ),
      unsent: rearmed(unsent),
    }));
  },
  eventsCame(events, serverTime) {
    if (serverTime !== null) setServerNow(serverTime);
    const at = serverNow();
    change((before) => events.reduce((state, event) => ({ ...state, ...step(state, event, at) }), before));
  },
  boardCame(board) {
    change(() => ({ board: { board, came_at_ms: serverNow() } }));
  },
  refused() {
    void checkSession();
  },
};

type Before = Pick<Console, "live" | "conversations" | "unsent" | "selected">;

function step(state: Before, event: ConsoleEvent, at: number): Partial<Before> {
  const live = apply(state.live, event, at);
  if (event.type === "offer.ended") return offerEnded(state, live, event);
  if (event.type === "contact.changed") {
    return { live, selected: reselected(state.selected, state.live.contacts, live.contacts) };
  }
  if (event.type !== "message.added") return { live };
  return { live, ...messagesCame(state, event.message.interaction_id, [event.message]) };
}

/** A call that was answered on the phone comes to the front; an offer that went by itself is explained. */
function offerEnded(state: Before, live: Live, event: OfferEnded): Partial<Before> {
  const ended = state.live.offers.find((each) => each.offer.offer_id === event.offer_id);
  if (ended === undefined) return { live };
  const { contact } = ended.offer;
  switch (event.reason) {
    case "accepted":
      return contact.channel === "voice" ? { live, selected: contact.contact_id } : { live };
    case "withdrawn":
    case "rescinded":
    case "setup_failed": {
      const text = { "": `${nameOf(contact)}: ${i18next.t(`offer.${event.reason}`)}` };
      return { live: withNotice(live, { type: "notice", level: "info", code: event.offer_id, text }) };
    }
    default:
      return { live };
  }
}

/** Put messages where they belong, and let go of our own unsent copies of them. */
export function messagesCame(
  state: Pick<Before, "conversations" | "unsent">,
  interactionId: string,
  messages: readonly MessageView[],
): Pick<Before, "conversations" | "unsent"> {
  const conversation = state.conversations[interactionId] ?? UNREAD_CONVERSATION;
  return {
    conversations: { ...state.conversations, [interactionId]: withMessages(conversation, messages) },
    unsent: confirmed(state.unsent, messages),
  };
}

/** The socket was refused: end the session when the hub says that nobody is logged in. */
async function checkSession(): Promise<void> {
  try {
    await api.me();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) endSession();
  }
}

function keepChanges(agentId: string): () => void {
  return useConsole.subscribe((state, before) => {
    if (state.me?.agent_id !== agentId) return;
    if (state.drafts !== before.drafts) keep(`rapport.drafts.${agentId}`, state.drafts);
    if (state.unsent !== before.unsent) keep(`rapport.unsent.${agentId}`, state.unsent);
    if (state.selected !== before.selected) keep(`rapport.selected.${agentId}`, state.selected);
  });
}

function openSocket(): LinkSocket {
  const socket = io("/console", {
    transports: ["websocket"],
    autoConnect: false,
    forceNew: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
    randomizationFactor: 0.5,
    timeout: 8_000,
  });
  return {
    get connected() {
      return socket.connected;
    },
    connect: () => socket.connect(),
    disconnect: () => socket.disconnect(),
    on: (name: string, handler: (...values: never[]) => void) => socket.on(name, handler as (...values: unknown[]) => void),
    emit: (name, body) => socket.emit(name, body),
    ask: (name, body, deadlineMs) => socket.timeout(deadlineMs).emitWithAck(name, body) as Promise<unknown>,
  };
}

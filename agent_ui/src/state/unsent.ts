/**
 * Messages that the agent has sent and the hub has not yet shown back: kept over reloads, repeated with the same
 * `client_id`, so that each arrives exactly once. Pure.
 */
import type { MessageView } from "@/wire/protocol.gen";

export interface UnsentMessage {
  readonly client_id: string;
  readonly contact_id: string;
  readonly interaction_id: string;
  readonly text: string;
  readonly note: boolean;
  readonly at_ms: number;
  /** `waiting`: try when live. `sending`: under way. `taken`: the hub has it, its message is on the way. `refused`: it said no. */
  readonly state: "waiting" | "sending" | "taken" | "refused";
  readonly error: string;
}

export type Unsent = readonly UnsentMessage[];

export function queued(unsent: Unsent, message: Omit<UnsentMessage, "state" | "error">): Unsent {
  return [...unsent, { ...message, state: "waiting", error: "" }];
}

export function marked(unsent: Unsent, clientId: string, state: UnsentMessage["state"], error = ""): Unsent {
  return unsent.map((each) => (each.client_id === clientId ? { ...each, state, error } : each));
}

export function dropped(unsent: Unsent, clientId: string): Unsent {
  return unsent.filter((each) => each.client_id !== clientId);
}

/** The hub's own copy has come: ours is done. */
export function confirmed(unsent: Unsent, messages: readonly MessageView[]): Unsent {
  const seen = new Set(messages.map((message) => message.client_id).filter((clientId) => clientId !== ""));
  if (seen.size === 0 || !unsent.some((each) => seen.has(each.client_id))) return unsent;
  return unsent.filter((each) => !seen.has(each.client_id));
}

/** After a reload or reconnect nobody knows what became of a send under way: do it again, same id. */
export function rearmed(unsent: Unsent): Unsent {
  return unsent.map((each) => (each.state === "sending" || each.state === "taken" ? { ...each, state: "waiting" } : each));
}

/** The next message to send: strictly one at a time per contact, in the order in which they were written. */
export function nextToSend(unsent: Unsent): UnsentMessage | undefined {
  const busy = new Set(unsent.filter((each) => each.state === "sending").map((each) => each.contact_id));
  return unsent.find((each) => each.state === "waiting" && !busy.has(each.contact_id));
}

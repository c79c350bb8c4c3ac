/** What the telephone inside the console is, as one value, and the two questions that decide over a call. Pure. */
import type { ContactView } from "@/wire/protocol.gen";

/** Why there is no microphone: refused in this browser, none plugged in, or the page came without https. */
export type Trouble = "blocked" | "missing" | "insecure";

export type PhoneState =
  /** This agent has no telephone in the console. */
  | "absent"
  /** The microphone was not asked for yet: that happens when the agent becomes Available. */
  | "unchecked"
  | "no_microphone"
  /** Another tab of this browser is the telephone. */
  | "elsewhere"
  | "connecting"
  | "ready"
  /** It was ready, and the telephone system cannot be reached now. */
  | "lost";

export interface PhoneView {
  readonly state: PhoneState;
  readonly trouble: Trouble | null;
  /** The call that is talked on here. */
  readonly call: { readonly contactId: string; readonly muted: boolean } | null;
  /** The other tab said that it is on a call. */
  readonly refused: boolean;
}

export const ABSENT: PhoneView = { state: "absent", trouble: null, call: null, refused: false };

/** Is this the call of a contact that the agent has accepted, in whichever tab? Only then it is answered. */
export function isAccepted(contacts: readonly ContactView[], contactId: string): boolean {
  return contacts.some(
    (each) => each.contact_id === contactId && (each.state === "connecting" || each.state === "active"),
  );
}

/** The n-th wait before trying again: doubling, capped, spread by `share` (0 to 1) so that a floor does not come at once. */
export function backoffMs(attempt: number, share: number): number {
  const whole = Math.min(30_000, 1_500 * 2 ** attempt);
  return Math.round(whole * (0.5 + share / 2));
}

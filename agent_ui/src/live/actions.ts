/** What an agent can do, as plain calls: each sends one command, shows that it is under way, and tells when it failed. */
import { withDraft, withoutDraft, type Draft } from "@/state/drafts";
import { withNotice, withoutNotice } from "@/state/live";
import { problemText } from "@/i18n/i18n";
import { api } from "@/wire/api";
import { ApiError } from "@/wire/http";
import type { Notice, OfferView, PresenceRequest } from "@/wire/protocol.gen";
import { serverNow } from "./clock";
import { endSession } from "./session";
import { change, now } from "./store";

export const setPresence = (body: PresenceRequest) => run("presence", () => api.setPresence(body));
export const rejectOffer = (offerId: string) => run(`offer:${offerId}`, () => api.rejectOffer(offerId, {}));
export const endContact = (contactId: string) => run(`end:${contactId}`, () => api.end(contactId));
export const hold = (contactId: string, on: boolean) => run(`hold:${contactId}`, () => api.hold(contactId, on));

/** Accepting brings the contact to the front. */
export async function acceptOffer(offer: OfferView): Promise<void> {
  const done = await run(`offer:${offer.offer_id}`, () => api.acceptOffer(offer.offer_id));
  if (done) select(offer.contact.contact_id);
}

export async function wrapUp(contactId: string, disposition: string, note: string): Promise<void> {
  const done = await run(`wrap-up:${contactId}`, () => api.wrapUp(contactId, { disposition, note }));
  if (done) change(({ drafts }) => ({ drafts: withoutDraft(drafts, contactId) }));
}

/** Reading is told once per message; a failure is silent, the next message tells it again. */
export function markRead(contactId: string, seq: number): void {
  api.markRead(contactId, seq).catch(() => undefined);
}

export async function logOut(): Promise<void> {
  await api.logout().catch(() => undefined);
  endSession();
}

export function select(contactId: string | null): void {
  change(() => ({ selected: contactId }));
}

export function draft(contactId: string, part: Partial<Omit<Draft, "at_ms">>): void {
  change(({ drafts }) => ({ drafts: withDraft(drafts, contactId, part, serverNow()) }));
}

export function notify(level: Notice["level"], code: string, text: string): void {
  change(({ live }) => ({ live: withNotice(live, { type: "notice", level, code, text: { "": text } }) }));
}

export function dismissNotice(id: number): void {
  change(({ live }) => ({ live: withoutNotice(live, id) }));
}

/** Do one command under a name; a second click while it runs does nothing. True when the hub did it. */
async function run(name: string, what: () => Promise<unknown>): Promise<boolean> {
  if (now().busy.has(name)) return false;
  change(({ busy }) => ({ busy: new Set([...busy, name]) }));
  try {
    await what();
    return true;
  } catch (error) {
    failed(error);
    return false;
  } finally {
    change(({ busy }) => ({ busy: new Set([...busy].filter((each) => each !== name)) }));
  }
}

function failed(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 401) endSession();
  else notify("error", error.code, problemText(error));
}

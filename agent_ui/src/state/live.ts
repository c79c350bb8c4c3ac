/**
 * What is live on a console, as one value: presence, offers, contacts, who types, notices.
 *
 * Pure: `fromSnapshot` starts it, `apply` moves it by one event, `prune` lets time pass. Snapshot + later events =
 * fresh snapshot. Instants are on the hub's clock; the caller says what time it is there. Messages are in
 * conversation.ts.
 */
import type { ConsoleEvent, ContactView, Notice, OfferView, PresenceView, Snapshot } from "@/wire/protocol.gen";

export interface LiveOffer {
  readonly offer: OfferView;
  /** When the ring ends, on the hub's clock as this console knows it. */
  readonly expires_at_ms: number;
}

export interface LiveNotice extends Notice {
  readonly id: number;
}

export interface Live {
  readonly presence: PresenceView | null;
  /** Oldest first. */
  readonly offers: readonly LiveOffer[];
  /** In the order in which they came to this agent. */
  readonly contacts: readonly ContactView[];
  /** contact_id -> instant until which the customer is shown as typing. */
  readonly typing: Readonly<Record<string, number>>;
  readonly notices: readonly LiveNotice[];
  readonly noticeCount: number;
}

const TYPING_SHOWN_MS = 4_000;
const NOTICES_MAX = 4;

export const NOTHING: Live = { presence: null, offers: [], contacts: [], typing: {}, notices: [], noticeCount: 0 };

export function fromSnapshot(snapshot: Snapshot, before: Live, nowMs: number): Live {
  return {
    ...NOTHING,
    notices: before.notices,
    noticeCount: before.noticeCount,
    presence: snapshot.presence,
    offers: snapshot.offers.map((offer) => timed(offer, nowMs)),
    contacts: snapshot.contacts.filter(isHere),
  };
}

export function apply(live: Live, event: ConsoleEvent, nowMs: number): Live {
  switch (event.type) {
    case "offer.created":
      return { ...live, offers: replaceBy(live.offers, timed(event.offer, nowMs), (each) => each.offer.offer_id) };
    case "offer.ended":
      return { ...live, offers: live.offers.filter((each) => each.offer.offer_id !== event.offer_id) };
    case "contact.changed":
      return {
        ...live,
        contacts: withContact(live.contacts, event.contact),
        typing: event.contact.state === "active" ? live.typing : without(live.typing, event.contact.contact_id),
      };
    case "message.added":
      return event.message.author === "customer" ? { ...live, typing: without(live.typing, event.contact_id) } : live;
    case "presence.changed":
      return { ...live, presence: event.presence };
    case "typing":
      return { ...live, typing: { ...live.typing, [event.contact_id]: nowMs + TYPING_SHOWN_MS } };
    case "notice":
      return withNotice(live, event);
    default:
      return unknownEvent(event, live);
  }
}

/** Forget what time has ended. An offer stays until the hub ends it: only the hub decides. */
export function prune(live: Live, nowMs: number): Live {
  const over = Object.entries(live.typing).filter(([, until]) => until <= nowMs);
  if (over.length === 0) return live;
  return { ...live, typing: over.reduce((typing, [contactId]) => without(typing, contactId), live.typing) };
}

export function withNotice(live: Live, notice: Notice): Live {
  const id = live.noticeCount + 1;
  const kept = live.notices.filter((each) => each.code !== notice.code || each.code === "");
  return { ...live, noticeCount: id, notices: [...kept, { ...notice, id }].slice(-NOTICES_MAX) };
}

export function withoutNotice(live: Live, id: number): Live {
  return { ...live, notices: live.notices.filter((each) => each.id !== id) };
}

function timed(offer: OfferView, nowMs: number): LiveOffer {
  return { offer, expires_at_ms: nowMs + offer.expires_in_ms };
}

/** In these states a contact is on its agent's console; in any other it has left it. */
const HERE: readonly ContactView["state"][] = ["connecting", "active", "parked", "wrap_up"];

function isHere(contact: ContactView): boolean {
  return HERE.includes(contact.state);
}

function withContact(contacts: readonly ContactView[], contact: ContactView): readonly ContactView[] {
  if (isHere(contact)) return replaceBy(contacts, contact, (each) => each.contact_id);
  return contacts.filter((each) => each.contact_id !== contact.contact_id);
}

function replaceBy<T>(items: readonly T[], item: T, key: (item: T) => string): readonly T[] {
  const at = items.findIndex((each) => key(each) === key(item));
  return at < 0 ? [...items, item] : items.with(at, item);
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
}

/** The compiler proves that no event is forgotten above; a newer hub's event is passed over. */
function unknownEvent(_event: never, live: Live): Live {
  return live;
}

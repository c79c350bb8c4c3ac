/** Wire values for tests: complete, plain, each overridable. */
import type { ContactView, MessageView, OfferView, PresenceView, Snapshot } from "@/wire/protocol.gen";

export function contact(id: string, change: Partial<ContactView> = {}): ContactView {
  return {
    contact_id: id,
    interaction_id: `i-${id}`,
    channel: "chat",
    state: "active",
    queue_id: "q",
    queue_name: "General",
    subject: "",
    address: "visitor",
    answers: {},
    enqueued_at_ms: 1,
    state_since_at_ms: 1,
    wrap_up_until_at_ms: null,
    held: false,
    unread: 0,
    last_seq: 0,
    last_text: "",
    card: {
      customer_id: `c-${id}`,
      name: "Avery",
      known: true,
      language: "en",
      addresses: [],
      customer_since_at_ms: null,
      score: { value: 50, loyalty: 50, tier: "none", head_start_ms: 0, neutral: true, computed_at_ms: 1, value_parts: [], loyalty_parts: [] },
      open_matters: [],
      last_interactions: [],
    },
    ...change,
  };
}

export function offer(id: string, change: Partial<OfferView> = {}): OfferView {
  return { offer_id: id, contact: contact(`of-${id}`, { state: "offered" }), expires_in_ms: 20_000, ring_ms: 20_000, waited_ms: 0, skills: [], why: {}, ...change };
}

export function presence(change: Partial<PresenceView> = {}): PresenceView {
  return { agent_id: "a", presence: "available", code: "", since_at_ms: 1, cause: "agent", wrap_up: false, phone_reachable: false, load_units: 0, capacity_units: 4, ...change };
}

export function message(seq: number, change: Partial<MessageView> = {}): MessageView {
  return {
    message_id: `m-${seq}`,
    interaction_id: "i-1",
    seq,
    author: "customer",
    author_name: "",
    channel: "chat",
    text: `text ${seq}`,
    new_text: "",
    html: "",
    subject: "",
    at_ms: seq,
    delivery: "",
    delivery_detail: "",
    attachments: [],
    client_id: "",
    ...change,
  };
}

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return { presence: presence(), offers: [], contacts: [], ...change };
}

import { describe, expect, it } from "vitest";
import type { ConsoleEvent } from "@/wire/protocol.gen";
import { apply, fromSnapshot, NOTHING, prune, type Live } from "./live";
import { contact, message, offer, presence, snapshot } from "./samples";

const NOW = 1_000_000;

function after(start: Live, ...events: ConsoleEvent[]): Live {
  return events.reduce((live, event) => apply(live, event, NOW), start);
}

describe("snapshot law", () => {
  it("gives the same console by events as by a fresh snapshot", () => {
    const old = fromSnapshot(snapshot({ contacts: [contact("1"), contact("2")], offers: [offer("a")] }), NOTHING, NOW);
    const byEvents = after(
      old,
      { type: "offer.ended", offer_id: "a", reason: "accepted" },
      { type: "contact.changed", contact: contact("3") },
      { type: "contact.changed", contact: contact("1", { state: "wrap_up" }) },
      { type: "contact.changed", contact: contact("2", { state: "closed" }) },
      { type: "offer.created", offer: offer("b") },
      { type: "presence.changed", presence: presence({ wrap_up: true }) },
    );
    const fresh = fromSnapshot(
      snapshot({
        presence: presence({ wrap_up: true }),
        contacts: [contact("1", { state: "wrap_up" }), contact("3")],
        offers: [offer("b")],
      }),
      NOTHING,
      NOW,
    );
    expect(byEvents).toEqual(fresh);
  });

  it("keeps notices, which no snapshot carries, and drops what was typed about", () => {
    const before = after(
      NOTHING,
      { type: "notice", level: "error", code: "x", text: { en: "No." } },
      { type: "typing", contact_id: "1" },
    );
    const live = fromSnapshot(snapshot(), before, NOW);
    expect(live.notices).toHaveLength(1);
    expect(live.typing).toEqual({});
  });

  it.each(["abandoned", "voicemail", "turned_away", "callback"] as const)("leaves a contact out that is %s", (state) => {
    const live = fromSnapshot(snapshot({ contacts: [contact("1", { state })] }), NOTHING, NOW);
    expect(live.contacts).toEqual([]);
  });

  it("lets go of a contact that is back in line, and keeps one that is parked", () => {
    const before = fromSnapshot(snapshot({ contacts: [contact("1"), contact("2")] }), NOTHING, NOW);
    const live = after(
      before,
      { type: "contact.changed", contact: contact("1", { state: "queued" }) },
      { type: "contact.changed", contact: contact("2", { state: "parked" }) },
    );
    expect(live.contacts.map((each) => [each.contact_id, each.state])).toEqual([["2", "parked"]]);
  });
});

describe("offers", () => {
  it("are counted down from when they came", () => {
    const live = after(NOTHING, { type: "offer.created", offer: offer("a", { expires_in_ms: 5_000 }) });
    expect(live.offers[0]?.expires_at_ms).toBe(NOW + 5_000);
  });

  it("are not doubled by a repeated event, and a repeat restarts the countdown", () => {
    const once = after(NOTHING, { type: "offer.created", offer: offer("a") });
    const twice = apply(once, { type: "offer.created", offer: offer("a", { expires_in_ms: 8_000 }) }, NOW + 2_000);
    expect(twice.offers).toHaveLength(1);
    expect(twice.offers[0]?.expires_at_ms).toBe(NOW + 10_000);
  });

  it("stay when their time is over: only the hub ends them", () => {
    const live = after(NOTHING, { type: "offer.created", offer: offer("a", { expires_in_ms: 1 }) });
    expect(prune(live, NOW + 60_000).offers).toHaveLength(1);
  });
});

describe("contacts", () => {
  it("keep their place in the list when they change", () => {
    const live = after(
      NOTHING,
      { type: "contact.changed", contact: contact("1") },
      { type: "contact.changed", contact: contact("2") },
      { type: "contact.changed", contact: contact("1", { unread: 3 }) },
    );
    expect(live.contacts.map((each) => [each.contact_id, each.unread])).toEqual([["1", 3], ["2", 0]]);
  });
});

describe("typing", () => {
  const typing = after(NOTHING, { type: "typing", contact_id: "1" });

  it("is shown for four seconds", () => {
    expect(prune(typing, NOW + 3_999).typing).toHaveProperty("1");
    expect(prune(typing, NOW + 4_000).typing).toEqual({});
  });

  it("ends with the customer's message, not with the agent's own", () => {
    expect(after(typing, { type: "message.added", contact_id: "1", message: message(1, { author: "agent" }) }).typing).toHaveProperty("1");
    expect(after(typing, { type: "message.added", contact_id: "1", message: message(1) }).typing).toEqual({});
  });

  it("ends with the contact", () => {
    expect(after(typing, { type: "contact.changed", contact: contact("1", { state: "wrap_up" }) }).typing).toEqual({});
  });
});

describe("notices", () => {
  it("replace an earlier one of the same code and are at most four", () => {
    const codes = ["a", "a", "b", "c", "d", "e"];
    const live = after(NOTHING, ...codes.map((code): ConsoleEvent => ({ type: "notice", level: "info", code, text: {} })));
    expect(live.notices.map((each) => each.code)).toEqual(["b", "c", "d", "e"]);
  });
});

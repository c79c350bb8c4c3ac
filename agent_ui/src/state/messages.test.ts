import { describe, expect, it } from "vitest";
import { lastSeq, UNREAD_CONVERSATION, withMessages } from "./conversation";
import { EMPTY_DRAFT, withDraft, withoutDraft, type Drafts } from "./drafts";
import { message } from "./samples";
import { confirmed, marked, nextToSend, queued, rearmed, type Unsent } from "./unsent";

describe("conversation", () => {
  it("is the same whichever way pages and events overtake each other", () => {
    const page = [message(1), message(2), message(3)];
    const changed = message(2, { delivery: "delivered" });
    const one = withMessages(withMessages(UNREAD_CONVERSATION, page), [changed, message(4)]);
    const other = withMessages(withMessages(withMessages(UNREAD_CONVERSATION, [message(4)]), page), [changed]);
    expect(one).toEqual(other);
    expect(one.messages.map((each) => each.seq)).toEqual([1, 2, 3, 4]);
    expect(lastSeq(one)).toBe(4);
  });
});

describe("unsent messages", () => {
  const written = { contact_id: "1", interaction_id: "i-1", text: "hello", note: false, at_ms: 1 };
  const two: Unsent = queued(queued([], { ...written, client_id: "a" }), { ...written, client_id: "b" });

  it("are sent one at a time per contact, in order", () => {
    expect(nextToSend(two)?.client_id).toBe("a");
    const sending = marked(two, "a", "sending");
    expect(nextToSend(sending)).toBeUndefined();
    const other = queued(sending, { ...written, contact_id: "2", client_id: "c" });
    expect(nextToSend(other)?.client_id).toBe("c");
    expect(nextToSend(marked(sending, "a", "taken"))?.client_id).toBe("b");
  });

  it("go when the hub's own copy comes, and only then", () => {
    expect(confirmed(two, [message(1, { client_id: "a" })]).map((each) => each.client_id)).toEqual(["b"]);
    expect(confirmed(two, [message(1)])).toBe(two);
  });

  it("are tried again after a reload with the same id; a refused one waits for the agent", () => {
    const state = marked(marked(two, "a", "sending"), "b", "refused", "too long");
    expect(rearmed(state).map((each) => [each.client_id, each.state])).toEqual([["a", "waiting"], ["b", "refused"]]);
    expect(nextToSend(rearmed(state))?.client_id).toBe("a");
  });
});

describe("drafts", () => {
  it("keep reply and note apart, per contact", () => {
    const drafts = withDraft(withDraft({}, "1", { reply: "yes" }, 1), "1", { note: "vip" }, 2);
    expect(drafts["1"]).toEqual({ ...EMPTY_DRAFT, reply: "yes", note: "vip", at_ms: 2 });
    expect(withoutDraft(drafts, "1")).toEqual({});
  });

  it("are at most fifty: the oldest goes", () => {
    let drafts: Drafts = {};
    for (let index = 1; index <= 51; index++) drafts = withDraft(drafts, `c${index}`, { reply: "x" }, index);
    expect(Object.keys(drafts)).toHaveLength(50);
    expect(drafts).not.toHaveProperty("c1");
  });
});

import { describe, expect, it } from "vitest";
import { isBehind, type Line, lengthOf, NOTHING_SAID, type Outgoing, synced, unseen, wellFormed } from "./conversation";

const line = (seq: number, text = `line ${seq}`): Line => ({ seq, author: "agent", name: "Mia", text, at_ms: seq, client_id: `c${seq}` });
const answer = (items: Line[], last_seq: number, conversation = "one") => ({
  conversation,
  state: "active" as const,
  agent_name: "Mia",
  last_seq,
  items,
});
const seqs = (lines: readonly Line[]): number[] => lines.map((one) => one.seq);

describe("synced", () => {
  it("shows each line once and in order, whatever overlaps", () => {
    const first = synced(NOTHING_SAID, answer([line(1), line(2)], 2));
    const again = synced(first.conversation, answer([line(1), line(2), line(3)], 3));
    expect(seqs(again.conversation.lines)).toEqual([1, 2, 3]);
    expect(again.complete).toBe(true);
  });

  it("leaves out what comes after a gap and asks again", () => {
    const { conversation, complete } = synced(NOTHING_SAID, answer([line(1), line(3)], 3));
    expect(seqs(conversation.lines)).toEqual([1]);
    expect(complete).toBe(false);
  });

  it("starts over when it is another conversation", () => {
    const old = synced(NOTHING_SAID, answer([line(1), line(2)], 2)).conversation;
    const next = synced(old, answer([line(1, "new")], 1, "two")).conversation;
    expect(next.lines.map((one) => one.text)).toEqual(["new"]);
    expect(next.id).toBe("two");
  });

  it("keeps the same list when nothing is new", () => {
    const before = synced(NOTHING_SAID, answer([line(1)], 1)).conversation;
    expect(synced(before, answer([], 1)).conversation.lines).toBe(before.lines);
  });

  it("survives any order of pages of 200", () => {
    const all = Array.from({ length: 450 }, (_, index) => line(index + 1));
    let conversation = NOTHING_SAID;
    for (const [from, to] of [[200, 400], [0, 200], [0, 200], [200, 400], [400, 450]] as const) {
      conversation = synced(conversation, answer(all.slice(from, to), 450)).conversation;
    }
    expect(seqs(conversation.lines)).toEqual(seqs(all));
  });
});

describe("isBehind", () => {
  const conversation = synced(NOTHING_SAID, answer([line(1)], 1)).conversation;
  it("is so when the hub has more, or another conversation", () => {
    expect(isBehind(conversation, answer([], 1))).toBe(false);
    expect(isBehind(conversation, answer([], 2))).toBe(true);
    expect(isBehind(conversation, answer([], 1, "two"))).toBe(true);
  });
});

describe("unseen", () => {
  it("is what has no line yet", () => {
    const outgoing = ["c1", "c9"].map((clientId): Outgoing => ({ clientId, text: "", answers: {}, status: "sent", reason: "" }));
    expect(unseen(outgoing, [line(1)]).map((one) => one.clientId)).toEqual(["c9"]);
  });
});

describe("text", () => {
  it("is counted in characters as the hub counts them", () => {
    expect(lengthOf("a😀界")).toBe(3);
    expect(lengthOf("\ud83d")).toBe(1);
  });

  it("is freed of halves of characters and of nothing else", () => {
    expect(wellFormed("a\ud83d b\ude00 😀")).toBe("a\ufffd b\ufffd 😀");
  });
});

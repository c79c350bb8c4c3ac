import { expect, it } from "vitest";
import type { Item } from "./api";
import { merged } from "./inbox";

const item = (seq: number): Item => ({
  seq,
  channel: "sms",
  direction: "sent",
  address: "",
  other: "",
  text: "",
  at_ms: 0,
  subject: "",
  message_id: "",
  reply_to: "",
});

it("holds each item once, in order, and not more than it may", () => {
  expect(merged([item(1), item(3)], [item(2), item(3)]).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  const many = Array.from({ length: 900 }, (_, index) => item(index + 1));
  expect(merged([], many)).toHaveLength(400);
  expect(merged([], many).at(-1)?.seq).toBe(900);
});

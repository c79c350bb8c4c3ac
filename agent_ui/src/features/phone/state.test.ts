import { expect, test } from "vitest";
import { contact } from "@/state/samples";
import { backoffMs, isAccepted } from "./state";

test("only the call of an accepted contact is answered", () => {
  const contacts = [contact("a", { channel: "voice", state: "connecting" }), contact("b", { channel: "voice", state: "wrap_up" })];
  expect(isAccepted(contacts, "a")).toBe(true);
  expect(isAccepted(contacts, "b")).toBe(false);
  expect(isAccepted(contacts, "somebody else's")).toBe(false);
});

test("waits grow to half a minute and are spread", () => {
  expect([0, 1, 2].map((attempt) => backoffMs(attempt, 1))).toEqual([1_500, 3_000, 6_000]);
  expect(backoffMs(50, 1)).toBe(30_000);
  expect(backoffMs(50, 0)).toBe(15_000);
});

import { describe, expect, it } from "vitest";
import { contact } from "./samples";
import { reselected, reselectedFresh } from "./selection";

const [one, two] = [contact("1"), contact("2")];

describe("the contact in front", () => {
  it("stays whatever else comes or goes", () => {
    expect(reselected("1", [one], [one, two])).toBe("1");
    expect(reselected("1", [one, two], [one])).toBe("1");
  });

  it("gives its place to the newest one left", () => {
    expect(reselected("2", [one, two], [one])).toBe("1");
    expect(reselected("1", [one], [])).toBeNull();
  });

  it("is the first that comes to an empty desk", () => {
    expect(reselected(null, [], [one])).toBe("1");
  });

  it("may be one that was accepted and has not come yet", () => {
    expect(reselected("2", [one], [one])).toBe("2");
    expect(reselectedFresh("2", [one])).toBe("1");
  });
});

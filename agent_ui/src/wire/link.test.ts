import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contact, snapshot } from "@/state/samples";
import { Link, type LinkListener, type LinkSocket, type LinkState } from "./link";
import type { ConsoleEvent, Frame, HelloReplay, HelloSnapshot } from "./protocol.gen";

/** The transport with its far end in the test's hands. */
class Wire implements LinkSocket {
  connected = false;
  connects = 0;
  readonly hellos: { body: unknown; answer: (value: unknown) => void; fail: () => void }[] = [];
  readonly sent: [string, unknown][] = [];
  readonly #handlers = new Map<string, (value: never) => void>();

  connect(): void {
    this.connects++;
  }
  disconnect(): void {
    this.connected = false;
  }
  on(name: string, handler: (value: never) => void): void {
    this.#handlers.set(name, handler);
  }
  emit(name: string, body: unknown): void {
    this.sent.push([name, body]);
  }
  ask(_name: string, body: unknown): Promise<unknown> {
    return new Promise((answer, fail) => this.hellos.push({ body, answer, fail: () => fail(new Error("timeout")) }));
  }
  happens(name: string, value?: unknown): void {
    if (name === "connect") this.connected = true;
    if (name === "disconnect") this.connected = false;
    this.#handlers.get(name)?.(value as never);
  }
}

function event(id: number): ConsoleEvent {
  return { type: "contact.changed", contact: contact(String(id)) };
}
function frame(s: number): Frame {
  return { s, d: event(s) };
}
function snapshotAt(seq: number, epoch = "e1"): HelloSnapshot {
  return { type: "snapshot", epoch, seq, now_at_ms: 5, snapshot: snapshot() };
}
function replay(seq: number, ...frames: Frame[]): HelloReplay {
  return { type: "replay", epoch: "e1", seq, now_at_ms: 5, events: frames };
}

let wire: Wire;
let link: Link;
let states: LinkState[];
let applied: string[];
let refusals: string[];

beforeEach(() => {
  vi.useFakeTimers();
  wire = new Wire();
  states = [];
  applied = [];
  refusals = [];
  const listener: LinkListener = {
    stateChanged: (state) => states.push(state),
    snapshotCame: (answer) => applied.push(`snapshot ${answer.seq}`),
    eventsCame: (events) => {
      for (const each of events) if (each.type === "contact.changed") applied.push(each.contact.contact_id);
    },
    boardCame: () => undefined,
    refused: (code) => refusals.push(code),
  };
  link = new Link(wire, listener, "tab");
  link.open();
});
afterEach(() => {
  vi.useRealTimers();
});

async function answer(value: unknown): Promise<void> {
  wire.hellos.at(-1)?.answer(value);
  await vi.advanceTimersByTimeAsync(0);
}
async function live(seq = 10): Promise<void> {
  wire.happens("connect");
  await answer(snapshotAt(seq));
}

describe("connecting", () => {
  it("goes connecting > syncing > live and says hello from nothing", async () => {
    expect(link.state).toBe("connecting");
    await live();
    expect(states).toEqual(["syncing", "live"]);
    expect(wire.hellos[0]?.body).toEqual({ epoch: "", seq: 0, tab_id: "tab" });
    expect(applied).toEqual(["snapshot 10"]);
  });

  it("holds frames that overtake the answer and applies each once", async () => {
    wire.happens("connect");
    wire.happens("event", frame(10));
    wire.happens("event", frame(11));
    await answer(snapshotAt(10));
    expect(applied).toEqual(["snapshot 10", "11"]);
    expect(link.state).toBe("live");
  });

  it("asks again when no answer comes, and is not live meanwhile", async () => {
    wire.happens("connect");
    wire.hellos[0]?.fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(link.state).toBe("stale");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wire.hellos).toHaveLength(2);
    await answer(snapshotAt(3));
    expect(link.state).toBe("live");
  });
});

describe("events", () => {
  it("are applied in order, repeats dropped", async () => {
    await live();
    for (const s of [11, 11, 12, 10]) wire.happens("event", frame(s));
    expect(applied).toEqual(["snapshot 10", "11", "12"]);
  });

  it("ask again at a gap, from the last one applied, and apply nothing beyond it", async () => {
    await live();
    wire.happens("event", frame(11));
    wire.happens("event", frame(13));
    expect(link.state).toBe("syncing");
    expect(wire.hellos.at(-1)?.body).toEqual({ epoch: "e1", seq: 11, tab_id: "tab" });
    await answer(replay(13, frame(12), frame(13)));
    expect(applied).toEqual(["snapshot 10", "11", "12", "13"]);
    expect(link.state).toBe("live");
  });
});

describe("losing the connection", () => {
  it("is stale at once, then replays what was missed", async () => {
    await live();
    wire.happens("disconnect", "transport close");
    expect(link.state).toBe("stale");
    wire.happens("connect");
    await answer(replay(12, frame(11), frame(12)));
    expect(applied).toEqual(["snapshot 10", "11", "12"]);
    expect(link.state).toBe("live");
  });

  it("forgets an answer to a question of the lost connection", async () => {
    wire.happens("connect");
    const old = wire.hellos[0];
    wire.happens("disconnect", "transport close");
    old?.answer(snapshotAt(4));
    await vi.advanceTimersByTimeAsync(0);
    expect(applied).toEqual([]);
    expect(link.state).toBe("stale");
  });

  it("starts from the snapshot when the hub has another epoch", async () => {
    await live(500);
    wire.happens("disconnect", "transport close");
    wire.happens("connect");
    await answer(snapshotAt(2, "e2"));
    wire.happens("event", frame(3));
    expect(applied).toEqual(["snapshot 500", "snapshot 2", "3"]);
  });

  it("comes back by itself when the hub ends the connection", async () => {
    await live();
    wire.happens("disconnect", "io server disconnect");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(wire.connects).toBe(2);
  });

  it("does not come back once closed", async () => {
    await live();
    link.close();
    wire.happens("disconnect", "io server disconnect");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wire.connects).toBe(1);
  });
});

describe("asking the hub", () => {
  it("wants the board again after each reconnect", async () => {
    link.watchBoard(true);
    await live();
    wire.happens("disconnect", "transport close");
    wire.happens("connect");
    await answer(replay(10));
    expect(wire.sent.filter(([name]) => name === "board_watch")).toHaveLength(2);
  });

  it("tells when the session is over", async () => {
    wire.happens("connect");
    await answer({ type: "error", code: "unauthorised", detail: "" });
    expect(refusals).toEqual(["unauthorised"]);
    expect(link.state).toBe("stale");
  });
});

/**
 * The console's one socket to the hub: connecting > syncing > live > stale, for ever.
 *
 * Owns the question `hello` and the law of sequence numbers: an event is applied once and in order; a gap asks
 * again. What events mean is not known here. The socket itself is handed in, so the law runs without a network.
 */
import type { Board, Frame, Hello, HelloReplay, HelloSnapshot, SocketError } from "./protocol.gen";
import { advance, type Cursor, START } from "@/state/cursor";

export type LinkState = "connecting" | "syncing" | "live" | "stale";

/** The part of a socket.io client that the link needs. */
export interface LinkSocket {
  readonly connected: boolean;
  connect(): unknown;
  disconnect(): unknown;
  on(name: "connect", handler: () => void): unknown;
  on(name: "disconnect", handler: (reason: string) => void): unknown;
  on(name: "connect_error", handler: (error: Error) => void): unknown;
  on(name: "event", handler: (frame: Frame) => void): unknown;
  on(name: "board", handler: (board: Board) => void): unknown;
  emit(name: string, body: unknown): unknown;
  /** Resolves with the ack, rejects when none came in `deadlineMs`. */
  ask(name: string, body: unknown, deadlineMs: number): Promise<unknown>;
}

export interface LinkListener {
  stateChanged(state: LinkState): void;
  /** Everything before is void: start from this snapshot. */
  snapshotCame(answer: HelloSnapshot): void;
  /** Events to apply, in order, none twice. `serverNow` is set when the hub told its clock. */
  eventsCame(events: readonly Frame["d"][], serverNow: number | null): void;
  boardCame(board: Board): void;
  /** The hub refuses this session (log in again?). */
  refused(code: string): void;
}

const HELLO_DEADLINE_MS = 5_000;
const HELLO_RETRY_BASE_MS = 500;
const HELLO_RETRY_CAP_MS = 10_000;
const HELD_FRAMES_MAX = 1_000;

export class Link {
  #state: LinkState = "connecting";
  #cursor: Cursor = START;
  /** Frames that came while the answer to `hello` was under way. */
  #held: Frame[] = [];
  #asking = 0;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watchingBoard = false;
  #closed = false;

  constructor(
    private readonly socket: LinkSocket,
    private readonly listener: LinkListener,
    private readonly tabId: string,
  ) {
    socket.on("connect", () => this.#hello());
    socket.on("disconnect", (reason) => this.#lost(reason));
    socket.on("connect_error", (error) => this.#connectFailed(error));
    socket.on("event", (frame) => this.#frameCame(frame));
    socket.on("board", (board) => this.listener.boardCame(board));
  }

  get state(): LinkState {
    return this.#state;
  }

  open(): void {
    this.#closed = false;
    this.socket.connect();
  }

  close(): void {
    this.#closed = true;
    this.#asking++;
    clearTimeout(this.#retry);
    this.socket.disconnect();
  }

  /** Tell the hub that this console shows the offer. Lost when offline: the hub then asks the next agent. */
  offerDelivered(offerId: string): void {
    if (this.socket.connected) this.socket.emit("offer_delivered", { offer_id: offerId });
  }

  typing(contactId: string): void {
    if (this.#state === "live") this.socket.emit("typing", { contact_id: contactId });
  }

  /** Want board events (supervisors). Asked again after each reconnect. */
  watchBoard(on: boolean): void {
    this.#watchingBoard = on;
    if (this.#state === "live") this.socket.emit("board_watch", { on });
  }

  #become(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.listener.stateChanged(state);
  }

  #hello(): void {
    clearTimeout(this.#retry);
    const asking = ++this.#asking;
    this.#held = [];
    this.#become("syncing");
    const hello: Hello = { epoch: this.#cursor.epoch, seq: this.#cursor.seq, tab_id: this.tabId };
    this.socket.ask("hello", hello, HELLO_DEADLINE_MS).then(
      (answer) => asking === this.#asking && this.#answered(answer as HelloReplay | HelloSnapshot | SocketError),
      () => asking === this.#asking && this.#helloFailed(),
    );
  }

  #answered(answer: HelloReplay | HelloSnapshot | SocketError): void {
    switch (answer.type) {
      case "snapshot":
        this.#cursor = { epoch: answer.epoch, seq: answer.seq };
        this.listener.snapshotCame(answer);
        break;
      case "replay":
        if (!this.#apply(answer.events, answer.now_at_ms)) return;
        this.#cursor = { epoch: answer.epoch, seq: Math.max(answer.seq, this.#cursor.seq) };
        break;
      case "error":
        if (answer.code === "unauthorised") this.listener.refused(answer.code);
        this.#helloFailed();
        return;
    }
    this.#failures = 0;
    const held = this.#held;
    this.#held = [];
    this.#become("live");
    if (this.#watchingBoard) this.socket.emit("board_watch", { on: true });
    this.#apply(held, null);
  }

  #helloFailed(): void {
    this.#become("stale");
    const wait = Math.min(HELLO_RETRY_CAP_MS, HELLO_RETRY_BASE_MS * 2 ** this.#failures++);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.socket.connected) this.#hello();
    }, wait * (0.5 + Math.random() / 2));
  }

  #frameCame(frame: Frame): void {
    if (this.#state === "live") {
      this.#apply([frame], null);
    } else if (this.#held.length < HELD_FRAMES_MAX) {
      this.#held.push(frame);
    }
    // Beyond the limit the frame is dropped: the gap that this makes asks for a snapshot.
  }

  /** Apply what continues the sequence. On a gap ask the hub again and return false. */
  #apply(frames: readonly Frame[], serverNow: number | null): boolean {
    const { cursor, fresh, gap } = advance(this.#cursor, frames);
    this.#cursor = cursor;
    if (fresh.length > 0 || serverNow !== null) this.listener.eventsCame(fresh, serverNow);
    if (gap) this.#hello();
    return !gap;
  }

  #lost(reason: string): void {
    this.#asking++;
    clearTimeout(this.#retry);
    this.#become("stale");
    // socket.io reconnects by itself, but not when the hub ended the connection.
    if (reason === "io server disconnect" && !this.#closed) this.#reopenLater();
  }

  #connectFailed(error: Error): void {
    if (this.#state !== "connecting") this.#become("stale");
    this.listener.refused(error.message);
    // An answer that refuses the namespace ends socket.io's own attempts.
    if ("data" in error || !this.socket.connected) this.#reopenLater();
  }

  #reopenLater(): void {
    const wait = Math.min(HELLO_RETRY_CAP_MS, HELLO_RETRY_BASE_MS * 2 ** this.#failures++);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (!this.#closed && !this.socket.connected) this.socket.connect();
    }, wait * (0.5 + Math.random() / 2));
  }
}

/**
 * One websocket to the hub that comes back by itself: wait with growing, jittered pauses, join, notice silence.
 *
 * Asks with acknowledgement; an ask that gets no answer rejects, and the caller asks again after the next join.
 */
import { decode, eventFrame, joinFrame, PONG } from "./frames";

const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 20_000;
const OPEN_DEADLINE_MS = 10_000;
const ANSWER_DEADLINE_MS = 10_000;
const SILENCE_SLACK_MS = 3_000;

export interface SocketListener {
  joined(): void;
  /** The connection is gone; it is tried again. */
  lost(): void;
  /** The hub refuses to let us in. Return whether to try again (with a new token, or later). */
  refused(code: string, detail: string): boolean;
  event(name: string, body: unknown): void;
}

export class NoAnswer extends Error {}

interface Waiting {
  resolve(body: unknown): void;
  reject(error: NoAnswer): void;
  timer: number;
}

export class Socket {
  #socket: WebSocket | null = null;
  #joined = false;
  #stopped = true;
  #attempt = 0;
  #lastId = 0;
  #silenceMaxMs = OPEN_DEADLINE_MS;
  #silence = 0;
  #retry = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** `token` is asked before each attempt, so that it may be fetched or renewed. */
  constructor(
    private readonly url: string,
    private readonly namespace: string,
    private readonly token: () => Promise<string>,
    private readonly listener: SocketListener,
  ) {}

  get joined(): boolean {
    return this.#joined;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    void this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** The browser says that the network is back, or the page is seen again: do not sit out a long pause. */
  hurry(): void {
    if (this.#stopped || this.#socket !== null || this.#retry === 0) return;
    clearTimeout(this.#retry);
    this.#attempt = 0;
    void this.#connect();
  }

  /** Resolves with the acknowledgement. Rejects with NoAnswer: the event may or may not have been served. */
  ask(name: string, body: object): Promise<unknown> {
    const socket = this.#socket;
    if (!this.#joined || socket === null) return Promise.reject(new NoAnswer());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#waiting.delete(id);
        reject(new NoAnswer());
        this.#again(socket);
      }, ANSWER_DEADLINE_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      socket.send(eventFrame(this.namespace, id, name, body));
    });
  }

  async #connect(): Promise<void> {
    this.#retry = 0;
    let token: string;
    try {
      token = await this.token();
    } catch {
      this.#later();
      return;
    }
    // Stopping may have happened during the wait.
    if (this.#stopped || this.#socket !== null) return;
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    this.#silenceMaxMs = OPEN_DEADLINE_MS;
    this.#heard(socket);
    socket.onmessage = (message: MessageEvent<unknown>) => this.#came(socket, message.data, token);
    socket.onclose = () => this.#again(socket);
    socket.onerror = () => this.#again(socket);
  }

  #came(socket: WebSocket, data: unknown, token: string): void {
    if (socket !== this.#socket) return;
    this.#heard(socket);
    const frame = decode(data, this.namespace);
    switch (frame.kind) {
      case "open":
        this.#silenceMaxMs = frame.silenceMaxMs + SILENCE_SLACK_MS;
        socket.send(joinFrame(this.namespace, { token }));
        break;
      case "ping":
        socket.send(PONG);
        break;
      case "joined":
        this.#joined = true;
        this.#attempt = 0;
        this.listener.joined();
        break;
      case "refused":
        if (this.listener.refused(frame.code, frame.detail)) this.#again(socket, frame.retryAfterMs);
        else this.stop();
        break;
      case "left":
        this.#again(socket);
        break;
      case "event":
        this.listener.event(frame.name, frame.body);
        break;
      case "answer": {
        const waiting = this.#waiting.get(frame.id);
        this.#waiting.delete(frame.id);
        clearTimeout(waiting?.timer);
        waiting?.resolve(frame.body);
        break;
      }
      case "foreign":
        break;
    }
  }

  /** Something came: the line lives. A line that is silent for too long is given up. */
  #heard(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => this.#again(socket), this.#silenceMaxMs);
  }

  #again(socket: WebSocket, atLeastMs = 0): void {
    if (socket !== this.#socket) return;
    this.#drop();
    if (!this.#stopped) this.#later(atLeastMs);
  }

  #later(atLeastMs = 0): void {
    const pause = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** this.#attempt++);
    this.#retry = window.setTimeout(() => void this.#connect(), atLeastMs + pause * (0.5 + Math.random() / 2));
  }

  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    this.#joined = false;
    if (socket) {
      socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
      this.listener.lost();
    }
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new NoAnswer());
    }
    this.#waiting.clear();
  }
}

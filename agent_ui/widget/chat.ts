/**
 * The visitor's chat: keeps what is shown in step with the hub, and each message until the hub has it.
 *
 * Laws: a line is shown once and in order (`conversation.ts`); a message is repeated under its client id until it
 * is acknowledged or refused, one at a time; before anything is sent after a (re)connect, what was missed is read.
 */
import {
  type Conversation,
  isBehind,
  lastSeq,
  lengthOf,
  type Line,
  NOTHING_SAID,
  type Outgoing,
  type Standing,
  synced,
  unseen,
  wellFormed,
} from "./conversation";
import type { Keep } from "./keep";
import { openSession, type Session, SessionRefused, visitorOf } from "./session";
import { NoAnswer, Socket } from "./socket";

export interface ChatState {
  /** idle: not started; connecting: for the first time; refused: the hub will not have this page. */
  link: "idle" | "connecting" | "live" | "offline" | "refused";
  refusal: string;
  session: Session | null;
  conversation: Conversation;
  outgoing: readonly Outgoing[];
  agentTyping: boolean;
  /** The visitor asked for a new conversation after the end of the last one. */
  fresh: boolean;
  readSeq: number;
}

type Answer<T> = ({ ok: true } & T) | { ok: false; code: string; detail: string; retry_after_ms?: number };

const SYNC_EVERY_MS = 20_000;
const SYNC_ROUNDS_MAX = 50;
const TYPING_EVERY_MS = 3_000;
const TYPING_SHOWN_MS = 5_000;
const WAIT_FIRST_MS = 1_000;
const WAIT_MAX_MS = 15_000;
const OUTGOING_MAX = 50;
const WORTH_WAITING = new Set(["rate_limited", "busy", "internal", "not_connected"]);
const TOKEN_OVER = new Set(["token_expired", "token_invalid", "token_other_site", "token_missing"]);

export class Chat {
  state: ChatState = {
    link: "idle",
    refusal: "",
    session: null,
    conversation: NOTHING_SAID,
    outgoing: [],
    agentTyping: false,
    fresh: false,
    readSeq: 0,
  };
  readonly #listeners = new Set<() => void>();
  #socket: Socket | null = null;
  #token: string;
  #syncing = false;
  #syncAgain = false;
  #sending = false;
  #typingSentAt = -TYPING_EVERY_MS;
  #typingTimer = 0;
  #syncTimer = 0;

  /** `fixedToken`: the site itself says who the visitor is; it is then neither fetched anew nor kept. */
  constructor(
    private readonly base: string,
    private readonly account: string,
    private readonly keep: Keep,
    private readonly fixedToken = "",
  ) {
    this.#token = fixedToken || keep.get("token");
  }

  /** Somebody who talked before may have an answer waiting: worth connecting before the panel is opened. */
  get hasHistory(): boolean {
    return this.#token !== "";
  }

  get unread(): number {
    return this.state.conversation.lines.filter((line) => line.author === "agent" && line.seq > this.state.readSeq).length;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#socket) {
      this.#socket.hurry();
      return;
    }
    this.#change({ link: "connecting" });
    const url = new URL("/socket.io/?EIO=4&transport=websocket", this.base);
    url.protocol = url.protocol.replace("http", "ws");
    this.#socket = new Socket(url.href, `/chat/${this.account}`, () => this.#freshToken(), {
      joined: () => void this.#joined(),
      lost: () => this.#lost(),
      refused: (code, detail) => this.#refused(code, detail),
      event: (name, body) => this.#event(name, body),
    });
    this.#socket.start();
    this.#syncTimer = window.setInterval(() => void this.#sync(), SYNC_EVERY_MS);
    window.addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
  }

  stop(): void {
    this.#socket?.stop();
    this.#socket = null;
    clearInterval(this.#syncTimer);
    clearTimeout(this.#typingTimer);
    window.removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
  }

  /** Take a message on its way. Returns why not: empty, too_long or too_many; "" when it is taken. */
  say(text: string, answers: Record<string, string>): "" | "empty" | "too_long" | "too_many" {
    const body = wellFormed(text).trim();
    if (!body) return "empty";
    if (lengthOf(body) > (this.state.session?.text_chars_max ?? 4000)) return "too_long";
    if (this.state.outgoing.filter((message) => message.status !== "sent").length >= OUTGOING_MAX) return "too_many";
    const message: Outgoing = { clientId: newClientId(), text: body, answers, status: "sending", reason: "" };
    this.#keepOutgoing(message);
    this.#change({ outgoing: [...this.state.outgoing, message] });
    void this.#flush();
    return "";
  }

  retry(clientId: string): void {
    this.#update(clientId, { status: "sending", reason: "" });
    void this.#flush();
  }

  discard(clientId: string): void {
    this.keep.keepUnsent(visitorOf(this.#token), clientId, null);
    this.#change({ outgoing: this.state.outgoing.filter((message) => message.clientId !== clientId) });
  }

  typing(): void {
    const now = performance.now();
    if (now - this.#typingSentAt < TYPING_EVERY_MS || !this.#socket?.joined) return;
    if (this.state.conversation.state !== "waiting" && this.state.conversation.state !== "active") return;
    this.#typingSentAt = now;
    this.#socket.ask("typing", {}).catch(ignoreNoAnswer);
  }

  async end(): Promise<void> {
    try {
      await this.#socket?.ask("end", {});
    } catch (error) {
      ignoreNoAnswer(error);
    }
    await this.#sync();
  }

  startNew(): void {
    this.#change({ fresh: true });
  }

  markRead(): void {
    const seq = lastSeq(this.state.conversation);
    if (seq === this.state.readSeq) return;
    this.keep.set("read", `${this.state.conversation.id}:${seq}`);
    this.#change({ readSeq: seq });
  }

  // ------------------------------------------------------------------------------------- the line to the hub

  readonly #hurry = (): void => {
    if (document.visibilityState === "hidden") return;
    this.#socket?.hurry();
    void this.#sync();
  };

  async #freshToken(): Promise<string> {
    if (this.state.session === null || this.#token === "") {
      const session = await this.#openSession();
      if (this.fixedToken === "") {
        this.#token = session.token;
        this.keep.set("token", session.token);
      }
      this.#change({ session, outgoing: this.#takeUpUnsent() });
    }
    return this.#token;
  }

  /** What earlier pages, and this one before it had a token, left unsent. */
  #takeUpUnsent(): Outgoing[] {
    const visitor = visitorOf(this.#token);
    const known = new Set(this.state.outgoing.map((message) => message.clientId));
    const left = [...this.keep.unsent(visitor), ...this.keep.unsent("")].filter((message) => !known.has(message.clientId));
    const outgoing = [...left, ...this.state.outgoing];
    this.keep.set("unsent.", "");
    for (const message of outgoing) if (message.status !== "sent") this.#keepOutgoing(message);
    return outgoing;
  }

  async #openSession(): Promise<Session> {
    try {
      return await openSession(this.base, this.account, this.#token);
    } catch (error) {
      if (error instanceof SessionRefused && TOKEN_OVER.has(error.code) && this.fixedToken === "") {
        this.#forgetToken();
        return openSession(this.base, this.account, "");
      }
      if (error instanceof SessionRefused && error.code !== "rate_limited" && !error.code.startsWith("status_5")) {
        this.#refused(error.code, error.message);
        this.#socket?.stop();
      } else if (this.state.link === "connecting") {
        this.#change({ link: "offline" });
      }
      throw error;
    }
  }

  #forgetToken(): void {
    this.#token = "";
    this.keep.set("token", "");
    this.#change({ session: null, conversation: NOTHING_SAID, readSeq: 0 });
  }

  async #joined(): Promise<void> {
    this.#change({ link: "live" });
    await this.#sync();
    await this.#flush();
  }

  #lost(): void {
    if (this.state.link !== "refused") this.#change({ link: "offline", agentTyping: false });
  }

  #refused(code: string, detail: string): boolean {
    if (TOKEN_OVER.has(code) && this.fixedToken === "") {
      this.#forgetToken();
      return true;
    }
    if (code === "rate_limited" || code === "busy") return true;
    this.#change({ link: "refused", refusal: detail || code });
    return false;
  }

  #event(name: string, body: unknown): void {
    if (name === "typing") {
      clearTimeout(this.#typingTimer);
      this.#typingTimer = window.setTimeout(() => this.#change({ agentTyping: false }), TYPING_SHOWN_MS);
      this.#change({ agentTyping: true });
    } else if (name === "wake") {
      const standing = body as Standing;
      const { conversation } = this.state;
      if (isBehind(conversation, standing)) void this.#sync();
      else this.#change({ conversation: { ...conversation, state: standing.state, agentName: standing.agent_name } });
    }
  }

  // ---------------------------------------------------------------------------------------- reading, sending

  /** Read until nothing is missing; one reading at a time, and once more if asked meanwhile. */
  async #sync(): Promise<void> {
    this.#syncAgain = true;
    if (this.#syncing) return;
    this.#syncing = true;
    try {
      for (let round = 0; this.#syncAgain && round < SYNC_ROUNDS_MAX; round++) {
        this.#syncAgain = false;
        if (this.#socket?.joined) await this.#readOn(this.#socket);
      }
    } catch (error) {
      ignoreNoAnswer(error);
    } finally {
      this.#syncing = false;
    }
  }

  async #readOn(socket: Socket): Promise<void> {
    const before = this.state.conversation;
    const asked = { after: lastSeq(before), conversation: before.id };
    const answer = (await socket.ask("sync", asked)) as Answer<Standing & { items: Line[] }>;
    if (!answer.ok) {
      if (TOKEN_OVER.has(answer.code)) this.#tokenEnded();
      return;
    }
    const { conversation, complete } = synced(this.state.conversation, answer);
    const another = conversation.id !== this.state.conversation.id;
    const arrived = conversation.lines.length > this.state.conversation.lines.length;
    const outgoing = unseen(this.state.outgoing, conversation.lines);
    for (const message of this.state.outgoing) {
      if (!outgoing.includes(message)) this.keep.keepUnsent(visitorOf(this.#token), message.clientId, null);
    }
    this.#change({
      conversation,
      outgoing,
      fresh: this.state.fresh && !another,
      readSeq: another ? this.#keptReadSeq(conversation.id) : this.state.readSeq,
      agentTyping: this.state.agentTyping && !arrived,
    });
    if (!complete) this.#syncAgain = true;
  }

  #keptReadSeq(conversation: string): number {
    const [id, seq] = this.keep.get("read").split(":");
    return id === conversation ? Number(seq) || 0 : 0;
  }

  #tokenEnded(): void {
    this.#socket?.stop();
    if (this.#refused("token_expired", "")) this.#socket?.start();
  }

  async #flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let wait = WAIT_FIRST_MS; this.#socket?.joined; ) {
        const next = this.state.outgoing.find((message) => message.status === "sending");
        if (next === undefined) return;
        const pause = await this.#send(this.#socket, next);
        if (pause === 0) wait = WAIT_FIRST_MS;
        else {
          await new Promise((resolve) => setTimeout(resolve, Math.max(pause, wait)));
          wait = Math.min(WAIT_MAX_MS, wait * 2);
        }
      }
    } catch (error) {
      ignoreNoAnswer(error);
    } finally {
      this.#sending = false;
    }
  }

  /** Returns 0 when the message is settled, else how long to wait before it is sent again. */
  async #send(socket: Socket, message: Outgoing): Promise<number> {
    const body = { client_id: message.clientId, text: message.text, answers: message.answers };
    const answer = (await socket.ask("msg", body)) as Answer<{ seq: number }>;
    if (answer.ok) {
      this.keep.keepUnsent(visitorOf(this.#token), message.clientId, null);
      this.#update(message.clientId, { status: "sent" });
      void this.#sync();
      return 0;
    }
    if (WORTH_WAITING.has(answer.code)) return answer.retry_after_ms ?? WAIT_FIRST_MS;
    if (TOKEN_OVER.has(answer.code)) {
      this.#tokenEnded();
      return WAIT_FIRST_MS;
    }
    this.#update(message.clientId, { status: "failed", reason: answer.detail });
    return 0;
  }

  // ------------------------------------------------------------------------------------------------- state

  #keepOutgoing(message: Outgoing): void {
    this.keep.keepUnsent(visitorOf(this.#token), message.clientId, message);
  }

  #update(clientId: string, part: Partial<Outgoing>): void {
    const outgoing = this.state.outgoing.map((message) =>
      message.clientId === clientId ? { ...message, ...part } : message,
    );
    const changed = outgoing.find((message) => message.clientId === clientId);
    if (changed && changed.status !== "sent") this.#keepOutgoing(changed);
    this.#change({ outgoing });
  }

  #change(part: Partial<ChatState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.#listeners) listener();
  }
}

function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function ignoreNoAnswer(error: unknown): void {
  if (!(error instanceof NoAnswer)) throw error;
}

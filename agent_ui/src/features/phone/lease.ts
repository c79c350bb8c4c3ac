/**
 * One tab of a browser is the telephone: the holder of a Web Lock. The others wait in line, or take it over when
 * the holder is not on a call. Without Web Locks (plain http) there is no microphone either, so every tab may hold.
 */

interface LeaseEvents {
  gained(): void;
  /** Another tab has it, or took it. */
  elsewhere(): void;
  /** Asked by another tab: would it cut a call? */
  isBusy(): boolean;
  /** The holder is on a call and keeps it. */
  refused(): void;
}

type Word = "asks" | "free" | "busy";

/** A tab that sleeps does not answer, and is not on a call. */
const ANSWER_MS = 1_000;

export class Lease {
  readonly #channel: BroadcastChannel;
  readonly #given = new AbortController();
  #waiting = new AbortController();
  #letGo: (() => void) | null = null;
  #asking: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly name: string,
    private readonly events: LeaseEvents,
  ) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = (message: MessageEvent<Word>) => this.#heard(message.data);
  }

  start(): void {
    if ("locks" in navigator) void this.#request({ ifAvailable: true });
    else this.events.gained();
  }

  takeOver(): void {
    clearTimeout(this.#asking);
    this.#channel.postMessage("asks" satisfies Word);
    this.#asking = setTimeout(() => this.#steal(), ANSWER_MS);
  }

  end(): void {
    this.#given.abort();
    this.#waiting.abort();
    clearTimeout(this.#asking);
    this.#letGo?.();
    this.#channel.close();
  }

  #heard(word: Word): void {
    if (word === "asks") {
      if (this.#letGo !== null) this.#channel.postMessage((this.events.isBusy() ? "busy" : "free") satisfies Word);
      return;
    }
    if (this.#asking === undefined) return;
    clearTimeout(this.#asking);
    this.#asking = undefined;
    if (word === "free") this.#steal();
    else this.events.refused();
  }

  #steal(): void {
    this.#asking = undefined;
    this.#waiting.abort();
    void this.#request({ steal: true });
  }

  /** Hold the lock from its turn until `end` or until another tab steals it; then wait for it again. */
  async #request(options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(this.name, options, (lock) => {
        if (lock === null || this.#given.signal.aborted) return;
        this.events.gained();
        return new Promise<void>((letGo) => (this.#letGo = letGo));
      });
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      if (this.#letGo === null) return; // we gave up waiting, to steal or for good
    }
    this.#letGo = null;
    if (this.#given.signal.aborted) return;
    this.events.elsewhere();
    this.#waiting = new AbortController();
    await this.#request({ signal: this.#waiting.signal });
  }
}

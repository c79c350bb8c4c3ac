/** One telephone call from the browser through Asterisk, by SIP over a websocket. */
import JsSIP from "jssip";
import type { Phone } from "./api";

export type CallState = "connecting" | "ringing" | "talking" | "over" | "failed";

type Session = ReturnType<InstanceType<typeof JsSIP.UA>["call"]>;

export class Call {
  readonly #agent: InstanceType<typeof JsSIP.UA>;
  readonly #audio = new Audio();
  #session: Session | null = null;
  #over = false;

  /** `number` is the customer's own, which the company sees. `changed` gets each state, a failure with its reason. */
  constructor(
    private readonly phone: Phone,
    private readonly number: string,
    private readonly changed: (state: CallState, reason: string) => void,
  ) {
    this.#audio.autoplay = true;
    this.#agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(phone.ws_uri)],
      uri: phone.sip_uri,
      password: phone.password,
      register: false,
      session_timers: false,
    });
    this.#agent.on("connected", () => this.#dial());
    this.#agent.on("disconnected", () => this.#end("failed", "websocket"));
    changed("connecting", "");
    this.#agent.start();
  }

  key(tone: string): void {
    if (this.#session?.isEstablished()) this.#session.sendDTMF(tone);
  }

  hangUp(): void {
    if (this.#session && !this.#session.isEnded()) this.#session.terminate();
    else this.#end("over", "");
  }

  #dial(): void {
    if (this.#session) return;
    const session = this.#agent.call(this.phone.dial, {
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: [] },
      extraHeaders: [`X-Rapport-Number: ${this.number}`],
    });
    this.#session = session;
    session.connection.addEventListener("track", (event) => {
      this.#audio.srcObject = event.streams[0] ?? new MediaStream([event.track]);
    });
    session.on("progress", () => this.changed("ringing", ""));
    session.on("confirmed", () => this.changed("talking", ""));
    session.on("ended", () => this.#end("over", ""));
    session.on("failed", (event: { cause: string }) => this.#end("failed", event.cause));
  }

  #end(state: "over" | "failed", reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.changed(state, reason);
    this.#audio.srcObject = null;
    this.#agent.stop();
  }
}

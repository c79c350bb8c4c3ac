/** SIP and media of the telephone inside the console (JsSIP). A chunk of its own: only agents with a phone load it. */
import JsSIP from "jssip";
import type { PhoneSettings } from "@/wire/api";

type Session = ReturnType<InstanceType<typeof JsSIP.UA>["call"]>;

export interface SoftphoneEvents {
  registered(): void;
  /** Not reachable for calls; it is not tried again by itself after a refusal. */
  lost(): void;
  /** A call rings, a call is talked on or over: look at `calls` again. */
  changed(): void;
  /** The microphone could not be opened for an accepted call. */
  deaf(): void;
}

/** Asterisk forgets a browser that vanished after this long. */
const REGISTER_S = 60;
const TONE_MS = 120;

export class Softphone {
  readonly #agent: InstanceType<typeof JsSIP.UA>;
  readonly #sessions = new Map<string, Session>();
  readonly #audio = new Audio();

  constructor(
    settings: PhoneSettings,
    private readonly events: SoftphoneEvents,
  ) {
    this.#audio.autoplay = true;
    this.#agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(settings.ws_uri)],
      uri: settings.sip_uri,
      password: settings.password,
      register_expires: REGISTER_S,
      session_timers: false,
      user_agent: "Rapport console",
    });
    this.#agent.on("registered", () => this.events.registered());
    this.#agent.on("unregistered", () => this.events.lost());
    this.#agent.on("registrationFailed", () => this.events.lost());
    this.#agent.on("disconnected", () => this.events.lost());
    this.#agent.on("newRTCSession", ({ session, request }: { session: Session; request: { getHeader(name: string): string | undefined } }) => {
      this.#rang(session, request.getHeader("X-Hub-Call") ?? "");
    });
    this.#agent.start();
  }

  stop(): void {
    for (const contactId of this.#sessions.keys()) this.hangUp(contactId);
    this.#agent.stop();
  }

  /** Contacts whose call rings here and is not answered. */
  get ringing(): readonly string[] {
    return [...this.#sessions].filter(([, session]) => session.isInProgress()).map(([contactId]) => contactId);
  }

  /** Contacts who are talked to here. */
  get talking(): readonly string[] {
    return [...this.#sessions].filter(([, session]) => session.isEstablished()).map(([contactId]) => contactId);
  }

  /** Answer a ringing call; again or later is no matter. */
  answer(contactId: string): void {
    const session = this.#sessions.get(contactId);
    if (session === undefined || session.status !== session.C.STATUS_WAITING_FOR_ANSWER) return;
    session.answer({ mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } });
  }

  hangUp(contactId: string): void {
    const session = this.#sessions.get(contactId);
    if (session !== undefined && !session.isEnded()) session.terminate();
  }

  mute(contactId: string, on: boolean): void {
    const session = this.#sessions.get(contactId);
    if (on) session?.mute({ audio: true });
    else session?.unmute({ audio: true });
  }

  isMuted(contactId: string): boolean {
    return this.#sessions.get(contactId)?.isMuted().audio ?? false;
  }

  press(contactId: string, key: string): void {
    const session = this.#sessions.get(contactId);
    if (session?.isEstablished()) {
      session.sendDTMF(key, { duration: TONE_MS, transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 });
    }
  }

  #rang(session: Session, contactId: string): void {
    if (contactId === "" || this.#sessions.has(contactId)) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.#sessions.set(contactId, session);
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", (event) => this.#play(event.streams[0] ?? new MediaStream([event.track])));
    });
    session.on("progress", () => this.events.changed());
    session.on("getusermediafailed", () => this.events.deaf());
    session.on("confirmed", () => this.events.changed());
    session.on("muted", () => this.events.changed());
    session.on("unmuted", () => this.events.changed());
    session.on("ended", () => this.#over(contactId));
    session.on("failed", () => this.#over(contactId));
  }

  #play(stream: MediaStream): void {
    this.#audio.srcObject = stream;
    void this.#audio.play().catch(() => undefined); // autoplay is set: it starts with the next click
  }

  #over(contactId: string): void {
    this.#sessions.delete(contactId);
    if (this.#sessions.size === 0) this.#audio.srcObject = null;
    this.events.changed();
  }
}

/**
 * The agent's telephone inside the console, from log-in to log-out. Start at `startPhone`.
 *
 * Owns: when it registers (this tab holds the lease, the microphone is there) and what becomes of a ringing call.
 * A call is answered when its contact is one that the agent accepted, in whichever tab and whichever came first,
 * and is hung up when that is over; so the console's state alone decides. SIP and media are in softphone.ts.
 */
import { useSyncExternalStore } from "react";
import { now, useConsole } from "@/live/store";
import { api, type PhoneSettings } from "@/wire/api";
import { ApiError } from "@/wire/http";
import type { Me } from "@/wire/protocol.gen";
import { Lease } from "./lease";
import { microphone, openMicrophone, watchMicrophone } from "./microphone";
import type { Softphone } from "./softphone";
import { ABSENT, backoffMs, isAccepted, type PhoneView, type Trouble } from "./state";

let view = ABSENT;
let phone: Phone | null = null;
const listeners = new Set<() => void>();

/** Start the telephone of who is logged in; returns how to end it. Agents without one get none. */
export function startPhone(me: Me): () => void {
  if (me.phone_endpoint === "") return () => undefined;
  const mine = new Phone(me);
  phone = mine;
  return () => {
    mine.end();
    if (phone === mine) phone = null;
    show(ABSENT);
  };
}

export function usePhone(): PhoneView {
  return useSyncExternalStore(subscribe, () => view);
}

export const tryMicrophone = () => void phone?.check();
export const takePhone = () => phone?.takeOver();
export const mute = (contactId: string, on: boolean) => phone?.softphone?.mute(contactId, on);
export const press = (contactId: string, key: string) => phone?.softphone?.press(contactId, key);
export const hangUpHere = (contactId: string) => phone?.softphone?.hangUp(contactId);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function show(next: PhoneView): void {
  view = next;
  for (const listener of listeners) listener();
}

/** A closed tab must not leave its customer in silence until the telephone system notices. */
function onPageHide(left: () => void): () => void {
  window.addEventListener("pagehide", left);
  return () => window.removeEventListener("pagehide", left);
}

class Phone {
  softphone: Softphone | null = null;
  readonly #lease: Lease;
  readonly #endings: (() => void)[] = [];
  #holds = false;
  #ended = false;
  #checking = false;
  #attempt = 0;
  /** The newest wish to register; an older one that comes back late is void. */
  #wish = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(me: Me) {
    this.#lease = new Lease(`rapport.phone.${me.agent_id}`, {
      gained: () => {
        this.#holds = true;
        void this.#begin();
      },
      elsewhere: () => {
        this.#holds = false;
        this.#silence();
        void this.#tellElsewhere();
      },
      isBusy: () => view.call !== null,
      refused: () => show({ ...view, refused: true }),
    });
    this.#endings.push(
      useConsole.subscribe((state, before) => {
        if (state.live.contacts !== before.live.contacts) this.#follow();
        const available = state.live.presence?.presence === "available";
        if (available && before.live.presence?.presence !== "available") void this.check();
      }),
      watchMicrophone(() => void this.#begin()),
      onPageHide(() => this.#leave()),
      () => this.#lease.end(),
    );
    this.#lease.start();
  }

  end(): void {
    this.#ended = true;
    for (const ending of this.#endings) ending();
    this.#silence();
  }

  #leave(): void {
    for (const contactId of this.softphone?.talking ?? []) this.softphone?.hangUp(contactId);
  }

  takeOver(): void {
    show({ ...view, refused: false });
    this.#lease.takeOver();
  }

  /** Make sure of the microphone, asking the agent if the browser must, and register. */
  async check(): Promise<void> {
    if (this.#ended || !this.#holds || this.softphone !== null || this.#checking) return;
    this.#checking = true;
    try {
      const settings = await this.#settings();
      if (settings === null) return;
      const trouble = await openMicrophone();
      if (trouble === null) await this.#register(settings);
      else this.#deaf(trouble);
    } finally {
      this.#checking = false;
    }
  }

  /** Go as far as possible without asking the agent anything. */
  async #begin(): Promise<void> {
    const known = await microphone();
    if (this.#ended || !this.#holds || view.call !== null) return;
    if (known === "blocked" || known === "missing" || known === "insecure") {
      if ((await this.#settings()) !== null) this.#deaf(known);
    } else if (known === "granted" || now().live.presence?.presence === "available") {
      await this.check();
    } else if ((await this.#settings()) !== null && this.softphone === null) {
      show({ ...ABSENT, state: "unchecked" });
    }
  }

  async #tellElsewhere(): Promise<void> {
    if ((await this.#settings()) !== null && !this.#holds) show({ ...ABSENT, state: "elsewhere" });
  }

  /** Null where there is no telephone, or when nobody could be asked: then it is tried again later. */
  async #settings(): Promise<PhoneSettings | null> {
    try {
      const settings = await api.phone();
      return this.#ended ? null : settings;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 404 && error.status !== 401 && !this.#ended) this.#later();
      return null;
    }
  }

  async #register(settings: PhoneSettings): Promise<void> {
    const wish = ++this.#wish;
    const chunk = await import("./softphone").catch(() => null);
    if (this.#ended || !this.#holds || wish !== this.#wish) return;
    if (chunk === null) {
      this.#lost();
      return;
    }
    this.softphone?.stop();
    if (view.state !== "lost") show({ ...ABSENT, state: "connecting" });
    const mine: Softphone = new chunk.Softphone(settings, {
      registered: () => {
        if (this.softphone !== mine) return;
        clearTimeout(this.#retry);
        this.#attempt = 0;
        show({ ...view, state: "ready", trouble: null });
      },
      lost: () => this.softphone === mine && this.#lost(),
      changed: () => this.softphone === mine && this.#follow(),
      deaf: () => this.softphone === mine && this.#deaf("blocked"),
    });
    this.softphone = mine;
  }

  /** Answer what the agent accepted, hang up what is over, and show what is talked on. */
  #follow(): void {
    const { softphone } = this;
    if (softphone === null) return;
    const { contacts } = now().live;
    for (const each of softphone.ringing) if (isAccepted(contacts, each)) softphone.answer(each);
    for (const each of softphone.talking) if (!isAccepted(contacts, each)) softphone.hangUp(each);
    const contactId = softphone.talking[0];
    const call = contactId === undefined ? null : { contactId, muted: softphone.isMuted(contactId) };
    if (call?.contactId === view.call?.contactId && call?.muted === view.call?.muted) return;
    show({ ...view, call });
    if (call === null) void this.#begin(); // what happened to the microphone meanwhile
  }

  #lost(): void {
    show({ ...view, state: "lost" });
    this.#later();
  }

  /** Try again with fresh settings, unless a call is talked on: that may go on without the registration. */
  #later(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (view.call !== null) this.#later();
      else if (this.softphone === null) void this.#begin();
      else void this.#again();
    }, backoffMs(this.#attempt++, Math.random()));
  }

  async #again(): Promise<void> {
    const settings = await this.#settings();
    if (settings !== null && view.state === "lost") await this.#register(settings);
  }

  #deaf(trouble: Trouble): void {
    this.#silence();
    show({ ...ABSENT, state: "no_microphone", trouble });
  }

  #silence(): void {
    this.#wish++;
    clearTimeout(this.#retry);
    this.softphone?.stop();
    this.softphone = null;
  }
}

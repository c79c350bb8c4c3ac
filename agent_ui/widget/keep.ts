/** What outlives the page: the visitor's token, the unsent messages, how far was read. */
import type { Outgoing } from "./conversation";

const UNSENT_MAX = 100;

/** Like localStorage, which may be forbidden or full: then things last as long as the page. */
export class Keep {
  readonly #memory = new Map<string, string>();
  readonly #prefix: string;

  constructor(account: string) {
    this.#prefix = `rapport.chat.${account}.`;
  }

  get(name: string): string {
    try {
      return localStorage.getItem(this.#prefix + name) ?? this.#memory.get(name) ?? "";
    } catch {
      return this.#memory.get(name) ?? "";
    }
  }

  set(name: string, value: string): void {
    try {
      if (value) localStorage.setItem(this.#prefix + name, value);
      else localStorage.removeItem(this.#prefix + name);
      this.#memory.delete(name);
    } catch {
      this.#memory.set(name, value);
    }
  }

  /** Unsent messages of one visitor, oldest first; what was left by another tab included. */
  unsent(visitor: string): Outgoing[] {
    try {
      const kept: unknown = JSON.parse(this.get(`unsent.${visitor}`) || "[]");
      return Array.isArray(kept) ? kept.filter(isOutgoing) : [];
    } catch {
      return [];
    }
  }

  /** Add, replace or (with null) remove one message; other tabs may keep theirs in the same place. */
  keepUnsent(visitor: string, clientId: string, message: Outgoing | null): void {
    const others = this.unsent(visitor);
    const at = others.findIndex((other) => other.clientId === clientId);
    if (at >= 0) others.splice(at, 1, ...(message ? [message] : []));
    else if (message) others.push(message);
    this.set(`unsent.${visitor}`, others.length > 0 ? JSON.stringify(others.slice(-UNSENT_MAX)) : "");
  }
}

function isOutgoing(value: unknown): value is Outgoing {
  const message = value as Partial<Outgoing> | null;
  return typeof message?.clientId === "string" && typeof message.text === "string" && typeof message.answers === "object";
}

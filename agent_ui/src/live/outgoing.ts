/** Sends what agents write: one message at a time per contact, repeated until the hub takes or refuses it. */
import { dropped, marked, nextToSend, queued } from "@/state/unsent";
import { api } from "@/wire/api";
import { ApiError, newId } from "@/wire/http";
import type { ContactView } from "@/wire/protocol.gen";
import { serverNow } from "./clock";
import { change, now } from "./store";

const TRY_AGAIN_MS = 3_000;

export function sendMessage(contact: ContactView, text: string, note: boolean): void {
  const message = {
    client_id: newId(),
    contact_id: contact.contact_id,
    interaction_id: contact.interaction_id,
    text,
    note,
    at_ms: serverNow(),
  };
  change(({ unsent }) => ({ unsent: queued(unsent, message) }));
  sendWaiting();
}

export function sendAgain(clientId: string): void {
  change(({ unsent }) => ({ unsent: marked(unsent, clientId, "waiting") }));
  sendWaiting();
}

export function discard(clientId: string): void {
  change(({ unsent }) => ({ unsent: dropped(unsent, clientId) }));
}

/** Start every send that may start now. Does nothing while not live: it is called again then. */
export function sendWaiting(): void {
  if (now().link !== "live") return;
  for (let message = nextToSend(now().unsent); message !== undefined; message = nextToSend(now().unsent)) {
    const { client_id, contact_id, text, note } = message;
    change(({ unsent }) => ({ unsent: marked(unsent, client_id, "sending") }));
    void deliver(client_id, contact_id, text, note);
  }
}

async function deliver(clientId: string, contactId: string, text: string, note: boolean): Promise<void> {
  try {
    await api.send(contactId, { client_id: clientId, text, note });
    change(({ unsent }) => ({ unsent: marked(unsent, clientId, "taken") }));
  } catch (error) {
    const again = !(error instanceof ApiError) || error.mayRepeat || error.status === 401 || error.status === 429;
    const words = error instanceof ApiError ? error.detail || error.code : "error";
    change(({ unsent }) => ({ unsent: marked(unsent, clientId, again ? "waiting" : "refused", again ? "" : words) }));
    if (again) {
      setTimeout(sendWaiting, TRY_AGAIN_MS * (0.5 + Math.random()));
      return;
    }
  }
  sendWaiting();
}

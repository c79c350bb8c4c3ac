/** The text frames of Engine.IO 4 and Socket.IO 5 that one namespace over one websocket needs. Pure. */

export type Frame =
  | { kind: "open"; silenceMaxMs: number }
  | { kind: "ping" }
  | { kind: "joined" }
  | { kind: "refused"; code: string; detail: string; retryAfterMs: number }
  | { kind: "left" }
  | { kind: "event"; name: string; body: unknown }
  | { kind: "answer"; id: number; body: unknown }
  | { kind: "foreign" };

const FOREIGN: Frame = { kind: "foreign" };
export const PONG = "3";

export function joinFrame(namespace: string, auth: object): string {
  return `40${namespace},${JSON.stringify(auth)}`;
}

export function eventFrame(namespace: string, id: number, name: string, body: object): string {
  return `42${namespace},${id}${JSON.stringify([name, body])}`;
}

/** What the server said. Whatever is not for us, or is no frame at all, is "foreign" and to be ignored. */
export function decode(text: unknown, namespace: string): Frame {
  if (typeof text !== "string") return FOREIGN;
  if (text === "2") return { kind: "ping" };
  if (text === "1") return { kind: "left" };
  try {
    if (text.startsWith("0")) {
      const open = JSON.parse(text.slice(1)) as { pingInterval: number; pingTimeout: number };
      return { kind: "open", silenceMaxMs: open.pingInterval + open.pingTimeout };
    }
    return packet(text, namespace);
  } catch {
    return FOREIGN;
  }
}

function packet(text: string, namespace: string): Frame {
  const [, type = "", name, id, rest] = /^4([0-4])([^,[{]*),?(\d*)(.*)$/su.exec(text) ?? [];
  if (name !== namespace) return FOREIGN;
  const body: unknown = rest ? JSON.parse(rest) : null;
  switch (type) {
    case "0":
      return { kind: "joined" };
    case "1":
      return { kind: "left" };
    case "2":
      return Array.isArray(body) && typeof body[0] === "string" ? { kind: "event", name: body[0], body: body[1] } : FOREIGN;
    case "3":
      return Array.isArray(body) ? { kind: "answer", id: Number(id), body: body[0] } : FOREIGN;
    case "4":
      return refusal(body);
    default:
      return FOREIGN;
  }
}

function refusal(body: unknown): Frame {
  const said = (body ?? {}) as { message?: string; data?: { code?: string; retry_after_ms?: number } };
  return {
    kind: "refused",
    code: said.data?.code ?? "refused",
    detail: said.message ?? "",
    retryAfterMs: said.data?.retry_after_ms ?? 0,
  };
}

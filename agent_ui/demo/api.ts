/** What the demo's server offers to this page. */

type Labels = Record<string, string>;

export interface Person {
  key: string;
  name: string;
  language: string;
  phone: string;
  email: string;
  tier: "none" | "bronze" | "silver" | "gold" | "platinum";
  about: Labels;
  number: string;
  order_no: string;
  known: boolean;
}

export interface Login {
  username: string;
  name: string;
  password: string;
  roles: string[];
  about: Labels;
}

export interface Company {
  company: string;
  people: Person[];
  logins: Login[];
  chat: { account: string } | null;
  sms: { number: string; replies: boolean } | null;
  mail: { address: string; replies: boolean } | null;
  /** Whether there is an Asterisk to call. */
  phone: boolean;
}

export interface Item {
  seq: number;
  channel: "sms" | "mail";
  direction: "sent" | "received";
  address: string;
  other: string;
  text: string;
  at_ms: number;
  subject: string;
  message_id: string;
  reply_to: string;
}

export interface Phone {
  ws_uri: string;
  sip_uri: string;
  password: string;
  dial: string;
}

/** The server's own sentence about what went wrong; status 0 when there was no answer. */
export class DemoError extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

const DEADLINE_MS = 20_000;

export const api = {
  company: () => ask<Company>("people"),
  phone: () => ask<Phone>("phone"),
  inbox: (phone: string, email: string, after: number) =>
    ask<{ epoch: string; items: Item[] }>(`inbox?${new URLSearchParams({ sms: phone, mail: email, after: String(after) })}`),
  signIn: (person: string) => ask<{ token: string }>("sign-in", { person }),
  sms: (from: string, text: string) => ask<Item>("sms", { from, text }),
  mail: (mail: { from: string; name: string; subject: string; text: string; answers: number }) => ask<Item>("mail", mail),
};

async function ask<T>(path: string, body?: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/demo/api/${path}`, {
      ...(body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch {
    throw new DemoError(0, "");
  }
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new DemoError(response.status, problem.detail ?? response.statusText);
}

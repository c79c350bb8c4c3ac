/** The visitor's session: its token, and what the site wants the panel to say. */

export interface Site {
  namespace: string;
  site_name: string;
  languages: string[];
  greeting: Record<string, string>;
  hours: Record<string, string>;
  wait_text: Record<string, string>;
  ask_name: boolean;
  text_chars_max: number;
}

export interface Session extends Site {
  token: string;
  expires_at_ms: number;
}

/** The hub says no; `code` is its own. */
export class SessionRefused extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

const DEADLINE_MS = 10_000;

/** Become a visitor, or stay the one that `token` names. Throws SessionRefused, or TypeError without a network. */
export async function openSession(base: string, account: string, token: string): Promise<Session> {
  const response = await fetch(`${base}/channels/${encodeURIComponent(account)}/session`, {
    method: "POST",
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    credentials: "omit",
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (response.ok) return (await response.json()) as Session;
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new SessionRefused(problem.code ?? `status_${response.status}`, problem.detail ?? "");
}

/** Whose token it is: only a name for the drawer in which unsent messages lie; the hub checks the signature. */
export function visitorOf(token: string): string {
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    return (JSON.parse(atob(payload)) as { sub?: string }).sub ?? "";
  } catch {
    return "";
  }
}

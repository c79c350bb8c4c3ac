/** HTTP to the hub: JSON in and out, deadlines, safe repeats, and problem+json as one error class. */
import type { FieldError, Problem } from "./protocol.gen";

const DEADLINE_MS = 10_000;
const COMMAND_TRIES_MAX = 3;
const RETRY_BASE_MS = 400;

/** A refusal by the hub, or `status` 0 when no answer came. `code` is what the console translates. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    readonly retryAfterSeconds = 0,
  ) {
    super(detail || code);
  }

  /** No answer, or one that a repeat may change: the command may or may not have happened. */
  get mayRepeat(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** A random id for commands and messages. Works on plain http too, where crypto.randomUUID is absent. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function get<T>(path: string): Promise<T> {
  return request<T>(path, { method: "GET" });
}

/** Do a command. It is repeated with the same key when no answer came, so the hub does it once. */
export async function command<T>(path: string, body: object = {}, key: string = newId()): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request<T>(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify(body),
      });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.mayRepeat || attempt >= COMMAND_TRIES_MAX) throw error;
      await pause(RETRY_BASE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: "same-origin", signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch {
    throw new ApiError(0, "unreachable", "");
  }
  if (!response.ok) throw await refusal(response);
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError(0, "bad_answer", "");
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0) || 0;
  try {
    const problem = (await response.json()) as Partial<Problem>;
    const detail = problem.detail ?? problem.title ?? "";
    return new ApiError(response.status, problem.code ?? "error", detail, problem.errors ?? [], retryAfter);
  } catch {
    return new ApiError(response.status, "error", response.statusText, [], retryAfter);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

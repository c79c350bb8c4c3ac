/** What the visitor sees, as values: lines by sequence number, and what is still on its way. Pure. */

export interface Line {
  seq: number;
  author: "visitor" | "agent" | "system";
  name: string;
  text: string;
  at_ms: number;
  client_id: string;
}

export type ChatPhase = "open" | "waiting" | "active" | "ended";

/** Where the conversation stands by the hub's word: the body of `wake`, and of each `sync` answer. */
export interface Standing {
  conversation: string;
  state: ChatPhase;
  agent_name: string;
  last_seq: number;
}

export interface Outgoing {
  clientId: string;
  text: string;
  answers: Record<string, string>;
  /** sending: until the hub has it, however long; sent: until its line comes; failed: the hub refuses it. */
  status: "sending" | "sent" | "failed";
  reason: string;
}

export interface Conversation {
  id: string;
  state: ChatPhase;
  agentName: string;
  lines: readonly Line[];
}

export const NOTHING_SAID: Conversation = { id: "", state: "open", agentName: "", lines: [] };

export function lastSeq(conversation: Conversation): number {
  return conversation.lines.at(-1)?.seq ?? 0;
}

/** Whether the hub has more than we show. */
export function isBehind(conversation: Conversation, standing: Standing): boolean {
  return standing.conversation !== conversation.id || standing.last_seq > lastSeq(conversation);
}

/**
 * Take in an answer of `sync`: each line once, in order, none left out.
 * `complete` is false when lines are missing still: then ask again from the last one shown.
 */
export function synced(
  before: Conversation,
  answer: Standing & { items: readonly Line[] },
): { conversation: Conversation; complete: boolean } {
  const lines = answer.conversation === before.id ? [...before.lines] : [];
  for (const item of answer.items) {
    if (item.seq === (lines.at(-1)?.seq ?? 0) + 1) lines.push(item);
  }
  const conversation = {
    id: answer.conversation,
    state: answer.state,
    agentName: answer.agent_name,
    lines: lines.length === before.lines.length && answer.conversation === before.id ? before.lines : lines,
  };
  return { conversation, complete: lastSeq(conversation) >= answer.last_seq };
}

/** What is on its way and not among the lines yet. */
export function unseen(outgoing: readonly Outgoing[], lines: readonly Line[]): Outgoing[] {
  const seen = new Set(lines.map((line) => line.client_id));
  return outgoing.filter((message) => !seen.has(message.clientId));
}

/** Characters as people and the hub count them, not UTF-16 units. */
export function lengthOf(text: string): number {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, "_").length;
}

/** Text without halves of broken characters, which no JSON reader on the way must accept. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

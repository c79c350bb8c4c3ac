/** What an agent has typed and not sent, per contact: a reply and a note. Pure; kept in storage by live/keep.ts. */

export type ComposerTab = "reply" | "note";

export interface Draft {
  readonly tab: ComposerTab;
  readonly reply: string;
  readonly note: string;
  readonly disposition: string;
  readonly wrapUpNote: string;
  /** When it was last touched, for throwing away the oldest. */
  readonly at_ms: number;
}

export type Drafts = Readonly<Record<string, Draft>>;

export const EMPTY_DRAFT: Draft = { tab: "reply", reply: "", note: "", disposition: "", wrapUpNote: "", at_ms: 0 };

const DRAFTS_MAX = 50;

export function withDraft(drafts: Drafts, contactId: string, change: Partial<Omit<Draft, "at_ms">>, nowMs: number): Drafts {
  const draft = { ...(drafts[contactId] ?? EMPTY_DRAFT), ...change, at_ms: nowMs };
  const kept = Object.entries({ ...drafts, [contactId]: draft });
  kept.sort(([, a], [, b]) => b.at_ms - a.at_ms);
  return Object.fromEntries(kept.slice(0, DRAFTS_MAX));
}

export function withoutDraft(drafts: Drafts, contactId: string): Drafts {
  return Object.fromEntries(Object.entries(drafts).filter(([each]) => each !== contactId));
}

/** The law of sequence numbers: dense per agent and epoch, applied once, in order; a gap means ask again. */
import type { ConsoleEvent, Frame } from "@/wire/protocol.gen";

/** The last event that this console has applied. An empty epoch has applied nothing. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

export const START: Cursor = { epoch: "", seq: 0 };

export interface Advance {
  readonly cursor: Cursor;
  /** Events to apply now. */
  readonly fresh: readonly ConsoleEvent[];
  /** An event is missing before the first frame that was left over. */
  readonly gap: boolean;
}

export function advance(cursor: Cursor, frames: readonly Frame[]): Advance {
  const fresh: ConsoleEvent[] = [];
  let { seq } = cursor;
  for (const frame of frames) {
    if (frame.s <= seq) continue;
    if (frame.s > seq + 1) return { cursor: { ...cursor, seq }, fresh, gap: true };
    fresh.push(frame.d);
    seq = frame.s;
  }
  return { cursor: { ...cursor, seq }, fresh, gap: false };
}

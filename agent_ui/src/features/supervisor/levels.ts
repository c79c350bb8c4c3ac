/** When a figure of the board asks for attention. */
import type { QueueRow } from "@/wire/protocol.gen";

export type FigureTone = "plain" | "warn" | "bad";

/** Share to be answered within target; below it the figure turns red. */
export const SL_GOAL = 0.8;
const WARN_SHARE_OF_TARGET = 0.75;

/** Amber at three quarters of the queue's target, red beyond it. */
export function waitTone(queue: Pick<QueueRow, "oldest_wait_ms" | "sl_target_ms" | "waiting">): FigureTone {
  if (queue.waiting === 0 || queue.sl_target_ms <= 0) return "plain";
  if (queue.oldest_wait_ms > queue.sl_target_ms) return "bad";
  return queue.oldest_wait_ms > queue.sl_target_ms * WARN_SHARE_OF_TARGET ? "warn" : "plain";
}

/** All queues together, weighted by what each was offered today. */
export function serviceLevel(queues: readonly QueueRow[]): number | null {
  let answered = 0;
  let offered = 0;
  for (const queue of queues) {
    const count = queue.answered_today + queue.abandoned_today;
    if (queue.service_level === null) continue;
    answered += queue.service_level * count;
    offered += count;
  }
  return offered > 0 ? answered / offered : null;
}

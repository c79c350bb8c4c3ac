/** One clock for every timer on the page: the hub's time, told once per connection, ticking once a second. */
import { useSyncExternalStore } from "react";

let offsetMs = Date.now() - performance.now();
let tick = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** The hub's clock as this console knows it. It moves with the monotonic clock, so a changed wall clock is no matter. */
export function serverNow(): number {
  return Math.round(performance.now() + offsetMs);
}

export function setServerNow(nowAtMs: number): void {
  offsetMs = nowAtMs - performance.now();
}

/** Render again each second; returns the hub's time. */
export function useNow(): number {
  useSyncExternalStore(subscribe, () => tick);
  return serverNow();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tick++;
    listeners.forEach((each) => each());
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

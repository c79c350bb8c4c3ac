"""One heap of deadlines, lazily invalidated. Time itself comes from events; nothing here knows a clock."""

import heapq
from enum import StrEnum


class TimerKind(StrEnum):
    DELIVERY = "delivery"
    RING = "ring"
    SETUP = "setup"
    WRAP_UP = "wrap_up"
    STEP = "step"
    EXCLUSION = "exclusion"


Timer = tuple[int, int, TimerKind, str]
"""(deadline ms, sequence, kind, id of the offer or contact); sequence breaks ties in order of arming."""


class Timers:
    """At most one live deadline for each (kind, id)."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._live: dict[tuple[TimerKind, str], Timer] = {}
        self.sequence = 0

    def arm(self, kind: TimerKind, ident: str, at_ms: int) -> None:
        """Set the deadline, replacing an earlier one of the same kind and id."""
        self.sequence += 1
        self._set((at_ms, self.sequence, kind, ident))

    def cancel(self, kind: TimerKind, ident: str) -> None:
        """Forget the deadline; a no-op without one."""
        self._live.pop((kind, ident), None)

    def next_ms(self) -> int | None:
        """The earliest live deadline."""
        heap = self._heap
        while heap and not self._is_live(heap[0]):
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def pop_due(self, now_ms: int) -> Timer | None:
        """Remove and return the earliest live timer due by `now_ms`."""
        due = self.next_ms()
        if due is None or due > now_ms:
            return None
        timer = heapq.heappop(self._heap)
        del self._live[timer[2], timer[3]]
        return timer

    def live(self) -> list[Timer]:
        """Every live timer in firing order."""
        return sorted(self._live.values())

    def restore(self, timers: list[Timer], sequence: int) -> None:
        """Take over the timers of a snapshot."""
        for timer in timers:
            self._set(timer)
        self.sequence = sequence

    def _set(self, timer: Timer) -> None:
        self._live[timer[2], timer[3]] = timer
        heapq.heappush(self._heap, timer)
        if len(self._heap) > 2 * len(self._live) + 64:
            self._heap = sorted(self._live.values())

    def _is_live(self, timer: Timer) -> bool:
        return self._live.get((timer[2], timer[3])) is timer

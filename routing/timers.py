"""One heap of deadlines, lazily invalidated. Time itself comes from events; nothing here knows a clock.

A deadline belongs to a record (an offer, a contact, an agent, a queue), which keeps it under its kind; so
forgetting one costs a look into a small dictionary.
"""

import heapq
from enum import StrEnum
from typing import Any, Protocol


class TimerKind(StrEnum):
    DELIVERY = "delivery"
    RING = "ring"
    SETUP = "setup"
    WRAP_UP = "wrap_up"
    STEP = "step"
    EXCLUSION = "exclusion"
    PARK = "park"
    CALLBACK = "callback"
    RAMP = "ramp"
    SKILL = "skill"
    RESERVE = "reserve"


class Timed(Protocol):
    """Whatever can have deadlines."""

    @property
    def ident(self) -> str: ...
    @property
    def timers(self) -> "dict[TimerKind, Timer]": ...


Timer = list[Any]
"""[deadline ms, sequence, kind, record]; the sequence breaks ties in order of arming, a dead one has no
record.
"""


class Timers:
    """At most one live deadline for each kind and record."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._dead = 0
        self.sequence = 0

    def arm(self, kind: TimerKind, record: Timed, at_ms: int) -> None:
        """Set the deadline, replacing an earlier one of the same kind and record."""
        self.sequence += 1
        timers = record.timers
        before = timers.get(kind)
        if before is not None:
            before[3] = None
            self._dead += 1
        timers[kind] = timer = [at_ms, self.sequence, kind, record]
        heapq.heappush(self._heap, timer)
        if self._dead > 64 and 2 * self._dead > len(self._heap):
            # The dead are the most: throw them away.
            self._heap = [timer for timer in self._heap if timer[3] is not None]
            heapq.heapify(self._heap)
            self._dead = 0

    def cancel(self, kind: TimerKind, record: Timed) -> None:
        """Forget the deadline; a no-op without one."""
        timer = record.timers.pop(kind, None)
        if timer is not None:
            timer[3] = None
            self._dead += 1

    def cancel_all(self, record: Timed) -> None:
        """Forget every deadline of a record."""
        timers = record.timers
        if timers:
            for timer in timers.values():
                timer[3] = None
            self._dead += len(timers)
            timers.clear()

    def due_by(self, at_ms: int) -> int | None:
        """The earliest live deadline if it is not after `at_ms`."""
        heap = self._heap
        while heap and heap[0][0] <= at_ms:
            if heap[0][3] is not None:
                deadline_ms: int = heap[0][0]
                return deadline_ms
            heapq.heappop(heap)
            self._dead -= 1
        return None

    def next_ms(self) -> int | None:
        """The earliest live deadline."""
        heap = self._heap
        while heap and heap[0][3] is None:
            heapq.heappop(heap)
            self._dead -= 1
        return heap[0][0] if heap else None

    def pop_due(self, now_ms: int) -> Timer | None:
        """Remove and return the earliest live timer due by `now_ms`."""
        if self.due_by(now_ms) is None:
            return None
        timer = heapq.heappop(self._heap)
        del timer[3].timers[timer[2]]
        return timer

    def live(self) -> list[tuple[int, int, TimerKind, str]]:
        """Every live timer in firing order: (deadline ms, sequence, kind, id of its record)."""
        return sorted((timer[0], timer[1], timer[2], timer[3].ident) for timer in self._heap if timer[3])

    def restore(self, at_ms: int, sequence: int, kind: TimerKind, record: Timed) -> None:
        """Take over a timer of a snapshot, with its sequence."""
        record.timers[kind] = timer = [at_ms, sequence, kind, record]
        heapq.heappush(self._heap, timer)

"""Deadlines, lazily invalidated. Time itself comes from events; nothing here knows a clock.

A deadline belongs to a record (an offer, a contact, an agent, a queue), which keeps it under its kind; so
forgetting one costs a look into a small dictionary. Most deadlines are forgotten before they come, so only
the nearest are kept in order.
"""

import heapq
from enum import StrEnum
from itertools import chain
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


SPAN_BITS = 10
"""Deadlines within the same 1,024 ms are one span."""
NEVER_MS = 1 << 62
DEAD_MIN, DEAD_SHARE = 64, 3
"""The dead are thrown away when they are more than so many, and so many for each of the living."""


class Timers:
    """At most one live deadline for each kind and record."""

    def __init__(self) -> None:
        self._near: list[Timer] = []
        """A heap of all deadlines up to the span `_reached`."""
        self._reached = -1
        self._later: dict[int, list[Timer]] = {}
        """The others by span, in no order."""
        self._spans: list[int] = []
        """A heap of those spans."""
        self._live = self._dead = 0
        self.sequence = 0

    def arm(self, kind: TimerKind, record: Timed, at_ms: int) -> None:
        """Set the deadline, replacing an earlier one of the same kind and record."""
        timers = record.timers
        before = timers.get(kind)
        if before is None:
            self._live += 1
        else:
            before[3] = None
            self._dead += 1
        if self._dead > DEAD_MIN + DEAD_SHARE * self._live:
            self._bury()
        self.sequence += 1
        timers[kind] = timer = [at_ms, self.sequence, kind, record]
        span = self._later.get(at_ms >> SPAN_BITS)
        if span is not None:
            span.append(timer)
        else:
            self._begin(timer)

    def restore(self, at_ms: int, sequence: int, kind: TimerKind, record: Timed) -> None:
        """Take over a timer of a snapshot, with its sequence."""
        record.timers[kind] = timer = [at_ms, sequence, kind, record]
        self._live += 1
        self._begin(timer)

    def cancel(self, kind: TimerKind, record: Timed) -> None:
        """Forget the deadline; a no-op without one."""
        timer = record.timers.pop(kind, None)
        if timer is not None:
            timer[3] = None
            self._live -= 1
            self._dead += 1

    def cancel_all(self, record: Timed) -> None:
        """Forget every deadline of a record."""
        timers = record.timers
        if timers:
            for timer in timers.values():
                timer[3] = None
            self._live -= len(timers)
            self._dead += len(timers)
            timers.clear()

    def due_by(self, at_ms: int) -> int | None:
        """The earliest live deadline if it is not after `at_ms`."""
        while True:
            near = self._near
            while near and near[0][0] <= at_ms:
                if near[0][3] is not None:
                    deadline_ms: int = near[0][0]
                    return deadline_ms
                heapq.heappop(near)
                self._dead -= 1
            if near or not self._spans or self._spans[0] << SPAN_BITS > at_ms:
                return None
            self._reach()

    def next_ms(self) -> int | None:
        """The earliest live deadline."""
        return self.due_by(NEVER_MS)

    def pop_due(self, now_ms: int) -> Timer | None:
        """Remove and return the earliest live timer due by `now_ms`."""
        if self.due_by(now_ms) is None:
            return None
        timer = heapq.heappop(self._near)
        self._live -= 1
        del timer[3].timers[timer[2]]
        return timer

    def live(self) -> list[tuple[int, int, TimerKind, str]]:
        """Every live timer in firing order: (deadline ms, sequence, kind, id of its record)."""
        every = chain(self._near, *self._later.values())
        return sorted((timer[0], timer[1], timer[2], timer[3].ident) for timer in every if timer[3])

    def _begin(self, timer: Timer) -> None:
        """Take in a timer of a span that is near, or that has none yet."""
        span = timer[0] >> SPAN_BITS
        if span <= self._reached:
            heapq.heappush(self._near, timer)
            return
        if span not in self._later:
            self._later[span] = []
            heapq.heappush(self._spans, span)
        self._later[span].append(timer)

    def _reach(self) -> None:
        """Bring the next span near, of which nothing is left."""
        self._reached = heapq.heappop(self._spans)
        span = self._later.pop(self._reached)
        self._near = _living(span)
        self._dead -= len(span) - len(self._near)
        heapq.heapify(self._near)

    def _bury(self) -> None:
        """Throw the dead away."""
        self._near = _living(self._near)
        heapq.heapify(self._near)
        self._later = {span: living for span, timers in self._later.items() if (living := _living(timers))}
        self._spans = sorted(self._later)
        self._dead = 0


def _living(timers: list[Timer]) -> list[Timer]:
    return [timer for timer in timers if timer[3] is not None]

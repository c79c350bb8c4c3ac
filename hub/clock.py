"""The only place that reads the wall clock."""

import time

_STEP_MS = 1_000
"""A wall clock that runs ahead of ours by more than this was set: follow it."""


class Clock:
    """Wall time in milliseconds that never goes back. Tests pass a subclass with a time of their own.

    Between settings it runs on the monotonic clock. A wall clock that is set forward is followed; one that is
    set back is not, until the next start, because every deadline of the hub would stand still meanwhile.
    """

    def __init__(self) -> None:
        self._ahead_ms = _wall_ms() - _monotonic_ms()

    def now_ms(self) -> int:
        """UTC epoch milliseconds."""
        now_ms = _monotonic_ms() + self._ahead_ms
        wall_ms = _wall_ms()
        if wall_ms > now_ms + _STEP_MS:
            self._ahead_ms += wall_ms - now_ms
            return wall_ms
        return now_ms


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000

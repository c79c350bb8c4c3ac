"""The only place that reads the wall clock."""

import time


class Clock:
    """Wall time in milliseconds. Tests pass a subclass with a time of their own."""

    def now_ms(self) -> int:
        """UTC epoch milliseconds."""
        return time.time_ns() // 1_000_000

"""What costs are compared with, taken in the same process and loop: steps of a large heap, and a spin.

Time is the thread's own on a processor, so that neighbours who take turns with us count for neither side.
"""

import heapq
import time
from collections.abc import Callable
from random import Random
from statistics import median

HEAP_SIZE = 100_000
SPIN_NS = 10_000
_KEY_MAX = 10**9
_DRAWN = 4_096


def cpu_ns(work: Callable[[], object]) -> int:
    """How long the thread computes for one call."""
    began = time.thread_time_ns()
    work()
    return time.thread_time_ns() - began


class HeapSteps:
    """`heapreplace` of (key, sequence, object) on a heap of 100,000 such tuples: one step is one unit."""

    def __init__(self, seed: int = 1) -> None:
        random = Random(seed)
        self._heap = [(random.randrange(_KEY_MAX), number, object()) for number in range(HEAP_SIZE)]
        heapq.heapify(self._heap)
        self._ahead = [random.randrange(_KEY_MAX) for _ in range(_DRAWN)]
        self._sequence = HEAP_SIZE

    def take(self, steps: int) -> None:
        """So many steps (at most 4,096); each puts the first one back somewhere among the others."""
        heap, sequence = self._heap, self._sequence
        self._sequence += steps
        for ahead in self._ahead[:steps]:
            key, _, what = heap[0]
            sequence += 1
            heapq.heapreplace(heap, (key + ahead, sequence, what))


class Spin:
    """A fixed piece of computing that takes 10 µs when nobody disturbs: how long it takes tells the noise."""

    def __init__(self) -> None:
        self._turns = 100
        for _ in range(3):
            found = median(cpu_ns(self.turn) for _ in range(500))
            self._turns = max(round(self._turns * SPIN_NS / found), 1)

    def turn(self) -> None:
        """Spin once."""
        for _ in range(self._turns):
            pass


def percentile(found: list[int], percent: float) -> int:
    """The value below which `percent` of a list that is not empty lie."""
    return sorted(found)[min(int(len(found) * percent / 100), len(found) - 1)]

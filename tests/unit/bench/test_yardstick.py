"""The heap keeps its size and order however many steps are taken; percentiles are those of the list."""

import heapq

import pytest

from bench.yardstick import HEAP_SIZE, HeapSteps, Spin, cpu_ns, percentile


def test_steps_keep_the_heap() -> None:
    steps = HeapSteps()
    for _ in range(3):
        steps.take(4_096)
    heap = steps._heap
    assert len(heap) == HEAP_SIZE
    assert len({sequence for _, sequence, _ in heap}) == HEAP_SIZE
    keys = [heapq.heappop(heap)[0] for _ in range(1_000)]
    assert keys == sorted(keys)


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 51), (99, 100), (100, 100)])
def test_percentile(percent: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == expected


def test_a_spin_is_some_computing() -> None:
    spin = Spin()
    assert cpu_ns(lambda: [spin.turn() for _ in range(100)]) > 100 * 1_000

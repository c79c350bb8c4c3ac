"""Sliding windows: the burst passes, the next waits, keys do not touch each other, memory is bounded."""

from channels.webchat import limits
from channels.webchat.limits import Window


def test_a_burst_passes_and_the_next_is_told_how_long_to_wait() -> None:
    window = Window(3, 10_000)
    assert [window.take("a", now) for now in (0, 100, 200)] == [0, 0, 0]
    assert window.take("a", 300) == 9_700
    assert window.take("b", 300) == 0
    assert window.take("a", 10_000) == 0
    assert window.take("a", 10_001) == 99


def test_a_clock_set_back_waits_no_longer_than_the_window() -> None:
    window = Window(1, 10_000)
    window.take("a", 1_000_000)
    assert window.take("a", 0) == 10_000


def test_refused_hits_do_not_prolong_the_wait() -> None:
    window = Window(1, 1_000)
    window.take("a", 0)
    for now in range(1, 1000):
        assert window.take("a", now) > 0
    assert window.take("a", 1000) == 0


def test_a_flood_of_keys_costs_bounded_memory() -> None:
    window = Window(1, 10_000)
    for number in range(limits.KEYS_MAX + 500):
        window.take(str(number), 0)
    assert len(window._hits) == limits.KEYS_MAX

"""Deadlines fire in order, once, and not at all when they were cancelled or replaced."""

from routing.timers import TimerKind, Timers


def fired(timers: Timers, now_ms: int) -> list[tuple[str, str]]:
    found = []
    while (timer := timers.pop_due(now_ms)) is not None:
        found.append((str(timer[2]), timer[3]))
    return found


def test_equal_deadlines_fire_in_the_order_of_arming() -> None:
    timers = Timers()
    for ident in ("z", "a", "m"):
        timers.arm(TimerKind.RING, ident, 100)
    timers.arm(TimerKind.STEP, "first", 99)
    assert timers.next_ms() == 99
    assert fired(timers, 98) == []
    assert fired(timers, 100) == [("step", "first"), ("ring", "z"), ("ring", "a"), ("ring", "m")]
    assert timers.next_ms() is None


def test_a_timer_set_again_fires_once_at_its_last_time() -> None:
    timers = Timers()
    timers.arm(TimerKind.RING, "o", 50)
    timers.arm(TimerKind.RING, "o", 70)
    timers.arm(TimerKind.WRAP_UP, "o", 60)
    timers.cancel(TimerKind.WRAP_UP, "o")
    timers.cancel(TimerKind.WRAP_UP, "never set")
    assert fired(timers, 69) == []
    assert fired(timers, 70) == [("ring", "o")]


def test_cancelled_timers_do_not_pile_up() -> None:
    timers = Timers()
    for number in range(10_000):
        timers.arm(TimerKind.RING, "same", number + 1)
    assert len(timers._heap) < 200
    assert timers.live() == [(10_000, 10_000, TimerKind.RING, "same")]


def test_the_order_survives_compaction_and_restoring() -> None:
    timers = Timers()
    for number in range(200):
        timers.arm(TimerKind.RING, f"gone-{number}", 5)
    for ident in ("b", "a"):
        timers.arm(TimerKind.RING, ident, 10)
    for number in range(200):
        timers.cancel(TimerKind.RING, f"gone-{number}")
    for ident in ("d", "c"):
        timers.arm(TimerKind.RING, ident, 10)
    again = Timers()
    again.restore(timers.live(), timers.sequence)
    expected = [("ring", ident) for ident in ("b", "a", "d", "c")]
    assert fired(timers, 10) == expected
    assert fired(again, 10) == expected

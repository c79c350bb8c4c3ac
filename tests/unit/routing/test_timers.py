"""Deadlines fire in order, once, and not at all when they were cancelled or replaced."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from routing.timers import Timer, TimerKind, Timers


@dataclass(eq=False)
class Owner:
    """Something with deadlines."""

    ident: str
    timers: dict[TimerKind, Timer] = field(default_factory=dict)


def fired(timers: Timers, now_ms: int) -> list[tuple[str, str]]:
    found = []
    while (timer := timers.pop_due(now_ms)) is not None:
        found.append((str(timer[2]), timer[3].ident))
    return found


def test_equal_deadlines_fire_in_the_order_of_arming() -> None:
    timers = Timers()
    for ident in ("z", "a", "m"):
        timers.arm(TimerKind.RING, Owner(ident), 100)
    timers.arm(TimerKind.STEP, Owner("first"), 99)
    assert timers.next_ms() == 99
    assert fired(timers, 98) == []
    assert fired(timers, 100) == [("step", "first"), ("ring", "z"), ("ring", "a"), ("ring", "m")]
    assert timers.next_ms() is None


def test_a_timer_set_again_fires_once_at_its_last_time() -> None:
    timers, owner = Timers(), Owner("o")
    timers.arm(TimerKind.RING, owner, 50)
    timers.arm(TimerKind.RING, owner, 70)
    timers.arm(TimerKind.WRAP_UP, owner, 60)
    timers.cancel(TimerKind.WRAP_UP, owner)
    timers.cancel(TimerKind.SETUP, owner)
    assert fired(timers, 69) == []
    assert fired(timers, 70) == [("ring", "o")]
    assert owner.timers == {}


def test_cancelled_timers_do_not_pile_up() -> None:
    timers, owner = Timers(), Owner("same")
    for number in range(10_000):
        timers.arm(TimerKind.RING, owner, number + 1)
        timers.arm(TimerKind.STEP, owner, number + 1)
        timers.cancel(TimerKind.STEP, owner)
    assert len(timers._near) + sum(map(len, timers._later.values())) < 200
    assert timers.live() == [(10_000, 19_999, TimerKind.RING, "same")]


def test_a_record_that_is_gone_has_no_deadlines() -> None:
    timers, owner, other = Timers(), Owner("gone"), Owner("here")
    for kind in (TimerKind.RING, TimerKind.STEP, TimerKind.EXCLUSION):
        timers.arm(kind, owner, 5)
    timers.arm(TimerKind.STEP, other, 5)
    timers.cancel_all(owner)
    assert fired(timers, 9) == [("step", "here")]


def test_the_order_survives_compaction_and_restoring() -> None:
    timers = Timers()
    gone = [Owner(f"gone-{number}") for number in range(200)]
    here = {ident: Owner(ident) for ident in ("b", "a", "d", "c")}
    for owner in gone:
        timers.arm(TimerKind.RING, owner, 5)
    for ident in ("b", "a"):
        timers.arm(TimerKind.RING, here[ident], 10)
    for owner in gone:
        timers.cancel(TimerKind.RING, owner)
    for ident in ("d", "c"):
        timers.arm(TimerKind.RING, here[ident], 10)
    again = Timers()
    for at_ms, sequence, kind, ident in reversed(timers.live()):
        again.restore(at_ms, sequence, kind, Owner(ident))
    expected = [("ring", ident) for ident in ("b", "a", "d", "c")]
    assert fired(timers, 10) == expected
    assert fired(again, 10) == expected


OWNERS = [Owner(f"owner-{number}") for number in range(6)]
SETTING = st.tuples(st.sampled_from(OWNERS), st.sampled_from([TimerKind.RING, TimerKind.STEP]))
DOING = st.one_of(
    st.tuples(st.just("arm"), SETTING, st.integers(0, 5_000)),
    st.tuples(st.just("cancel"), SETTING, st.just(0)),
    st.tuples(st.just("look"), st.none(), st.just(0)),
    st.tuples(st.just("pass"), st.none(), st.integers(0, 2_500)),
)


@given(st.lists(DOING, max_size=60))
def test_whatever_is_set_and_cancelled_fires_in_order(doings: list[tuple[str, Any, int]]) -> None:
    timers, now_ms = Timers(), 0
    wanted: dict[tuple[str, str], tuple[int, int]] = {}
    for owner in OWNERS:
        owner.timers.clear()
    for number, (what, setting, span_ms) in enumerate(doings):
        match what:
            case "arm":
                timers.arm(setting[1], setting[0], now_ms + span_ms)
                wanted[setting[0].ident, str(setting[1])] = (now_ms + span_ms, number)
            case "cancel":
                timers.cancel(setting[1], setting[0])
                wanted.pop((setting[0].ident, str(setting[1])), None)
            case "look":
                assert timers.next_ms() == min((at for at, _ in wanted.values()), default=None)
            case _:
                now_ms += span_ms
                due = sorted((when, key) for key, when in wanted.items() if when[0] <= now_ms)
                assert fired(timers, now_ms) == [(kind, ident) for _, (ident, kind) in due]
                for _, key in due:
                    del wanted[key]

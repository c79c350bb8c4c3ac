"""Who comes: the same customers for the same seed, at the rates that the day describes."""

import pytest

from routing.events import PresenceSet
from routing.simulate.day import Visit, described, hour, weekday
from routing.simulate.scenario_reading import read_scenario
from routing.types import Presence
from tests.unit.routing.simulate.days import constant, day, exponential, group, scenario, stream


def drawn(visits: list[Visit]) -> list[tuple[object, ...]]:
    return [(one.at_ms, one.value, one.handle_ms, one.patience_ms, one.worth) for one in visits]


def test_the_same_seed_brings_the_same_customers_and_another_one_others() -> None:
    busy = day(stream(patience=exponential(60), customers=[{"share": 1, "value": {"pareto": 1.16}}]))
    first, again, other = (list(busy.visits(seed)[0]) for seed in (1, 1, 2))
    assert drawn(first) == drawn(again)
    assert drawn(first) != drawn(other)


def test_customers_do_not_change_when_others_come_or_agents_do() -> None:
    """What differs between two days differs for itself: the rest of the customers stay who they are."""
    plain = day(stream("a"), stream("b"))
    changed = day(stream("a"), stream("c"), stream("b"), agents=[group(count=9)])
    assert drawn(list(plain.visits(3)[1])) == drawn(list(changed.visits(3)[2]))


def test_another_distribution_leaves_everything_else_as_it_was() -> None:
    plain, slow = day(stream()), day(stream(handle=constant(600), patience=exponential(5)))
    one, other = list(plain.visits(4)[0]), list(slow.visits(4)[0])
    assert [visit.at_ms for visit in one] == [visit.at_ms for visit in other]
    assert [visit.value for visit in one] == [visit.value for visit in other]


def test_arrivals_follow_the_curve() -> None:
    curve = [
        {"from": "08:00", "to": "09:00", "per_hour": 6_000},
        {"from": "09:00", "to": "10:00", "per_hour": 0},
        {"from": "10:30", "to": "11:00", "per_hour": 1_000},
    ]
    busy = day(stream(arrivals=curve))
    hours = [(visit.at_ms - busy.starts_at_ms) / 3_600_000 for visit in busy.visits(1)[0]]
    assert hours == sorted(hours)
    assert sum(8 <= at < 9 for at in hours) == pytest.approx(6_000, abs=250)
    assert sum(10.5 <= at < 11 for at in hours) == pytest.approx(500, abs=90)
    assert all(8 <= at < 9 or 10.5 <= at < 11 for at in hours)


def test_arrivals_go_on_over_intervals_in_which_hardly_anybody_comes() -> None:
    """Three hundred intervals of a minute, one arrival in ten of them."""
    curve = [{"from": clock(480 + minute), "to": clock(481 + minute), "per_hour": 6} for minute in range(300)]
    counts = [len(list(day(stream(arrivals=curve)).visits(seed)[0])) for seed in range(20)]
    assert sum(counts) / 20 == pytest.approx(30, abs=4)
    assert all(10 < count < 60 for count in counts), "on each day for itself"


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def test_customers_are_mixed_by_their_shares() -> None:
    mix = [
        {"share": 0.2, "tier": "gold", "value": 90, "facts": {"language": "zh"}},
        {"share": 0.8, "value": {"from": 0, "to": 49}},
    ]
    curve = [{"from": "08:00", "to": "09:00", "per_hour": 5_000}]
    busy = day(stream(arrivals=curve, customers=mix), tiers=[{"tier": "bronze", "from": 25}])
    visits = list(busy.visits(1)[0])
    gold = [visit for visit in visits if visit.tier == "gold"]
    assert len(gold) / len(visits) == pytest.approx(0.2, abs=0.02)
    assert all(visit.kind.facts == {"language": "zh"} and visit.value == 90 for visit in gold)
    assert {visit.tier for visit in visits} == {"gold", "bronze", ""}


def test_a_fifth_of_skewed_customers_brings_four_fifths() -> None:
    curve = [{"from": "08:00", "to": "09:00", "per_hour": 20_000}]
    busy = day(stream(arrivals=curve, customers=[{"share": 1, "value": {"pareto": 1.16}}]))
    visits = sorted(busy.visits(5)[0], key=lambda visit: -visit.worth)
    top = sum(visit.worth for visit in visits[: len(visits) // 5])
    assert 0.7 < top / sum(visit.worth for visit in visits) < 0.9
    assert visits[0].value == 100


def test_the_clock_is_that_of_the_company() -> None:
    """In a zone two hours ahead midnight comes two hours earlier, and eight o'clock is eight o'clock."""
    ahead_ms = 2 * 3_600_000
    reading = read_scenario(scenario(day="2026-03-03"))
    there = described(reading, ahead_ms)
    first = next(there.visits(1)[0])
    assert there.starts_at_ms == reading.starts_at_ms - ahead_ms
    assert hour(first.at_ms + there.zone_ms) == 8
    assert weekday(first.at_ms + there.zone_ms) == 1, "a Tuesday"


def test_agents_come_and_go_with_their_shifts() -> None:
    shifts = [{"from": "08:00", "to": "12:00"}, {"from": "13:00", "to": "17:00"}]
    presence = [
        event for event in day(agents=[group(count=1, shifts=shifts)]).staff if isinstance(event, PresenceSet)
    ]
    assert [event.presence for event in presence] == [Presence.AVAILABLE, Presence.OFFLINE] * 2
    assert presence[2].at_ms - presence[1].at_ms == 3_600_000

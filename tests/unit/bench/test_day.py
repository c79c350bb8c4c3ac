"""The bench's day is one that rules and simulator accept, of the size that it is called after."""

from bench.day import CONTACTS, day, rules
from routing.rules.ruleset import RuleSet, check
from routing.simulate.day import HOUR_MS
from routing.simulate.scenario_reading import read_scenario, unknown_skills


def test_the_day_is_what_it_says() -> None:
    assert check(rules()) == []
    scenario = read_scenario(day())
    assert unknown_skills(scenario, RuleSet(rules()).skills()) == []
    expected = sum(
        part.per_hour * (part.to_ms - part.from_ms) / HOUR_MS
        for stream in scenario.streams
        for part in stream.arrivals
    )
    assert abs(expected - CONTACTS) < 1
    assert sum(group.count for group in scenario.groups) == 540

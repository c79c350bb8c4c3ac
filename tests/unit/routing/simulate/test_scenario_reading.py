"""A described day: what is read, and every mistake found with its pointer."""

import json
from pathlib import Path
from typing import Any

import pytest

from routing.rules.ruleset import RuleSet
from routing.simulate.scenario_reading import ScenarioError, read_scenario, unknown_skills
from routing.types import Channel
from tests.unit.routing.simulate.days import constant, group, scenario, stream

ROOT = Path(__file__).resolve().parents[4]


def pointers(body: Any) -> list[str]:
    with pytest.raises(ScenarioError) as found:
        read_scenario(body)
    return [problem.pointer for problem in found.value.problems]


def test_the_example_is_a_day_of_the_demo_company() -> None:
    """The file in the documents has no mistakes, and speaks of the skills of the demo's rules."""
    day = read_scenario(json.loads((ROOT / "docs/examples/day.json").read_text(encoding="utf-8")))
    rules = RuleSet(json.loads((ROOT / "hub/demo/ruleset.json").read_text(encoding="utf-8")))
    assert not unknown_skills(day, rules.skills())
    expected = sum(
        part.per_hour * (part.to_ms - part.from_ms) / 3_600_000
        for own in day.streams
        for part in own.arrivals
    )
    assert 1_800 < expected < 2_200


def test_a_day_is_read_as_it_is_written() -> None:
    day = read_scenario(
        scenario(
            stream(
                channel="chat",
                facts={"ivr.reason": "orders"},
                arrivals=[
                    {"from": "08:00", "to": "08:30", "per_hour": 10},
                    {"from": "23:30", "to": "24:30:15", "per_hour": 2.5},
                ],
                customers=[
                    {"share": 0.25, "tier": "gold", "value": {"from": 80, "to": 100}, "loyalty": 90},
                    {"share": 0.75, "facts": {"language": "zh"}, "value": {"pareto": 1.16}},
                ],
                pace={"skill": "orders", "at_1": 2, "at_100": 0.5},
                patience=constant(90),
                wrap_up=constant(5),
            ),
            agents=[
                group(
                    skills={"english": 80},
                    chain={"skills": ["a", "b", "c"], "each": 2, "level": 70},
                    capacity={"units": 3, "caps": {"chat": 3, "voice": 1}, "weights": {"chat": 1}},
                    tier=2,
                    accept=constant(4),
                    reject=0.1,
                    miss=0.2,
                    back_after_s=30,
                )
            ],
            day="2024-03-01",
            count_from="08:15",
            tiers=[{"tier": "silver", "from": 50}, {"tier": "gold", "from": 80}],
        )
    )
    assert day.starts_at_ms == 1_709_251_200_000
    assert day.count_from_ms == 29_700_000
    assert [day.tier_of(value) for value in (49, 50, 79, 80)] == ["", "silver", "silver", "gold"]
    own = day.streams[0]
    assert own.channel is Channel.CHAT
    assert own.arrivals[1].to_ms == 88_215_000
    assert own.pace is not None
    assert own.pace.factor(1) == 2
    assert own.pace.factor(100) == 0.5
    assert own.customers[0].worth.draw(0.0) == (80, 80)
    assert own.customers[0].worth.draw(0.999) == (100, 100)
    assert own.customers[1].worth.draw(0.5)[0] == 50
    team = day.groups[0]
    assert [skill.skill for skill in team.skills_of(2)] == ["english", "c", "a"]
    assert team.habit.accept is not None
    assert (team.habit.accept(0.5), team.habit.reject, team.habit.miss) == (4_000, 0.1, 0.2)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"arrivals": [{"from": "8", "to": "09:00", "per_hour": 1}]}, "/streams/0/arrivals/0/from"),
        ({"arrivals": [{"from": "10:00", "to": "09:00", "per_hour": 1}]}, "/streams/0/arrivals/0/to"),
        ({"arrivals": [{"from": "08:00", "to": "09:00", "per_hour": -1}]}, "/streams/0/arrivals/0/per_hour"),
        ({"arrivals": [{"from": "08:00", "to": "09:00", "per_hour": 1e9}]}, "/streams/0/arrivals/0/per_hour"),
        ({"arrivals": []}, "/streams/0/arrivals"),
        ({"channel": "fax"}, "/streams/0/channel"),
        ({"handle": {"kind": "normal", "mean_s": 1}}, "/streams/0/handle/kind"),
        ({"handle": {"kind": "lognormal", "mean_s": 1}}, "/streams/0/handle/cv"),
        ({"handle": {"kind": "constant", "mean_s": -1}}, "/streams/0/handle/mean_s"),
        ({"handle": None}, "/streams/0/handle"),
        ({"facts": {"weather": "fine"}}, "/streams/0/facts/weather"),
        ({"facts": {"hour": 3}}, "/streams/0/facts/hour"),
        ({"facts": {"subject": ["a"]}}, "/streams/0/facts/subject"),
        ({"customers": [{"share": 0.5}]}, "/streams/0/customers"),
        ({"customers": [{"share": 1, "value": 101}]}, "/streams/0/customers/0/value"),
        ({"customers": [{"share": 1, "value": {"from": 9, "to": 3}}]}, "/streams/0/customers/0/value/to"),
        ({"customers": [{"share": 1, "value": {"pareto": 1}}]}, "/streams/0/customers/0/value/pareto"),
        ({"pace": {"skill": "x", "at_1": 0, "at_100": 1}}, "/streams/0/pace/at_1"),
        ({"colour": "red"}, "/streams/0/colour"),
    ],
)
def test_a_mistake_in_a_stream_is_told_with_its_place(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(scenario(stream(**changes))) == [pointer]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"count": -1}, "/agents/0/count"),
        ({"count": 30_000}, "/agents/0/count"),
        ({"skills": {"english": 0}}, "/agents/0/skills/english"),
        ({"skills": ["english"]}, "/agents/0/skills"),
        ({"shifts": []}, "/agents/0/shifts"),
        (
            {"shifts": [{"from": "08:00", "to": "10:00"}, {"from": "09:00", "to": "11:00"}]},
            "/agents/0/shifts/1/from",
        ),
        ({"capacity": {"units": 0, "caps": {"voice": 1}}}, "/agents/0/capacity/units"),
        ({"capacity": {"units": 1, "caps": {"fax": 1}}}, "/agents/0/capacity/caps/fax"),
        ({"tier": 4}, "/agents/0/tier"),
        ({"reject": 0.6, "miss": 0.6}, "/agents/0/miss"),
        ({"chain": {"skills": ["a", "a"], "each": 1}}, "/agents/0/chain/skills/1"),
        ({"chain": {"skills": ["a"], "each": 2}}, "/agents/0/chain/each"),
        ({"skills": {"a": 5}, "chain": {"skills": ["a"], "each": 1}}, "/agents/0/chain"),
    ],
)
def test_a_mistake_in_a_group_is_told_with_its_place(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(scenario(agents=[group(**changes)])) == [pointer]


def test_all_mistakes_are_told_at_once() -> None:
    body = scenario(
        stream("one"), stream("one"), agents=[group("g"), group("g")], day="2026-02-29", count_from=8
    )
    assert pointers(body) == ["/day", "/count_from", "/streams/1/id", "/agents/1/id"]
    assert pointers([]) == ["", "/streams", "/agents"]
    assert pointers({"streams": [], "agents": []}) == ["/streams", "/agents"]


def test_more_contacts_than_one_day_can_be_played_with_are_refused() -> None:
    busy = stream(arrivals=[{"from": "00:00", "to": "24:00", "per_hour": 1_000_000}])
    assert pointers(scenario(busy)) == ["/streams"]


def test_a_skill_that_no_rules_know_is_most_likely_misspelt() -> None:
    day = read_scenario(
        scenario(
            stream(pace={"skill": "speling", "at_1": 1, "at_100": 1}),
            agents=[group(skills={"english": 1, "englisch": 1}, chain={"skills": ["french"], "each": 1})],
        )
    )
    assert [problem.pointer for problem in unknown_skills(day, ["english"])] == [
        "/agents/0/skills/englisch",
        "/agents/0/chain/skills/0",
        "/streams/0/pace/skill",
    ]

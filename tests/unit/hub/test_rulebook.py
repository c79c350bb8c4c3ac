"""The rulebook: one set in force, older ones to go back to, nothing that this hub cannot carry out."""

from typing import Any

import pytest

from hub.bootstrap import Hub, default_rules
from hub.rulebook import Ability, BadRuleSet, Rulebook, UnknownRuleSet, abilities, history

NOON_UTC_MS = 1_790_078_400_000
"""A September noon in Greenwich: 13 o'clock in London, 20 o'clock in Shanghai."""


def by_hour(hour: int) -> dict[str, Any]:
    """Rules that know the hour."""
    rule = {
        "id": "hour",
        "name": "At that hour",
        "when": {"combinator": "and", "rules": [{"field": "hour", "operator": "=", "value": hour}]},
        "then": {"queue": "billing", "steps": [{}], "end": "hold"},
    }
    return {**default_rules(), "rules": [rule]}


async def publish(hub: Hub, rulebook: Rulebook, body: Any) -> str:
    row = await hub.dispatcher.transact(lambda c, now_ms: rulebook.publish(c, now_ms, body, "ada", ""))
    return row.hash


@pytest.mark.parametrize(("zone", "hour"), [("Europe/London", 13), ("Asia/Shanghai", 20), ("UTC", 12)])
async def test_hours_are_those_of_the_company(hub: Hub, zone: str, hour: int) -> None:
    rulebook = Rulebook(zone)
    await publish(hub, rulebook, by_hour(hour))
    routed = await hub.store.read(lambda c: rulebook.route(c, NOON_UTC_MS, "c-1", {"channel": "voice"}, ""))
    assert routed.routing.queue == "billing"
    assert routed.rule_set.hash == hub.dispatcher.engine.rule_set


async def test_roll_back_goes_to_the_previous_set_or_the_one_that_is_named(hub: Hub) -> None:
    first = hub.dispatcher.engine.rule_set
    hub.clock.move(1_000)  # type: ignore[attr-defined]
    second = await publish(hub, hub.rulebook, by_hour(1))
    hub.clock.move(1_000)  # type: ignore[attr-defined]
    third = await publish(hub, hub.rulebook, by_hour(2))

    async def roll_back(to: str) -> str:
        row = await hub.dispatcher.transact(lambda c, now_ms: hub.rulebook.roll_back(c, now_ms, to, "ada"))
        return row.hash

    with pytest.raises(UnknownRuleSet):
        await roll_back(third)
    assert await roll_back(first[:12]) == first
    assert await roll_back("") == third
    assert hub.dispatcher.engine.rule_set == third
    states = {row.hash: row.state for row in await hub.store.read(history)}
    assert states == {first: "retired", second: "retired", third: "published"}


async def test_bad_rules_change_nothing(hub: Hub) -> None:
    before = hub.dispatcher.engine.rule_set
    with pytest.raises(BadRuleSet) as refused:
        await publish(hub, hub.rulebook, {"name": "nothing else"})
    assert refused.value.problems
    assert hub.dispatcher.engine.rule_set == before
    assert [row.hash for row in await hub.store.read(history)] == [before]


@pytest.mark.parametrize("value", [10**30, float("nan"), "\ud800"])
async def test_what_could_not_be_read_back_as_it_was_is_refused(hub: Hub, value: Any) -> None:
    """The query builder's own marks, which say nothing, are covered by the hash like all the rest."""
    body = by_hour(1)
    body["rules"][0]["when"]["id"] = value
    with pytest.raises(BadRuleSet):
        await publish(hub, hub.rulebook, body)
    assert len(await hub.store.read(history)) == 1


async def test_a_rule_set_has_a_greatest_size(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abilities, "BODY_MAX_BYTES", 1_000)
    with pytest.raises(BadRuleSet, match="larger than 1000 bytes"):
        await publish(hub, hub.rulebook, by_hour(1))


def _then(**fields: Any) -> dict[str, Any]:
    return {"queue": "general", "steps": [{"for_s": 60}], **fields}


def _queue(**fields: Any) -> dict[str, Any]:
    """Rules with a queue more, the sixth."""
    body = default_rules()
    return {**body, "queues": [*body["queues"], {"id": "late", "name": "Late", **fields}]}


UNABLE: dict[str, tuple[Ability, dict[str, Any]]] = {
    "/rules/0/then/end": (
        Ability.VOICEMAIL,
        {
            **default_rules(),
            "rules": [{"id": "r", "name": "R", "when": None, "then": _then(end="voicemail")}],
        },
    ),
    "/default/end": (Ability.CALLBACK, {**default_rules(), "default": _then(end="callback")}),
    "/queues/5/full": (Ability.VOICEMAIL, _queue(length_max=5, full="voicemail")),
    "/queues/5/length_max": (Ability.TURN_AWAY, _queue(length_max=5)),
    "/queues/5/plan/end": (
        Ability.CALLBACK,
        _queue(plan={"steps": [{"for_s": 60}], "end": "callback"}),
    ),
    "/queues/5/when_closed/end": (
        Ability.TURN_AWAY,
        {
            **_queue(calendar="day", when_closed={"end": "turn_away"}),
            "calendars": [
                *default_rules()["calendars"],
                {
                    "id": "day",
                    "name": "Day",
                    "time_zone": "Europe/London",
                    "open": [{"days": ["mon"], "from": "09:00", "to": "17:00"}],
                },
            ],
        },
    ),
}


@pytest.mark.parametrize("pointer", list(UNABLE))
async def test_what_this_hub_cannot_carry_out_is_refused_when_saved(hub: Hub, pointer: str) -> None:
    """Nobody is promised a callback that nobody would make; a hub that can make one takes the same rules."""
    ability, body = UNABLE[pointer]
    with pytest.raises(BadRuleSet) as refused:
        await publish(hub, hub.rulebook, body)
    [problem] = refused.value.problems
    assert problem.pointer == pointer
    assert problem.message.startswith("This installation cannot")
    others = Rulebook("UTC", set(Ability) - {ability})
    with pytest.raises(BadRuleSet):
        await publish(hub, others, body)
    assert len(await hub.store.read(history)) == 1
    assert await publish(hub, Rulebook("UTC", {ability}), body) == hub.dispatcher.engine.rule_set


async def test_a_hub_that_has_lost_an_ability_does_not_go_back_to_rules_that_need_it(hub: Hub) -> None:
    able, body = Rulebook("UTC", set(Ability)), UNABLE["/default/end"][1]
    await publish(hub, able, body)
    hub.clock.move(1_000)  # type: ignore[attr-defined]
    now = await publish(hub, able, default_rules())
    with pytest.raises(BadRuleSet, match="/default/end"):
        await hub.dispatcher.transact(lambda c, at: hub.rulebook.roll_back(c, at, "", "ada"))
    assert hub.dispatcher.engine.rule_set == now

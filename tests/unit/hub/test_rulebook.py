"""The rulebook: one set in force, older ones to go back to, nothing that this hub cannot carry out."""

from typing import Any

import pytest

from hub.bootstrap import Hub, default_rules
from hub.rulebook import BadRuleSet, Rulebook, UnknownRuleSet, history

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

"""From draft to retired: what is refused on the way, what is noted, what a broken change leaves behind."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

from channels.base import Inbound, Kind
from hub.bootstrap import Hub, core, default_rules
from hub.config import Config
from hub.rulebook import (
    BadRuleSet,
    Changed,
    Rulebook,
    RuleSetRow,
    Step,
    UnknownRuleSet,
    WrongState,
    find,
    history,
    rows,
    steps_of,
)
from hub.store.tables import contacts, journal, rule_set_steps, rule_sets
from tests.unit.hub.conftest import MovedClock

SUMMARY = {"service_level": {"general": [0.8, 0.83]}}


def rules(name: str) -> dict[str, Any]:
    """The first rules under another name, so with another hash."""
    return {**default_rules(), "name": name}


async def change(hub: Hub, work: Callable[[Rulebook, Connection, int], Changed]) -> RuleSetRow:
    return await hub.dispatcher.transact(lambda c, now_ms: work(hub.rulebook, c, now_ms))


async def draft(hub: Hub, body: Any, author: str = "ada") -> str:
    return (await change(hub, lambda book, c, at: book.save_draft(c, at, body, author, "why"))).hash


async def simulate(hub: Hub, wanted: str) -> RuleSetRow:
    return await change(hub, lambda book, c, at: book.record_simulation(c, at, wanted, SUMMARY, "sim"))


async def approve(hub: Hub, wanted: str, by: str = "bob") -> RuleSetRow:
    return await change(hub, lambda book, c, at: book.approve(c, at, wanted, by, "looks good"))


async def publish(hub: Hub, wanted: str) -> RuleSetRow:
    return await change(hub, lambda book, c, at: book.publish_approved(c, at, wanted, "bob", ""))


async def steps(hub: Hub, wanted: str) -> list[Step]:
    return await hub.store.read(lambda c: steps_of(c, [wanted]))


async def arrives(hub: Hub, number: int) -> Any:
    """The row of a new contact."""
    inbound = Inbound(Kind.SMS, f"SM{number}", f"+4477009{number:05d}", "+447700900001", 1, "hello")
    admission = await hub.ports.intake.admit("sms", inbound)
    query = select(contacts).where(contacts.c.interaction_id == admission.interaction_id)
    return await hub.store.read(lambda c: c.execute(query).one())


async def test_each_step_is_noted_with_who_and_when(hub: Hub, clock: MovedClock) -> None:
    first, start = hub.dispatcher.engine.rule_set, clock.at_ms
    wanted = await draft(hub, rules("better"))
    for work in (simulate, approve, publish):
        clock.move(1_000)
        await work(hub, wanted[:12])
    noted = [(step.state, step.by, step.at_ms - start, step.detail) for step in await steps(hub, wanted)]
    assert noted == [
        ("draft", "ada", 0, {}),
        ("simulated", "sim", 1_000, {"summary": SUMMARY}),
        ("approved", "bob", 2_000, {"own": False}),
        ("published", "bob", 3_000, {}),
    ]
    last = (await steps(hub, first))[-1]
    assert (last.state, last.by, last.detail) == ("retired", "bob", {"for": wanted})
    assert hub.dispatcher.engine.rule_set == wanted
    assert (await arrives(hub, 1)).rule_set == wanted, "the next decision cites the new hash"

    clock.move(1_000)
    await change(hub, lambda book, c, at: book.roll_back(c, at, "", "eve"))
    assert (await arrives(hub, 2)).rule_set == first == hub.dispatcher.engine.rule_set
    last = (await steps(hub, first))[-1]
    assert (last.state, last.by, last.detail) == ("published", "eve", {"rolled_back": True})


async def test_nothing_is_approved_unseen_or_published_unapproved(hub: Hub) -> None:
    before = hub.dispatcher.engine.rule_set
    wanted = await draft(hub, rules("better"))
    with pytest.raises(WrongState, match="not been simulated"):
        await approve(hub, wanted)
    with pytest.raises(WrongState, match="simulate it, then approve"):
        await publish(hub, wanted)
    await simulate(hub, wanted)
    with pytest.raises(WrongState, match="not been approved"):
        await publish(hub, wanted)
    row = await approve(hub, wanted, by="ada")
    assert row.state == "approved"
    assert (await steps(hub, wanted))[-1].detail == {"own": True}, "its author approved it"
    with pytest.raises(WrongState, match="needs no approval"):
        await approve(hub, wanted)
    assert hub.dispatcher.engine.rule_set == before
    for unknown in ("", "f" * 64, "xyz", "%", wanted + "0"):
        with pytest.raises(UnknownRuleSet):
            await approve(hub, unknown)


async def test_who_edits_an_approved_set_has_another_one(hub: Hub) -> None:
    """A hash names its content, so an approval can never cover what was changed after it."""
    wanted = await draft(hub, rules("better"))
    await simulate(hub, wanted)
    await approve(hub, wanted)
    edited = await draft(hub, rules("better still"))
    assert edited != wanted
    with pytest.raises(WrongState):
        await publish(hub, edited)
    assert await draft(hub, rules("better")) == wanted, "what is known already stays what it was"
    assert (await hub.store.read(lambda c: find(c, wanted))).state == "approved"


async def test_a_later_simulation_is_noted_and_takes_nothing_back(hub: Hub) -> None:
    published = hub.dispatcher.engine.rule_set
    row = await simulate(hub, published)
    assert row.state == "published"
    assert (await steps(hub, published))[-1].detail == {"summary": SUMMARY}
    with pytest.raises(ValueError, match="65536 bytes"):
        await change(
            hub, lambda book, c, at: book.record_simulation(c, at, published, {"x": "y" * 70_000}, "sim")
        )


async def test_the_short_way_says_what_it_skipped(hub: Hub) -> None:
    def short(body: Any) -> Callable[[Rulebook, Connection, int], Changed]:
        return lambda book, c, at: book.publish(c, at, body, "ada", "urgent")

    row = await change(hub, short(rules("better")))
    assert [(step.state, step.detail) for step in await steps(hub, row.hash)] == [
        ("draft", {}),
        ("published", {"skipped": ["simulated", "approved"]}),
    ]
    seen = await draft(hub, rules("seen"))
    await simulate(hub, seen)
    await change(hub, short(rules("seen")))
    assert (await steps(hub, seen))[-1].detail == {"skipped": ["approved"]}
    row = await change(hub, short(rules("better")))
    assert (await steps(hub, row.hash))[-1].detail == {}, "it was in force before"
    count = len(await steps(hub, row.hash))
    seq = hub.dispatcher.seq
    await change(hub, short(rules("better")))
    assert (len(await steps(hub, row.hash)), hub.dispatcher.seq) == (count, seq)


async def test_a_draft_with_mistakes_is_not_saved(hub: Hub) -> None:
    bad = rules("bad")
    bad["default"] = {"queue": "nowhere", "end": "hold"}
    bad["queues"] = [*bad["queues"], {"id": "more"}]
    with pytest.raises(BadRuleSet) as refused:
        await draft(hub, bad)
    assert {"/default/queue"} < {problem.pointer for problem in refused.value.problems}
    with pytest.raises(ValueError, match="500 characters"):
        await change(hub, lambda book, c, at: book.save_draft(c, at, rules("better"), "ada", "x" * 501))
    assert len(await hub.store.read(history)) == 1


async def test_the_oldest_draft_makes_room_and_nothing_else_does(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "DRAFTS_MAX", 2)
    approved = await draft(hub, rules("approved"))
    await simulate(hub, approved)
    await approve(hub, approved)
    first, second = [await draft(hub, rules(name)) for name in ("1", "2")]
    await simulate(hub, first)
    third = await draft(hub, rules("3"))
    known = {row.hash: row.state for row in await hub.store.read(history)}
    assert second not in known, "the other one was touched later"
    assert known == {
        hub.dispatcher.engine.rule_set: "published",
        approved: "approved",
        first: "simulated",
        third: "draft",
    }
    assert await steps(hub, second) == []


@pytest.mark.parametrize("table", [journal.name, rule_set_steps.name])
async def test_a_change_that_breaks_off_leaves_nothing_of_itself(
    config: Config, clock: MovedClock, hub: Hub, table: str
) -> None:
    """State, step and event are there together or not at all, also for the hub that starts next."""
    before = hub.dispatcher.engine.rule_set
    wanted = await draft(hub, rules("better"))
    await simulate(hub, wanted)
    await approve(hub, wanted)
    noted = await steps(hub, wanted)
    refuse = f"CREATE TRIGGER no BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
    await hub.store.write(lambda c: c.execute(text(refuse)))
    with pytest.raises(Exception, match="no"):
        await publish(hub, wanted)
    await hub.store.write(lambda c: c.execute(text("DROP TRIGGER no")))
    assert await steps(hub, wanted) == noted
    assert (await arrives(hub, 1)).rule_set == before
    await hub.executor.settled()
    async with core(config, clock) as next_hub:
        assert next_hub.dispatcher.engine.rule_set == before
        assert (await publish(next_hub, wanted)).state == "published"
        assert next_hub.dispatcher.engine.rule_set == wanted


async def test_rules_change_while_a_thousand_wait(hub: Hub) -> None:
    """Who waits keeps the set that decided, who comes afterwards cites the new one, and nobody is lost."""
    before = hub.dispatcher.engine.rule_set
    for number in range(1_000):
        await arrives(hub, number)
    row = await change(hub, lambda book, c, at: book.publish(c, at, rules("better"), "ada", ""))
    assert (await arrives(hub, 1_000)).rule_set == row.hash
    assert len(hub.dispatcher.engine.waiting()) == 1_001
    cited = select(contacts.c.rule_set, func.count()).group_by(contacts.c.rule_set)
    counted = await hub.store.read(lambda c: {row[0]: row[1] for row in c.execute(cited)})
    assert counted == {before: 1_000, row.hash: 1}
    told = select(func.count()).where(journal.c.kind == "RuleSetPublished")
    assert await hub.store.read(lambda c: c.execute(told).scalar_one()) == 2, "the switch is one event"
    state = select(func.count()).where(rule_sets.c.state == "published")
    assert await hub.store.read(lambda c: c.execute(state).scalar_one()) == 1

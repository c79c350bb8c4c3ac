"""A set on trial decides about its share of the contacts, the same ones after a restart, until it ends."""

from typing import Any

import pytest
from sqlalchemy import select

from hub.bootstrap import Hub, catch_up, core, default_rules
from hub.config import Config
from hub.rulebook import BadTrial, Rulebook, RuleSetRow, Trial, WrongState, find, history
from hub.store.tables import contacts, journal
from routing.events import RuleSetPublished, RuleSetStaged
from routing.types import AgentId, QueueId
from tests.unit.hub.conftest import MovedClock, at_work
from tests.unit.hub.test_rulebook_life import approve, arrives, change, draft, publish, simulate, steps

ORDERS = QueueId("orders")


def rules(name: str) -> dict[str, Any]:
    """Rules that send every call about orders to the queue for orders, all others to the first queue."""
    about = {"field": "ivr.topic", "operator": "=", "value": "orders"}
    rule = {
        "id": "orders",
        "name": "Orders",
        "when": {"combinator": "and", "rules": [about]},
        "then": {"queue": "orders", "end": "hold"},
    }
    return {**default_rules(), "name": name, "rules": [rule]}


async def stage(hub: Hub, wanted: str, percent: int = 20, queues: tuple[QueueId, ...] = ()) -> RuleSetRow:
    trial = Trial(percent, queues)
    return await change(hub, lambda book, c, at: book.stage(c, at, wanted, trial, "ada", "carefully"))


async def unstage(hub: Hub) -> RuleSetRow:
    return await change(hub, lambda book, c, at: book.end_trial(c, at, "ada", "enough"))


async def approved(hub: Hub, name: str) -> str:
    wanted = await draft(hub, rules(name))
    await simulate(hub, wanted)
    await approve(hub, wanted)
    return wanted


async def deciding(hub: Hub, rulebook: Rulebook, count: int, topic: str = "") -> list[str]:
    """The set that decides about each of so many contacts, by number."""
    facts = {"channel": "voice", "ivr.topic": topic}
    now_ms = hub.clock.now_ms()
    return await hub.store.read(
        lambda c: [
            rulebook.route(c, now_ms, f"c-{number}", facts, "").rule_set.hash for number in range(count)
        ]
    )


async def told(hub: Hub) -> list[str]:
    """Hashes that the engine was told, in order: of a publication as they are, of a trial with a mark."""
    kinds = (RuleSetPublished.__name__, RuleSetStaged.__name__)
    query = select(journal.c.kind, journal.c.body).where(journal.c.kind.in_(kinds)).order_by(journal.c.seq)
    found = await hub.store.read(lambda c: c.execute(query).all())
    return [("?" if row.kind == kinds[1] else "") + row.body.split('"')[5] for row in found]


async def test_a_fifth_is_decided_by_the_staged_set_and_the_same_fifth_again(
    config: Config, clock: MovedClock, hub: Hub
) -> None:
    wanted = await approved(hub, "trial")
    await stage(hub, wanted)
    first = await deciding(hub, hub.rulebook, 2_000)
    assert 340 < first.count(wanted) < 460, "about a fifth"
    assert first.count(hub.dispatcher.engine.rule_set) == 2_000 - first.count(wanted)
    await hub.executor.settled()
    async with core(config, clock) as next_hub:
        assert await deciding(next_hub, next_hub.rulebook, 2_000) == first
        assert next_hub.dispatcher.engine.rule_set != wanted

    await stage(hub, wanted, 50)
    wider = await deciding(hub, hub.rulebook, 2_000)
    assert {n for n, found in enumerate(first) if found == wanted} < {
        n for n, found in enumerate(wider) if found == wanted
    }, "who is in stays in when the share grows"


async def test_each_contact_names_the_set_that_decided(hub: Hub) -> None:
    wanted = await approved(hub, "trial")
    await stage(hub, wanted, 50)
    cited = {}
    for number in range(40):
        row = await arrives(hub, number)
        cited[row.contact_id] = row.rule_set
    assert set(cited.values()) == {wanted, hub.dispatcher.engine.rule_set}
    arrived = select(journal.c.body).where(journal.c.kind == "ContactArrived")
    bodies = await hub.store.read(lambda c: list(c.execute(arrived).scalars()))
    for contact_id, rule_set in cited.items():
        [body] = [body for body in bodies if contact_id in body]
        assert f'"rule_set":"{rule_set}"' in body, "the engine is told what the row says"
    await unstage(hub)
    again = await hub.store.read(
        lambda c: c.execute(select(contacts.c.contact_id, contacts.c.rule_set)).all()
    )
    assert {row.contact_id: row.rule_set for row in again} == cited, "who is under way keeps what it has"
    assert (await arrives(hub, 99)).rule_set == hub.dispatcher.engine.rule_set


async def test_a_trial_in_one_queue_leaves_the_others_alone(hub: Hub) -> None:
    base = await change(hub, lambda book, c, at: book.publish(c, at, rules("base"), "ada", ""))
    wanted = await approved(hub, "trial")
    await stage(hub, wanted, 100, (ORDERS,))
    assert set(await deciding(hub, hub.rulebook, 50, "orders")) == {wanted}
    assert set(await deciding(hub, hub.rulebook, 50, "bills")) == {base.hash}
    await stage(hub, wanted, 50, (ORDERS,))
    assert set(await deciding(hub, hub.rulebook, 50, "orders")) == {wanted, base.hash}
    assert set(await deciding(hub, hub.rulebook, 50, "bills")) == {base.hash}


async def test_one_trial_at_a_time_and_every_end_is_noted(hub: Hub) -> None:
    before = hub.dispatcher.engine.rule_set
    first, second = await approved(hub, "first"), await approved(hub, "second")
    assert (await stage(hub, first)).trial == Trial(20, ())
    await stage(hub, second)
    known = {row.hash: row.state for row in await hub.store.read(history)}
    assert known == {before: "published", second: "staged", first: "approved"}
    assert (await steps(hub, first))[-1].detail == {"for": second}
    assert (await unstage(hub)).hash == second
    assert [(s.state, s.by, s.note) for s in await steps(hub, second)][-2:] == [
        ("staged", "ada", "carefully"),
        ("approved", "ada", "enough"),
    ]
    with pytest.raises(WrongState, match="on trial"):
        await unstage(hub)
    await stage(hub, first)
    assert (await publish(hub, first)).state == "published", "the trial went well"
    await stage(hub, before)
    await stage(hub, second)
    assert (await hub.store.read(lambda c: find(c, before))).state == "retired", "it was in force once"
    back = await change(hub, lambda book, c, at: book.roll_back(c, at, "", "eve"))
    assert back.hash == before
    known = {row.hash: row.state for row in await hub.store.read(history)}
    assert known == {before: "published", first: "retired", second: "approved"}
    assert await told(hub) == [
        before,
        f"?{first}",
        f"?{second}",
        "?",
        f"?{first}",
        first,
        f"?{before}",
        f"?{second}",
        before,
    ]


async def test_what_is_not_approved_or_impossible_is_not_tried(hub: Hub) -> None:
    wanted = await draft(hub, rules("trial"))
    with pytest.raises(WrongState, match="not been simulated"):
        await stage(hub, wanted)
    await simulate(hub, wanted)
    with pytest.raises(WrongState, match="not been approved"):
        await stage(hub, wanted)
    with pytest.raises(WrongState, match="already"):
        await stage(hub, hub.dispatcher.engine.rule_set)
    await approve(hub, wanted)
    for percent in (0, 101, -5):
        with pytest.raises(BadTrial, match="/percent"):
            await stage(hub, wanted, percent)
    with pytest.raises(BadTrial, match="/queues/1"):
        await stage(hub, wanted, 20, (ORDERS, QueueId("moon")))
    assert await told(hub) == [hub.dispatcher.engine.rule_set]


async def test_the_engine_knows_what_is_on_trial(config: Config, clock: MovedClock, hub: Hub) -> None:
    published, wanted = hub.dispatcher.engine.rule_set, await approved(hub, "trial")
    await stage(hub, wanted)
    assert hub.dispatcher.engine.trial == wanted
    seq = hub.dispatcher.seq
    await stage(hub, wanted, 40)
    assert hub.dispatcher.seq == seq, "how great the share is does not concern the engine"
    await hub.executor.settled()
    async with core(config, clock) as next_hub:
        await catch_up(next_hub)
        assert next_hub.dispatcher.seq == seq, "it knows everything"
        assert next_hub.dispatcher.engine.trial == wanted
        assert (await unstage(next_hub)).hash == wanted
        assert (next_hub.dispatcher.engine.trial, next_hub.dispatcher.engine.rule_set) == ("", published)


async def test_contacts_on_trial_live_by_the_queues_of_the_staged_set(hub: Hub) -> None:
    """The same queue rings for 20 s under the rules in force and for 50 s under those on trial."""
    body = rules("longer")
    body["queues"] = [
        {**queue, "policy": {**queue["policy"], "ring_s": 50}} if queue["id"] == "general" else queue
        for queue in body["queues"]
    ]
    await change(hub, lambda book, c, at: book.publish(c, at, rules("base"), "ada", ""))
    wanted = await draft(hub, body)
    await simulate(hub, wanted)
    await approve(hub, wanted)
    await stage(hub, wanted, 100)
    await at_work(hub, AgentId("agent-mia"))

    async def rung_ms(number: int) -> int:
        row = await arrives(hub, number)
        offers = {offer.contact: offer for offer in hub.dispatcher.engine.live_offers()}
        return offers[row.contact_id].expires_at_ms - hub.clock.now_ms()

    assert await rung_ms(1) == 50_000
    await unstage(hub)
    assert await rung_ms(2) == 20_000
    await stage(hub, wanted, 100)
    assert await rung_ms(3) == 50_000


async def test_an_engine_that_lost_its_rules_is_told_of_both_sets(hub: Hub) -> None:
    published, wanted = hub.dispatcher.engine.rule_set, await approved(hub, "trial")

    async def missing(known: str, trial: str) -> list[tuple[str, str]]:
        events = await hub.store.read(lambda c: hub.rulebook.missing_events(c, 5, known, trial))
        return [(type(event).__name__, event.hash) for event in events]  # type: ignore[union-attr]

    assert await missing(published, wanted) == [("RuleSetStaged", "")]
    await stage(hub, wanted)
    assert await missing("", "") == [("RuleSetPublished", published), ("RuleSetStaged", wanted)]
    assert await missing("older", wanted) == [("RuleSetPublished", published), ("RuleSetStaged", wanted)]
    assert await missing(published, "other") == [("RuleSetStaged", wanted)]
    assert await missing(published, wanted) == []

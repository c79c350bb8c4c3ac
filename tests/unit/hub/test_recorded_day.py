"""A day that this hub has seen, read for the simulator: as the rules saw it and as it went."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from channels.base import Inbound, Kind
from hub.bootstrap import Hub
from hub.journal import read as read_journal
from hub.recorded_day import NothingRecorded, newest_day, read_day
from routing.events import AgentRemoved, AgentUpserted, ContactAbandoned, ContactArrived, PresenceSet
from routing.rules.ruleset import RuleSet
from routing.simulate.recorded import Recording, recorded
from routing.simulate.routes import Router
from routing.simulate.run import simulate
from routing.types import AgentId, Presence
from tests.unit.hub.conftest import MovedClock, at_work

MIA = AgentId("agent-mia")
WEI = AgentId("agent-wei")
LONDON = ZoneInfo("Europe/London")
WORDS = ("hello", "where is my order", "a complaint", "投诉", "my invoice")


async def texts(hub: Hub, *numbers: int) -> None:
    for number in numbers:
        words = WORDS[number % len(WORDS)]
        ident, sender = f"SM{number}-{hub.clock.now_ms()}", f"+44770090{number:04d}"
        inbound = Inbound(Kind.SMS, ident, sender, "+447700900001", 1, words)
        await hub.ports.intake.admit("sms", inbound)


async def serve(hub: Hub, clock: MovedClock, agent: AgentId = MIA) -> None:
    """The oldest offer: the agent accepts after 4 s, writes for 90 s and wraps up in 10 s."""
    offer = next(offer for offer in hub.dispatcher.engine.live_offers() if offer.agent == agent)
    await hub.desk.delivered(agent, offer.offer)
    clock.move(4_000)
    await hub.desk.accept(agent, offer.offer)
    await hub.executor.settled()
    clock.move(90_000)
    await hub.desk.end(agent, offer.contact)
    clock.move(10_000)
    await hub.desk.wrap_up(agent, offer.contact, "resolved", "")
    await hub.executor.settled()


def today(clock: MovedClock) -> date:
    return datetime.fromtimestamp(clock.now_ms() / 1000, LONDON).date()


async def recording(hub: Hub, day: date) -> Recording:
    return await hub.store.read(lambda c: read_day(c, day, LONDON))


async def test_contacts_are_as_they_were(hub: Hub, clock: MovedClock) -> None:
    await texts(hub, 1)
    clock.move(30_000)
    await at_work(hub, MIA)
    await serve(hub, clock)
    await texts(hub, 2)
    found = await recording(hub, today(clock))
    first, second = found.met
    assert (first.waited_ms, first.left, first.handle_ms, first.wrap_up_ms) == (34_000, False, 90_000, 10_000)
    assert (second.left, second.handle_ms) == (False, None), "still waiting: nobody knows for how long"
    assert first.facts["address"] == "+447700900001"
    assert found.answering.accepted_ms == (4_000,)


async def test_who_left_is_known_to_have_left_then(hub: Hub, clock: MovedClock) -> None:
    await texts(hub, 1)
    clock.move(45_000)
    [contact] = hub.dispatcher.engine.contacts()
    await hub.dispatcher.transact(lambda _, now_ms: (None, [ContactAbandoned(now_ms, contact.contact)]))
    await hub.executor.settled()
    [one] = (await recording(hub, today(clock))).met
    assert (one.left, one.waited_ms, one.handle_ms) == (True, 45_000, None)


async def test_the_rules_decide_about_the_recording_as_they_did_about_the_day(
    hub: Hub, clock: MovedClock
) -> None:
    """Queue, plan and head start of every contact come out again: no fact that rules ask for is missing."""
    await at_work(hub, MIA)
    await texts(hub, *range(1, 6))
    for _ in range(3):
        await serve(hub, clock)
    clock.move(3_600_000)
    await texts(hub, 1, 2, 8)
    day = recorded(await recording(hub, today(clock)))
    rules = RuleSet(await hub.store.read(lambda c: hub.rulebook.current(c).body))
    router = Router(rules, day.zone_ms)
    told = {
        event.contact: event
        for _, event in await hub.store.read(lambda c: list(read_journal(c, 0)))
        if isinstance(event, ContactArrived)
    }
    visits = [visit for source in day.visits(1) for visit in source]
    assert len(visits) == len(told) >= 7
    for visit in visits:
        event, route = told[visit.contact], router.route(visit)
        assert (route.routing.queue, route.routing.rule) == (event.queue, event.rule)
        assert route.routing.plan == event.plan
        assert router.head_start_ms(visit, route) == event.head_start_ms
        assert (visit.value, visit.loyalty) == (event.value, event.loyalty)


async def test_the_recording_can_be_played(hub: Hub, clock: MovedClock) -> None:
    await at_work(hub, MIA)
    await texts(hub, *range(1, 9))
    for _ in range(4):
        await serve(hub, clock)
    played = recorded(await recording(hub, today(clock)))
    rules = RuleSet(await hub.store.read(lambda c: hub.rulebook.current(c).body))
    row = simulate(rules, played, 1).total()
    assert (row.offered, row.answered) == (8, 8)


async def test_agents_are_as_they_were_at_midnight(hub: Hub, clock: MovedClock) -> None:
    """What was said of an agent before the day is told at its beginning, once and in order."""
    await at_work(hub, MIA)
    clock.move(86_400_000)
    await texts(hub, 1)
    found = await recording(hub, today(clock))
    own = [event for event in found.staff if getattr(event, "agent", "") == MIA]
    assert isinstance(own[0], AgentUpserted)
    assert isinstance(own[-1], PresenceSet)
    assert {event.at_ms for event in own} == {found.starts_at_ms}
    midnight = datetime.fromtimestamp(found.starts_at_ms / 1000, LONDON)
    assert (midnight.hour, midnight.minute, midnight.date()) == (0, 0, today(clock))


async def test_who_served_a_customer_last_is_known_from_before(hub: Hub, clock: MovedClock) -> None:
    """Two have served; the later of them is meant, and whoever serves afterwards is not."""
    await at_work(hub, MIA)
    await texts(hub, 1)
    await serve(hub, clock)
    await hub.desk.set_presence(MIA, Presence.OFFLINE, "")
    await at_work(hub, WEI)
    clock.move(3 * 86_400_000)
    await texts(hub, 1)
    await serve(hub, clock, WEI)
    clock.move(3 * 86_400_000)
    await texts(hub, 1)
    await serve(hub, clock, WEI)
    [one] = (await recording(hub, today(clock))).met
    assert one.last_agent == WEI
    [before] = (await recording(hub, today(clock) - timedelta(days=3))).met
    assert before.last_agent == MIA


async def test_who_was_removed_before_the_day_is_not_there(hub: Hub, clock: MovedClock) -> None:
    await at_work(hub, MIA)
    await hub.dispatcher.transact(lambda _, now_ms: (None, [AgentRemoved(now_ms, MIA)]))
    clock.move(86_400_000)
    await texts(hub, 1)
    found = await recording(hub, today(clock))
    assert {event.agent for event in found.staff if isinstance(event, AgentUpserted)} == {WEI}


async def test_the_newest_day_is_the_one_with_the_last_arrival(hub: Hub, clock: MovedClock) -> None:
    with pytest.raises(NothingRecorded, match="ever"):
        await hub.store.read(lambda c: newest_day(c, LONDON))
    await texts(hub, 1)
    clock.move(2 * 86_400_000)
    assert await hub.store.read(lambda c: newest_day(c, LONDON)) == today(clock) - timedelta(days=2)
    with pytest.raises(NothingRecorded, match=today(clock).isoformat()):
        await recording(hub, today(clock))

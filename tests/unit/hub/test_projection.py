"""The projection: the same journal gives the same rows, however often it is projected."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from channels.base import Inbound, Kind
from hub import journal, projection
from hub.bootstrap import Hub
from hub.projection import POSITION, Handled
from hub.store.tables import contacts, decisions, interactions
from routing.commands import (
    AskCallback,
    CallbackOver,
    CallbackPromised,
    Command,
    ContactMoved,
    Dial,
    PresencePending,
    ReserveChanged,
)
from routing.engine import Engine
from routing.events import TimeReached
from routing.types import AgentId, ContactId, ContactState, Presence, QueueId
from tests.unit.hub.conftest import MovedClock, at_work

MIA = AgentId("agent-mia")
WEI = AgentId("agent-wei")


def sms(provider_id: str, sender: str = "+447700900123") -> Inbound:
    return Inbound(Kind.SMS, provider_id, sender, "+447700900001", 1, "hello")


def everything(connection: Connection) -> dict[str, Sequence[Any]]:
    return {
        table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
        for table in (contacts, interactions, decisions)
    }


def replayed(connection: Connection) -> list[Handled]:
    engine = Engine()
    return [Handled(seq, event, engine.handle(event)) for seq, event in journal.read(connection, 0)]


async def offered(hub: Hub) -> tuple[AgentId, ContactId, str]:
    [offer] = hub.dispatcher.engine.live_offers()
    await hub.desk.delivered(offer.agent, offer.offer)
    return offer.agent, offer.contact, offer.offer


async def a_day(hub: Hub, clock: MovedClock) -> None:
    """One contact served and closed, one rejected and taken by the other agent, one given up in line."""
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms("SM1"))
    agent, contact, offer = await offered(hub)
    clock.move(1_000)
    await hub.desk.accept(agent, offer)  # type: ignore[arg-type]
    await hub.executor.settled()
    clock.move(30_000)
    await hub.desk.end(agent, contact)
    clock.move(5_000)
    await hub.desk.wrap_up(agent, contact, "resolved", "")
    await at_work(hub, WEI)
    await hub.ports.intake.admit("sms", sms("SM2", "+447700900124"))
    agent, contact, offer = await offered(hub)
    clock.move(1_000)
    await hub.desk.reject(agent, offer, "busy")  # type: ignore[arg-type]
    agent, _, offer = await offered(hub)
    clock.move(1_000)
    await hub.desk.accept(agent, offer)  # type: ignore[arg-type]
    await hub.executor.settled()


async def test_projecting_the_whole_journal_again_changes_nothing(hub: Hub, clock: MovedClock) -> None:
    await a_day(hub, clock)
    before = await hub.store.read(everything)
    await hub.store.write(lambda c: projection.project(c, replayed(c)))
    assert await hub.store.read(everything) == before


async def test_the_rows_follow_from_the_journal_alone(hub: Hub, clock: MovedClock) -> None:
    """Decisions and states that were lost come back as they were, a batch or one event at a time."""
    await a_day(hub, clock)
    before = await hub.store.read(everything)
    blank = {
        "state": "queued",
        "agent_id": "",
        "connected_at_ms": None,
        "ended_at_ms": None,
        "closed_at_ms": None,
        "until_at_ms": None,
        "end_reason": "",
        "state_since_at_ms": 0,
    }

    def again(connection: Connection) -> None:
        connection.execute(delete(decisions))
        connection.execute(update(contacts).values(blank))
        for item in replayed(connection):
            projection.project(connection, [item])

    await hub.store.write(again)
    after = await hub.store.read(everything)
    assert after["decisions"] == before["decisions"]
    names = ("state", "agent_id", "connected_at_ms", "closed_at_ms", "end_reason", "state_since_at_ms")
    picture = [
        [tuple(getattr(row, n) for n in names) for row in rows["contacts"]] for rows in (before, after)
    ]
    assert picture[0] == picture[1]


async def test_what_the_rows_say_of_the_day(hub: Hub, clock: MovedClock) -> None:
    start = clock.at_ms
    await a_day(hub, clock)
    served, taken = await hub.store.read(
        lambda c: c.execute(select(contacts).order_by(contacts.c.arrived_at_ms)).all()
    )
    assert (served.state, served.agent_id) == ("closed", MIA)
    assert served.connected_at_ms == start + 1_000
    assert served.ended_at_ms == start + 31_000
    assert served.closed_at_ms == start + 36_000
    assert served.end_reason != ""
    assert taken.state == "active"
    assert taken.state_since_at_ms == taken.connected_at_ms == clock.at_ms
    assert (taken.ended_at_ms, taken.closed_at_ms, taken.end_reason) == (None, None, "")
    found = await hub.store.read(
        lambda c: c.execute(select(decisions).order_by(decisions.c.seq, decisions.c.offer_id)).all()
    )
    assert [row.outcome for row in found] == ["accepted", "rejected", "accepted"]
    assert len({row.agent_id for row in found[1:]}) == 2
    assert all(row.trace for row in found)


async def test_the_position_moves_with_the_rows(hub: Hub, clock: MovedClock) -> None:
    await a_day(hub, clock)
    assert await hub.store.read(lambda c: journal.position(c, POSITION)) == hub.dispatcher.seq
    await hub.store.write(lambda c: projection.project(c, []))
    assert await hub.store.read(lambda c: journal.position(c, POSITION)) == hub.dispatcher.seq


async def test_what_is_told_again_later_moves_neither_times_nor_agent(hub: Hub, clock: MovedClock) -> None:
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms("SM1"))
    agent, contact, offer = await offered(hub)
    await hub.desk.accept(agent, offer)  # type: ignore[arg-type]
    await hub.executor.settled()
    await hub.desk.call_held(contact, True)
    start = clock.at_ms

    async def moved(state: ContactState, agent: AgentId | None, after_ms: int) -> Any:
        move = ContactMoved(contact, state, agent, "agent")
        handled = Handled(hub.dispatcher.seq, TimeReached(start + after_ms), [move])
        await hub.store.write(lambda c: projection.project(c, [handled]))
        return await hub.store.read(lambda c: c.execute(select(contacts)).one())

    row = await moved(ContactState.ACTIVE, MIA, 10)
    assert (row.state_since_at_ms, row.held) == (start, True)
    row = await moved(ContactState.WRAP_UP, MIA, 20)
    assert (row.state_since_at_ms, row.ended_at_ms, row.held) == (start + 20, start + 20, False)
    for after_ms in (30, 40):
        row = await moved(ContactState.CLOSED, None, after_ms)
        assert (row.agent_id, row.ended_at_ms, row.closed_at_ms) == (MIA, start + 20, start + 30)
    [story] = await hub.store.read(lambda c: c.execute(select(interactions)).all())
    assert story.closed_at_ms == start + 30


async def waits(hub: Hub) -> ContactId:
    """A contact in line."""
    await hub.ports.intake.admit("sms", sms("SM1"))
    await hub.executor.settled()
    [contact] = hub.dispatcher.engine.contacts()
    return contact.contact


async def told(hub: Hub, after_ms: int, *commands: Command) -> Any:
    """The one contact's row after the engine said this."""
    at_ms = hub.clock.now_ms() + after_ms
    handled = Handled(hub.dispatcher.seq, TimeReached(at_ms), commands)
    await hub.store.write(lambda c: projection.project(c, [handled]))
    return await hub.store.read(lambda c: c.execute(select(contacts)).one())


async def test_a_contact_that_goes_to_another_queue_is_found_there(hub: Hub) -> None:
    contact = await waits(hub)
    row = await told(hub, 10, ContactMoved(contact, ContactState.QUEUED, None, queue=QueueId("orders")))
    assert (row.queue_id, row.state) == ("orders", "queued")
    row = await told(hub, 20, ContactMoved(contact, ContactState.OFFERED, MIA))
    assert row.queue_id == "orders", "a move that names no queue leaves it where it is"


async def test_who_is_silent_or_waits_for_a_call_is_still_there(hub: Hub) -> None:
    contact, start = await waits(hub), hub.clock.now_ms()
    until_ms = start + 900_000
    row = await told(hub, 10, ContactMoved(contact, ContactState.PARKED, MIA, until_ms=until_ms))
    assert (row.state, row.agent_id, row.until_at_ms) == ("parked", MIA, until_ms)
    row = await told(hub, 20, ContactMoved(contact, ContactState.CALLBACK, None))
    assert (row.state, row.agent_id, row.until_at_ms) == ("callback", "", None)
    assert (row.ended_at_ms, row.closed_at_ms, row.end_reason) == (None, None, "")
    [story] = await hub.store.read(lambda c: c.execute(select(interactions)).all())
    assert story.state == "open"


@pytest.mark.parametrize("state", [ContactState.VOICEMAIL, ContactState.TURNED_AWAY])
async def test_who_was_not_served_here_is_over(hub: Hub, state: ContactState) -> None:
    contact, start = await waits(hub), hub.clock.now_ms()
    row = await told(hub, 10, ContactMoved(contact, state, None, "queue_full"))
    assert (row.state, row.agent_id, row.end_reason) == (str(state), "", "queue_full")
    assert (row.connected_at_ms, row.ended_at_ms, row.closed_at_ms) == (None, start + 10, start + 10)
    [story] = await hub.store.read(lambda c: c.execute(select(interactions)).all())
    assert (story.state, story.closed_at_ms) == ("closed", start + 10)


async def test_what_makes_no_row_breaks_none(hub: Hub) -> None:
    contact = await waits(hub)
    before = await hub.store.read(everything)
    await told(
        hub,
        10,
        AskCallback(contact, QueueId("general")),
        CallbackPromised(contact, 1, 2),
        Dial(contact, 1, 2),
        CallbackOver(contact, "unanswered", 3, False),
        ReserveChanged(QueueId("general"), True, "waiting"),
        PresencePending(MIA, Presence.AUX, "break"),
    )
    assert await hub.store.read(everything) == before

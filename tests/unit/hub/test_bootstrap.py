"""One contact's whole way through a real hub core, and what a dead hub finds again."""

import asyncio
import dataclasses
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Row, Table, select

from channels.base import Inbound, Kind, Outbound, Receipt, Refused
from hub.bootstrap import Hub, catch_up, core, go
from hub.config import Config
from hub.desk import Conflict
from hub.outbox import Outbox
from hub.store.tables import contacts, inbound, interactions, journal, messages, outbox
from routing.events import Event, ReachabilitySet
from routing.types import AgentId, ContactId, OfferId, Presence
from telephony.voice import Settings as VoiceSettings
from tests.unit.hub.conftest import MovedClock, add_agents, at_work, until

MIA = AgentId("agent-mia")
WEI = AgentId("agent-wei")


def sms(text: str, provider_id: str, sender: str = "+447700900123") -> Inbound:
    return Inbound(Kind.SMS, provider_id, sender, "+447700900001", 1, text)


def rows(connection: Connection, table: Table) -> Sequence[Row[Any]]:
    return connection.execute(select(table)).all()


async def offered_to(hub: Hub, agent: AgentId) -> tuple[OfferId, ContactId]:
    """The one live offer, which must be this agent's and shown on a console."""
    [offer] = hub.dispatcher.engine.live_offers()
    assert offer.agent == agent
    await hub.desk.delivered(agent, offer.offer)
    return offer.offer, offer.contact


async def accepted(hub: Hub, agent: AgentId) -> ContactId:
    offer, contact = await offered_to(hub, agent)
    await hub.desk.accept(agent, offer)
    await hub.executor.settled()
    return contact


async def test_a_text_becomes_a_contact_is_answered_and_closed(hub: Hub) -> None:
    """Arrive, offer, accept, reply, end, wrap up: each step leaves its rows."""
    await at_work(hub, MIA)
    admission = await hub.ports.intake.admit("sms", sms("Where is my order?", "SM1"))
    contact = await accepted(hub, MIA)

    await hub.desk.send(MIA, contact, "c-1", "It is on its way.", note=False)
    await hub.desk.send(MIA, contact, "c-2", "sounds impatient", note=True)
    await hub.desk.end(MIA, contact)
    await hub.desk.wrap_up(MIA, contact, "resolved", "told the date")
    await hub.executor.settled()

    [row] = await hub.store.read(lambda c: rows(c, contacts))
    assert (row.state, row.agent_id, row.disposition, row.note) == (
        "closed",
        MIA,
        "resolved",
        "told the date",
    )
    lines = await hub.store.read(lambda c: c.execute(select(messages).order_by(messages.c.seq)).all())
    assert [(line.author, line.seq, line.delivery) for line in lines] == [
        ("customer", 1, ""),
        ("agent", 2, "queued"),
        ("note", 3, ""),
    ]
    [out] = await hub.store.read(lambda c: rows(c, outbox))
    assert out.payload["recipient"] == "+447700900123"
    story = await hub.store.read(
        lambda c: c.execute(
            select(interactions).where(interactions.c.interaction_id == admission.interaction_id)
        ).one()
    )
    assert (story.state, story.last_agent_id, story.disposition) == ("closed", MIA, "resolved")


async def test_the_same_message_twice_is_one_message(hub: Hub) -> None:
    first = await hub.ports.intake.admit("sms", sms("hello", "SM1"))
    again = await hub.ports.intake.admit("sms", sms("hello", "SM1"))

    assert again.duplicate
    assert (again.interaction_id, again.message_id) == (first.interaction_id, first.message_id)
    assert len(await hub.store.read(lambda c: rows(c, messages))) == 1
    assert len(await hub.store.read(lambda c: rows(c, contacts))) == 1


async def test_a_burst_from_a_new_number_is_one_customer_and_one_contact(hub: Hub) -> None:
    for number in range(5):
        await hub.ports.intake.admit("sms", sms(f"part {number}", f"SM{number}"))

    assert len(await hub.store.read(lambda c: rows(c, contacts))) == 1
    lines = await hub.store.read(lambda c: c.execute(select(messages).order_by(messages.c.seq)).all())
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5]


async def test_a_message_after_the_end_is_new_work_for_the_same_agent(hub: Hub) -> None:
    """What the customer writes while the agent wraps up must not vanish in the ended contact."""
    await at_work(hub, MIA)
    await at_work(hub, WEI)
    await hub.ports.intake.admit("sms", sms("hello", "SM1"))
    [offer] = hub.dispatcher.engine.live_offers()
    agent = offer.agent
    first = await accepted(hub, agent)
    await hub.desk.end(agent, first)

    await hub.ports.intake.admit("sms", sms("one more thing", "SM2"))

    second = await accepted(hub, agent)
    assert second != first
    await hub.desk.wrap_up(agent, first, "resolved", "")
    await hub.executor.settled()
    [story] = await hub.store.read(lambda c: rows(c, interactions))
    assert story.state == "open", "the second contact is still alive"


async def test_what_is_not_the_agents_is_refused_in_words(hub: Hub) -> None:
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms("hello", "SM1"))
    offer, contact = await offered_to(hub, MIA)
    with pytest.raises(Conflict, match="offer is over"):
        await hub.desk.accept(WEI, offer)
    await hub.desk.accept(MIA, offer)
    await hub.executor.settled()
    with pytest.raises(Conflict, match="not .* with you"):
        await hub.desk.send(WEI, contact, "c-1", "hi", note=False)
    with pytest.raises(Conflict, match="nothing to send"):
        await hub.desk.send(MIA, contact, "c-1", "  ", note=False)
    with pytest.raises(Conflict, match="no disposition"):
        await hub.desk.wrap_up(MIA, contact, "nonsense", "")
    with pytest.raises(Conflict, match="reason for being away"):
        await hub.desk.set_presence(MIA, Presence.AUX, "nonsense")


async def test_a_text_that_is_too_long_is_refused_and_nothing_kept(hub: Hub) -> None:
    with pytest.raises(Refused, match="longer than"):
        await hub.ports.intake.admit("sms", sms("x" * 200_001, "SM1"))
    assert await hub.store.read(lambda c: rows(c, inbound)) == []


@pytest.mark.parametrize("stage", ["waiting", "offered", "active", "wrap_up"])
async def test_a_killed_hub_finds_every_contact_in_its_state(
    config: Config, clock: MovedClock, stage: str
) -> None:
    """No stop, no snapshot: the second hub has the journal alone, as after kill -9."""
    async with core(config, clock) as hub:
        await add_agents(hub, "mia")
        hub.dispatcher.start()
        if stage != "waiting":
            await at_work(hub, MIA)
        await hub.ports.intake.admit("sms", sms("hello", "SM1"))
        if stage in ("active", "wrap_up"):
            contact = await accepted(hub, MIA)
            if stage == "wrap_up":
                await hub.desk.end(MIA, contact)
        before = hub.dispatcher.engine.contacts(), hub.dispatcher.engine.agents()
        hub.dispatcher.stop()

    async with core(config, clock) as hub:
        assert (hub.dispatcher.engine.contacts(), hub.dispatcher.engine.agents()) == before
        await catch_up(hub)
        assert (hub.dispatcher.engine.contacts(), hub.dispatcher.engine.agents()) == before
        [found] = hub.dispatcher.engine.contacts()
        expected = {"waiting": "queued"}.get(stage, stage)
        assert found.state == expected


async def test_snapshot_and_tail_equal_full_replay(config: Config, clock: MovedClock) -> None:
    async with core(config, clock) as hub:
        await add_agents(hub, "mia")
        await at_work(hub, MIA)
        for number in range(3):
            await hub.ports.intake.admit("sms", sms("hello", f"A{number}", f"+44770090012{number}"))
        await hub.dispatcher.save_snapshot()
        for number in range(3):
            await hub.ports.intake.admit("sms", sms("hello", f"B{number}", f"+44770090013{number}"))
        before = hub.dispatcher.engine.contacts(), hub.dispatcher.engine.agents()

    async with core(config, clock) as hub:
        assert (hub.dispatcher.engine.contacts(), hub.dispatcher.engine.agents()) == before


async def test_time_is_journalled_and_moves_an_unanswered_offer_on(hub: Hub, clock: MovedClock) -> None:
    """A console that never acknowledges must not eat the ring time."""
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms("hello", "SM1"))
    await at_work(hub, WEI)
    [offer] = hub.dispatcher.engine.live_offers()
    assert offer.agent == MIA

    clock.move(2_100)
    await hub.desk.reachable(MIA, True)  # any event lets the hub look at the clock again
    await until(lambda: [found.agent for found in hub.dispatcher.engine.live_offers()] == [WEI])

    kinds = await hub.store.read(lambda c: [row.kind for row in c.execute(select(journal)).all()])
    assert "TimeReached" in kinds


async def test_a_start_that_is_broken_off_leaves_nothing_running(config: Config, clock: MovedClock) -> None:
    """Stopped while it waits for an Asterisk that does not answer: what had started is stopped again."""

    class Adapter:
        def __init__(self) -> None:
            self.runs = False

        async def run(self) -> None:
            self.runs = True
            try:
                await asyncio.Event().wait()
            finally:
                self.runs = False

    class Unused:
        async def send(self, message: Outbound) -> Receipt:
            raise AssertionError("nothing is sent")

    async def start(hub: Hub) -> None:
        async with go(hub):
            pytest.fail("there is no Asterisk, so the start takes longer than this test")

    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but nobody listens
        voice = VoiceSettings(ami_secret="x", key="x", ami_port=nobody.getsockname()[1], agi_port=0)
        async with core(dataclasses.replace(config, voice=voice), clock) as hub:
            adapter = hub.adapters.running["any"] = Adapter()
            hub.outbox = Outbox(hub.store, clock, hub.executor, {"any": Unused()})
            starting = asyncio.ensure_future(start(hub))
            await until(lambda: adapter.runs)
            starting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await starting
            assert not adapter.runs
            assert not {"voice", "channel any", "outbox any"} & {
                task.get_name() for task in asyncio.all_tasks()
            }


async def test_when_the_hub_has_stopped_time_no_longer_passes(config: Config, clock: MovedClock) -> None:
    def overdue(_connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
        clock.move(3_600_000)  # the offer is overdue as soon as this event is handled
        return None, [ReachabilitySet(now_ms, WEI, ())]

    async with core(config, clock) as hub:
        await add_agents(hub, "mia", "wei")
        async with go(hub):
            assert hub.ready
            await at_work(hub, MIA)
            await hub.ports.intake.admit("sms", sms("hello", "SM1"))
        assert not hub.ready
        await hub.dispatcher.transact(overdue)
        for _ in range(5):
            await asyncio.sleep(0)  # an alarm that is due would ring now, and be written before us
        await hub.store.write(lambda c: None)
        kinds = await hub.store.read(lambda c: [row.kind for row in c.execute(select(journal)).all()])
        assert "TimeReached" not in kinds

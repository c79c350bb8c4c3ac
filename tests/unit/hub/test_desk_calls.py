"""What the desk does about calls: it asks the telephone system, and says in words when that is impossible."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from channels.base import Inbound, Kind
from hub.bootstrap import Hub, core
from hub.config import Config
from hub.desk import Conflict
from hub.store.tables import contacts, messages, outbox
from routing.types import AgentId, ContactId, ContactState, OfferId
from telephony.port import CallArrived, Ring, VoiceControl, VoiceError
from telephony.voice import Settings as VoiceSettings
from tests.unit.hub.conftest import MovedClock, add_agents, at_work, until

MIA = AgentId("agent-mia")
CALL = ContactId("call-1")


class Line(VoiceControl):
    """A telephone system that notes what it is asked, and does it or refuses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.refuses = False

    def _ask(self, what: str, which: str) -> None:
        self.asked.append((what, which))
        if self.refuses:
            raise VoiceError("no")

    async def run(self) -> None:
        raise AssertionError("nothing connects in these tests")

    async def ring(self, ring: Ring) -> None:
        self._ask("ring", ring.offer_id)

    async def cancel_ring(self, offer_id: str) -> None:
        self._ask("cancel", offer_id)

    async def answer(self, offer_id: str) -> bool:
        self._ask("answer", offer_id)
        return True

    async def hang_up(self, call_id: str) -> None:
        self._ask("hang up", call_id)

    async def hang_up_agent(self, offer_id: str) -> None:
        self._ask("hang up agent", offer_id)

    async def hold(self, offer_id: str) -> None:
        self._ask("hold", offer_id)

    async def unhold(self, offer_id: str) -> None:
        self._ask("unhold", offer_id)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def with_voice(config: Config) -> Config:
    return dataclasses.replace(config, voice=VoiceSettings(ami_secret="x", key="x"))


async def accepted(hub: Hub, line: Line) -> OfferId:
    """A caller, whose offer Mia has accepted; her phone was asked to answer."""
    assert hub.calls is not None
    hub.calls.wire(line, hub.desk)
    await add_agents(hub, "mia")
    await hub.calls.resynced([])
    await hub.desk.phone_reachable("phone-mia", True)
    await at_work(hub, MIA)
    await hub.calls.call_arrived(CallArrived(CALL, "+447700900123", "1000", hub.clock.now_ms()))
    await hub.calls.call_queued(CALL, {})
    await until(lambda: line.asked)
    offer = OfferId(line.asked[0][1])
    await hub.calls.leg_ringing(offer)
    await hub.desk.accept(MIA, offer)
    await until(lambda: len(line.asked) == 2)
    assert line.asked == [("ring", offer), ("answer", offer)]
    line.asked.clear()
    return offer


@pytest.fixture
async def hub(with_voice: Config, clock: MovedClock, line: Line) -> AsyncIterator[Hub]:
    """A hub with this line, in which Mia talks to a caller."""
    async with core(with_voice, clock) as hub:
        assert hub.calls is not None
        await hub.calls.leg_up(await accepted(hub, line))
        await hub.executor.settled()
        yield hub


def state(hub: Hub) -> ContactState:
    contact = hub.dispatcher.engine.contact(CALL)
    assert contact is not None
    return contact.state


async def held(hub: Hub) -> bool:
    return await hub.store.read(lambda c: c.execute(select(contacts.c.held)).scalar_one())


async def test_on_a_call_only_notes_can_be_written(hub: Hub) -> None:
    with pytest.raises(Conflict) as refused:
        await hub.desk.send(MIA, CALL, "c-1", "hello", note=False)
    assert refused.value.code == "no_reply_on_call"
    await hub.desk.send(MIA, CALL, "c-2", "asks for a refund", note=True)
    lines = await hub.store.read(lambda c: c.execute(select(messages.c.author)).scalars().all())
    assert list(lines) == ["note"]
    assert await hub.store.read(lambda c: c.execute(select(outbox)).all()) == []


async def test_a_caller_is_held_and_taken_back(hub: Hub, line: Line) -> None:
    await hub.desk.hold(MIA, CALL, True)
    assert await held(hub)
    await hub.desk.hold(MIA, CALL, False)
    assert not await held(hub)
    assert [what for what, _ in line.asked] == ["hold", "unhold"]


async def test_a_hold_that_was_refused_is_not_shown_as_done(hub: Hub, line: Line) -> None:
    line.refuses = True
    with pytest.raises(Conflict) as refused:
        await hub.desk.hold(MIA, CALL, True)
    assert refused.value.code == "not_held"
    assert not await held(hub)


@pytest.mark.parametrize("refuses", [False, True])
async def test_ending_a_call_hangs_up_and_wraps_up_whatever_asterisk_says(
    hub: Hub, line: Line, refuses: bool
) -> None:
    line.refuses = refuses
    await hub.desk.end(MIA, CALL)
    assert line.asked == [("hang up", CALL)]
    assert state(hub) == ContactState.WRAP_UP


async def test_after_a_restart_only_asterisk_says_that_a_call_is_connected(
    with_voice: Config, clock: MovedClock, line: Line
) -> None:
    """Unlike a written conversation, an accepted call is not connected by our saying so."""
    async with core(with_voice, clock) as hub:
        await accepted(hub, line)
    async with core(with_voice, clock) as hub:
        seq = hub.dispatcher.seq
        hub.executor.resume()
        for _ in range(5):
            await asyncio.sleep(0)  # what it began would be in the store's queue by now
        await hub.store.write(lambda c: None)
        assert state(hub) == ContactState.CONNECTING
        assert hub.dispatcher.seq == seq


async def test_a_text_cannot_be_held_by_the_telephone_system_either(
    with_voice: Config, clock: MovedClock, line: Line
) -> None:
    async with core(with_voice, clock) as hub:
        assert hub.calls is not None
        hub.calls.wire(line, hub.desk)
        await add_agents(hub, "mia")
        await at_work(hub, MIA)
        text = Inbound(Kind.SMS, "SM1", "+447700900123", "+447700900001", 1, "hello")
        await hub.ports.intake.admit("sms", text)
        [offer] = hub.dispatcher.engine.live_offers()
        await hub.desk.accept(MIA, offer.offer)
        await hub.executor.settled()
        await until(lambda: hub.dispatcher.engine.contacts()[0].state == ContactState.ACTIVE)
        with pytest.raises(Conflict) as refused:
            await hub.desk.hold(MIA, offer.contact, True)
        assert refused.value.code == "not_a_call"
        assert line.asked == []

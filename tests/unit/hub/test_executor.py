"""The executor: effects at once, rows next, audiences last; and what it does when something of it fails."""

import asyncio

import pytest
from sqlalchemy import select, text

from channels.base import Inbound, Kind
from hub import executor as executing
from hub.bootstrap import Hub, catch_up, core
from hub.changes import Changes
from hub.config import Config
from hub.store.tables import contacts
from routing.types import AgentId, ContactState
from tests.unit.hub.conftest import MovedClock, add_agents, at_work, until

MIA = AgentId("agent-mia")


def sms(provider_id: str = "SM1") -> Inbound:
    return Inbound(Kind.SMS, provider_id, f"+44770090{provider_id[2:]:0>4}", "+447700900001", 1, "hello")


class Listener:
    """Keeps what it was told, and what the rows said at that moment."""

    def __init__(self, hub: Hub, failing: bool = False, stuck: bool = False) -> None:
        self._hub = hub
        self._failing = failing
        self._stuck = stuck
        self.told: list[Changes] = []
        self.states: list[list[str]] = []

    async def publish(self, changes: Changes) -> None:
        self.told.append(changes)
        self.states.append(
            await self._hub.store.read(lambda c: list(c.execute(select(contacts.c.state)).scalars()))
        )
        if self._failing:
            raise RuntimeError("an audience's own defect")
        if self._stuck:
            await asyncio.Event().wait()


async def test_an_audience_reads_rows_at_least_as_new_as_what_it_is_told(hub: Hub) -> None:
    listener = Listener(hub)
    hub.executor.attach(listener)
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms())
    await hub.executor.settled()
    told = [states for changes, states in zip(listener.told, listener.states, strict=True) if changes.offers]
    assert told == [["offered"]]
    assert {contact for changes in listener.told for contact in changes.contacts}
    assert {message for changes in listener.told for message in changes.messages}
    assert MIA in {agent for changes in listener.told for agent in changes.agents}


async def test_an_audience_that_fails_or_hangs_stops_neither_routing_nor_the_others(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executing, "AUDIENCE_DEADLINE_S", 0.05)
    listener = Listener(hub)
    for audience in (Listener(hub, failing=True), Listener(hub, stuck=True), listener):
        hub.executor.attach(audience)
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms())
    await hub.executor.settled()
    assert any(changes.offers for changes in listener.told)


async def test_a_dead_executor_is_noticed_and_the_hub_stops_all_the_same(
    config: Config, clock: MovedClock
) -> None:
    """Its rows cannot be written (a trigger refuses): nobody waits for ever, the next hub finishes them."""
    async with asyncio.timeout(20):
        async with core(config, clock) as hub:
            await add_agents(hub, "mia")
            await hub.ports.intake.admit("sms", sms())
            await hub.executor.settled()
            refuse = "CREATE TRIGGER no BEFORE UPDATE ON contacts BEGIN SELECT RAISE(ABORT, 'no'); END"
            await hub.store.write(lambda c: c.execute(text(refuse)))
            await at_work(hub, MIA)
            await hub.executor.died()
            await hub.executor.settled()
            await hub.store.write(lambda c: c.execute(text("DROP TRIGGER no")))
    async with core(config, clock) as hub:
        [state] = await hub.store.read(lambda c: c.execute(select(contacts.c.state)).scalars().all())
        assert state == ContactState.OFFERED


async def test_a_conversation_that_was_being_opened_is_opened_after_a_restart(
    config: Config, clock: MovedClock
) -> None:
    """Accepted, and killed before the connection was journalled."""
    async with core(config, clock) as hub:
        await add_agents(hub, "mia")
        await at_work(hub, MIA)
        await hub.ports.intake.admit("sms", sms())
        [offer] = hub.dispatcher.engine.live_offers()
        hub.dispatcher.follow(Nobody())
        await hub.desk.accept(MIA, offer.offer)
    async with core(config, clock) as hub:
        [contact] = hub.dispatcher.engine.contacts()
        assert contact.state == ContactState.CONNECTING
        await catch_up(hub)
        hub.executor.resume()
        await until(lambda: hub.dispatcher.engine.contacts()[0].state == ContactState.ACTIVE)


class Nobody:
    """Follows and does nothing, like a hub that is already dead."""

    def handled(self, handled: object) -> None:
        pass

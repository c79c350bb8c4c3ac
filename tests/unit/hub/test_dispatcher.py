"""The dispatcher: what commits with what, and what a hub that died anywhere finds again."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, func, insert, select, text

from channels.base import Inbound, Kind
from hub import dispatcher as dispatching
from hub import journal
from hub.bootstrap import Hub, core
from hub.config import Config
from hub.dispatcher import Dispatcher
from hub.store.database import Store
from hub.store.tables import contacts, decisions, settings, snapshots
from hub.store.tables import journal as journal_rows
from routing import snapshot
from routing.events import Event, PresenceSet, ReachabilitySet
from routing.types import AgentId, Channel, Presence
from tests.unit.hub.conftest import MovedClock, add_agents, at_work, until

MIA = AgentId("agent-mia")
WRITTEN = (Channel.CHAT, Channel.SMS, Channel.EMAIL)


def sms(provider_id: str = "SM1") -> Inbound:
    return Inbound(Kind.SMS, provider_id, "+447700900123", "+447700900001", 1, "hello")


def available(now_ms: int) -> Sequence[Event]:
    return [ReachabilitySet(now_ms, MIA, WRITTEN), PresenceSet(now_ms, MIA, Presence.AVAILABLE)]


async def last_seq(hub: Hub) -> int:
    return await hub.store.read(journal.last_seq)


async def test_rows_and_events_commit_together_or_not_at_all(hub: Hub) -> None:
    def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
        connection.execute(insert(settings), {"name": "row", "value": "x"})
        raise ZeroDivisionError

    before, agent = await last_seq(hub), hub.dispatcher.engine.agent(MIA)
    with pytest.raises(ZeroDivisionError):
        await hub.dispatcher.transact(work)
    assert await last_seq(hub) == before
    assert hub.dispatcher.engine.agent(MIA) == agent
    found = await hub.store.read(
        lambda c: c.execute(select(settings).where(settings.c.name == "row")).first()
    )
    assert found is None


async def test_an_event_is_in_the_journal_before_the_engine_knows_it(hub: Hub) -> None:
    """The reader has a connection of its own, so what it sees is committed."""
    seen: list[int] = []
    engine = hub.dispatcher.engine

    class Follower:
        def handled(self, handled: Sequence[object]) -> None:
            with hub.store._reader_engine.connect() as connection:
                seen.append(connection.execute(select(func.max(journal_rows.c.seq))).scalar_one())

    hub.dispatcher.follow(Follower())
    await hub.dispatcher.transact(lambda _c, now_ms: (None, available(now_ms)))
    assert seen == [hub.dispatcher.seq]
    agent = engine.agent(MIA)
    assert agent is not None
    assert agent.presence == Presence.AVAILABLE
    hub.dispatcher.follow(hub.executor)


async def test_the_clock_may_go_back_but_the_journal_does_not(hub: Hub, clock: MovedClock) -> None:
    given: list[int] = []

    def note(_connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
        given.append(now_ms)
        return None, [PresenceSet(now_ms, MIA, Presence.AVAILABLE)]

    clock.move(5_000)
    await hub.dispatcher.transact(note)
    clock.move(-4_000)
    await hub.dispatcher.transact(note)
    assert given[1] == given[0]


async def test_time_does_not_go_back_over_a_restart(config: Config, clock: MovedClock) -> None:
    async with core(config, clock) as hub:
        await add_agents(hub, "mia")
    clock.move(-60_000)
    given: list[int] = []
    async with core(config, clock) as hub:
        await hub.dispatcher.transact(lambda _c, now_ms: (given.append(now_ms), []))
    assert given == [clock.at_ms + 60_000]


async def test_a_snapshot_does_not_hide_what_was_never_projected(config: Config, clock: MovedClock) -> None:
    """Killed between the snapshot and the projection of the same events: the rows still follow."""
    async with core(config, clock) as hub:
        await add_agents(hub, "mia")
        await hub.ports.intake.admit("sms", sms())

    store = await Store.open(config.store.url)
    alone = await Dispatcher.recover(store, clock)  # nobody follows it, as if the executor had died
    await alone.transact(lambda _c, now_ms: (None, available(now_ms)))
    await alone.save_snapshot()
    await store.close()

    async with core(config, clock) as hub:
        [row] = await hub.store.read(lambda c: c.execute(select(contacts)).all())
        assert (row.state, row.agent_id) == ("offered", MIA)
        [decision] = await hub.store.read(lambda c: c.execute(select(decisions)).all())
        assert decision.agent_id == MIA


async def test_a_snapshot_never_claims_an_event_that_is_still_being_written(
    config: Config, clock: MovedClock
) -> None:
    """Taken while an event has its number but is not handled: the event is replayed, not skipped."""

    class Gate:
        """A write that says when it runs and ends when it may."""

        def __init__(self) -> None:
            self.entered, self.opened = threading.Event(), threading.Event()

        def __call__(self, _connection: Connection) -> None:
            self.entered.set()
            assert self.opened.wait(20)

    first, second = Gate(), Gate()
    async with core(config, clock) as hub:
        await add_agents(hub, "mia")
        held = asyncio.ensure_future(hub.store.write(first))
        await until(first.entered.is_set)
        # Both wait for the writer and so share one commit: the event has its number when the gate blocks.
        told = asyncio.ensure_future(hub.dispatcher.transact(lambda _c, now_ms: (None, available(now_ms))))
        late = asyncio.ensure_future(hub.store.write(second))
        await until(lambda: hub.store.writes_queued == 2)
        first.opened.set()
        await until(second.entered.is_set)
        saved = asyncio.ensure_future(hub.dispatcher.save_snapshot())
        await until(lambda: hub.store.writes_queued == 1)
        second.opened.set()
        await asyncio.gather(held, told, late, saved)
        await hub.executor.settled()
        before = hub.dispatcher.engine.agents()

    async with core(config, clock) as hub:
        assert hub.dispatcher.engine.agents() == before


async def test_a_snapshot_of_another_version_is_not_read(config: Config, clock: MovedClock) -> None:
    async with core(config, clock) as hub:
        await add_agents(hub, "mia")
        await at_work(hub, MIA)
        await hub.executor.settled()
        before, seq = hub.dispatcher.engine.agents(), hub.dispatcher.seq
        foreign = {"shape": "of another version"}
        await hub.store.write(lambda c: journal.save_snapshot(c, seq, 1, snapshot.VERSION + 1, foreign))

    async with core(config, clock) as hub:
        assert hub.dispatcher.engine.agents() == before


async def test_snapshots_are_taken_by_themselves(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "SNAPSHOT_EVERY_EVENTS", 2)
    first = hub.dispatcher.seq
    for _ in range(4):
        await at_work(hub, MIA)
    await hub.store.write(lambda c: None)
    kept = await hub.store.read(lambda c: c.execute(select(snapshots.c.seq)).scalars().all())
    assert kept
    assert all(first < seq <= hub.dispatcher.seq for seq in kept)


async def test_a_stopped_dispatcher_lets_no_time_pass(hub: Hub, clock: MovedClock) -> None:
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms())
    hub.dispatcher.stop()

    def work(_connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
        clock.move(3_600_000)  # the offer is overdue as soon as this event is handled
        return None, [ReachabilitySet(now_ms, AgentId("agent-wei"), WRITTEN)]

    await hub.dispatcher.transact(work)
    for _ in range(5):
        await asyncio.sleep(0)  # an alarm that is due would ring now, and be written before us
    await hub.store.write(lambda c: None)
    kinds = await hub.store.read(lambda c: c.execute(select(journal_rows.c.kind)).scalars().all())
    assert "TimeReached" not in kinds


async def test_a_journal_that_cannot_be_written_is_tried_again_but_not_in_a_spin(
    hub: Hub, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, here a trigger that refuses: the deadline is met once there is room again."""
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms())
    refuse = "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END"
    await hub.store.write(lambda c: c.execute(text(refuse)))
    hub.dispatcher.stop()
    clock.move(2_100)
    hub.dispatcher.start()
    await until(lambda: caplog.text.count("task failed") >= 3)
    async with asyncio.timeout(20):
        began = asyncio.get_running_loop().time()
        seen = caplog.text.count("task failed")
        await until(lambda: caplog.text.count("task failed") > seen)
        assert asyncio.get_running_loop().time() - began > 0.1, "later each time"

    await hub.store.write(lambda c: c.execute(text("DROP TRIGGER full")))
    await until(lambda: not hub.dispatcher.engine.live_offers())


async def test_after_a_failure_is_over_deadlines_are_met_at_once_again(
    hub: Hub, clock: MovedClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms())
    refuse = "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END"
    await hub.store.write(lambda c: c.execute(text(refuse)))
    hub.dispatcher.stop()
    clock.move(2_100)
    hub.dispatcher.start()
    await until(lambda: "task failed" in caplog.text)
    await hub.store.write(lambda c: c.execute(text("DROP TRIGGER full")))
    await until(lambda: not hub.dispatcher.engine.live_offers())

    monkeypatch.setattr(dispatching, "TICK_RETRY_FIRST_MS", 600_000)
    monkeypatch.setattr(dispatching, "TICK_RETRY_MAX_MS", 600_000)
    await at_work(hub, AgentId("agent-wei"))
    assert hub.dispatcher.engine.live_offers()
    clock.move(2_100)
    await hub.desk.reachable(MIA, True)  # any event lets the hub look at the clock again
    await until(lambda: not hub.dispatcher.engine.live_offers())

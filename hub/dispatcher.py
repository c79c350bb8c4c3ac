"""The one writer of routing: rows and events commit together, then the engine handles the events in order.

`transact` is the only way in. The engine lives on the event loop thread; everybody may read it there, nobody
else may call `handle`. Timers of the engine are one alarm here, journalled as `TimeReached` like any event.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from hub import journal
from hub.clock import Clock
from hub.projection import POSITION, Handled, project
from hub.store.database import Store
from hub.supervise import jittered_ms, spawn
from routing import snapshot
from routing.engine import Engine
from routing.events import Event, TimeReached
from routing.types import ContactId

log = logging.getLogger(__name__)

T = TypeVar("T")

SNAPSHOT_EVERY_EVENTS = 5_000
TICK_RETRY_FIRST_MS = 100
TICK_RETRY_MAX_MS = 10_000


class Follower(Protocol):
    """Gets what the engine decided, in order, right after each commit; must not block."""

    def handled(self, handled: Sequence[Handled]) -> None: ...


class Dispatcher:
    """Make with `await Dispatcher.recover(...)`; `start()` lets time pass."""

    def __init__(self, store: Store, clock: Clock, engine: Engine, seq: int) -> None:
        self.store = store
        self.engine = engine
        self._clock = clock
        self._seq = seq
        self._handled_seq = seq
        self._last_at_ms = 0
        self._snapshot_seq = seq
        self._follower: Follower | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._ticking = False
        self._ticks_failed = 0
        self._running = False

    @classmethod
    async def recover(cls, store: Store, clock: Clock) -> "Dispatcher":
        """Rebuild the engine from the newest snapshot and the journal after it, and finish the projection.

        Nothing else feeds the engine, so what it decided before the hub died it decides again.
        """
        version = snapshot.VERSION
        projected = await store.read(lambda connection: journal.position(connection, POSITION))
        # A newer snapshot would hide from us what was decided but never projected.
        found = await store.read(lambda connection: journal.load_snapshot(connection, version, projected))
        after_seq, engine = (0, Engine()) if found is None else (found[0], snapshot.load(found[1]))

        def replay(connection: Connection) -> tuple[int, int, list[Handled]]:
            seq, at_ms, unprojected = after_seq, 0, []
            for seq, event in journal.read(connection, after_seq):
                commands = engine.handle(event)
                at_ms = event.at_ms
                if seq > projected:
                    unprojected.append(Handled(seq, event, commands))
            return seq, at_ms, unprojected

        seq, at_ms, unprojected = await store.read(replay)
        if unprojected:
            await store.write(lambda connection: project(connection, unprojected))
        log.info("recovered", extra={"seq": seq, "replayed": seq - after_seq, "projected": len(unprojected)})
        dispatcher = cls(store, clock, engine, seq)
        dispatcher._last_at_ms = max(at_ms, engine.now_ms)
        return dispatcher

    @property
    def seq(self) -> int:
        """Sequence of the last event that is in the journal and that the engine has handled."""
        return self._handled_seq

    def knows(self, contact: ContactId) -> bool:
        """Whether the contact ever entered routing (finished ones are remembered for a while)."""
        return self.engine.knows(contact)

    @property
    def live_contacts(self) -> int:
        """How many contacts are not finished."""
        return len(self.engine.state.contacts)

    def follow(self, follower: Follower) -> None:
        self._follower = follower

    def start(self) -> None:
        """Let the engine's timers fire from now on."""
        self._running = True
        self._arm()

    def stop(self) -> None:
        self._running = False
        if self._alarm is not None:
            self._alarm.cancel()

    async def transact(self, work: Callable[[Connection, int], tuple[T, Sequence[Event]]]) -> T:
        """Run `work(connection, now_ms)`; its rows and the events it returns commit together.

        Durable, and handled by the engine, when this returns. `now_ms` never decreases along the journal;
        events must carry it as `at_ms`. An exception of `work` undoes everything and is raised here.
        """

        def run(connection: Connection) -> tuple[T, list[tuple[int, Event]]]:
            now_ms = max(self._clock.now_ms(), self._last_at_ms)
            result, events = work(connection, now_ms)
            if not events:
                return result, []
            first = self._seq_reserved(len(events))
            journal.append(connection, first - 1, events)
            self._last_at_ms = now_ms
            return result, [(first + index, event) for index, event in enumerate(events)]

        result, _ = await self.store.write(run, self._committed)
        return result

    def _seq_reserved(self, count: int) -> int:
        # Only the writer thread comes here. A write undone afterwards leaves a gap, which is harmless.
        first = self._seq + 1
        self._seq += count
        return first

    def _committed(self, outcome: tuple[Any, list[tuple[int, Event]]]) -> None:
        records = outcome[1]
        if not records:
            return
        handled = [Handled(seq, event, self.engine.handle(event)) for seq, event in records]
        self._handled_seq = records[-1][0]
        if self._follower is not None:
            self._follower.handled(handled)
        self._arm()
        if records[-1][0] - self._snapshot_seq >= SNAPSHOT_EVERY_EVENTS:
            self._snapshot_seq = records[-1][0]
            body = snapshot.dump(self.engine)
            spawn(self._save_snapshot(self._snapshot_seq, body), "snapshot")

    async def save_snapshot(self) -> None:
        """Store the engine as it stands, so that the next start replays nothing."""
        await self._save_snapshot(self._handled_seq, snapshot.dump(self.engine))

    async def _save_snapshot(self, seq: int, body: dict[str, Any]) -> None:
        now_ms = self._clock.now_ms()
        await self.store.write(lambda c: journal.save_snapshot(c, seq, now_ms, snapshot.VERSION, body))

    def _arm(self) -> None:
        if not self._running:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        deadline_ms = self.engine.next_deadline_ms()
        if deadline_ms is not None and not self._ticking:
            delay_ms = max(0, deadline_ms - self._clock.now_ms())
            if self._ticks_failed:
                # The journal could not be written (a full disk): the deadline stays, but we must not spin.
                delay_ms += jittered_ms(self._ticks_failed, TICK_RETRY_FIRST_MS, TICK_RETRY_MAX_MS)
            self._alarm = asyncio.get_running_loop().call_later(delay_ms / 1000, self._tick)

    def _tick(self) -> None:
        self._ticking = True
        spawn(self._time_reached(), "time-reached")

    async def _time_reached(self) -> None:
        try:
            self._ticks_failed += 1
            await self.transact(lambda _connection, now_ms: (None, [TimeReached(now_ms)]))
            self._ticks_failed = 0
        finally:
            self._ticking = False
            self._arm()

"""The supervisors' board: live queues and agents, pushed at most once a second while somebody watches.

Live figures come from the engine, today's from rows of `contacts` ("today" is the company's day).
Service level counts an abandoned contact only if it had waited longer than the target.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import Connection, case, func, select

from hub import wire
from hub.clock import Clock
from hub.console import views
from hub.console.server import SocketServer
from hub.console.why import wait
from hub.dispatcher import Dispatcher
from hub.store.tables import agents, contacts, customers, inbound
from hub.supervise import spawn
from routing.engine import Engine
from routing.types import AgentId, Channel, ContactState, Presence, QueueSpec, SkillNeed
from routing.views import AgentView, ContactView

log = logging.getLogger(__name__)

NAMESPACE = "/console"
ROOM = "board"
EVERY_S = 1.0
REFRESH_EVERY = 10
"""Ticks after which the board is read again without a known change (quarantine, day's end)."""
WAITING_MAX = 100


class Presences(Protocol):
    """Who has a console open."""

    def connected_agents(self) -> frozenset[str]: ...


class BoardFeed:
    """Builds the board for whoever asks and feeds it to watching sockets."""

    def __init__(
        self,
        presences: Presences,
        sockets: SocketServer,
        dispatcher: Dispatcher,
        clock: Clock,
        *,
        time_zone: str,
    ) -> None:
        self._presences = presences
        self._sockets = sockets
        self._dispatcher = dispatcher
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._watching: set[str] = set()
        self._touched = True
        self._last: wire.Board | None = None
        self._task: asyncio.Task[None] | None = None

    def touch(self) -> None:
        """Something on the board may have changed."""
        self._touched = True

    async def read(self) -> wire.Board:
        """The board as it is now."""
        now_ms = self._clock.now_ms()
        live = _Live.of(self._dispatcher.engine, self._presences.connected_agents(), now_ms)
        day_began_ms = _day_began_ms(now_ms, self._zone)
        return await self._dispatcher.store.read(lambda c: _board(c, live, day_began_ms))

    async def watch(self, sid: str) -> None:
        """Send the socket the board as it is now, and from now on every change."""
        board = await self.read()
        await self._sockets.enter_room(sid, ROOM, namespace=NAMESPACE)
        await self._sockets.emit("board", board, to=sid, namespace=NAMESPACE)
        self._watching.add(sid)
        if self._task is None:
            self._last = board
            self._task = spawn(self._feed(), "board")

    async def leave(self, sid: str) -> None:
        """The socket no longer wants the board."""
        if sid in self._watching:
            self.unwatch(sid)
            await self._sockets.leave_room(sid, ROOM, namespace=NAMESPACE)

    def unwatch(self, sid: str) -> None:
        """The socket has gone, and with it its place in the room."""
        self._watching.discard(sid)

    def close(self) -> None:
        self._watching.clear()
        if self._task is not None:
            self._task.cancel()

    async def _feed(self) -> None:
        ticks = 0
        try:
            while self._watching:
                await asyncio.sleep(EVERY_S)
                ticks += 1
                if self._touched or ticks % REFRESH_EVERY == 0 or _anybody_waits(self._last):
                    self._touched = False
                    await self._send_if_changed(await self.read())
        finally:
            self._task = None
            self._last = None

    async def _send_if_changed(self, board: wire.Board) -> None:
        if self._last is None or replace(self._last, at_ms=board.at_ms) != board:
            self._last = board
            await self._sockets.emit("board", board, room=ROOM, namespace=NAMESPACE)


def _anybody_waits(board: wire.Board | None) -> bool:
    """While somebody waits, waiting times change by themselves."""
    return board is None or any(queue.waiting for queue in board.queues)


def _day_began_ms(now_ms: int, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(now_ms / 1000, zone)
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


# --------------------------------------------------------------------------- copied on the event loop


@dataclass(frozen=True, slots=True)
class _Live:
    """What the engine knows, copied so that a reader thread may use it."""

    now_ms: int
    queues: Sequence[QueueSpec]
    agents: Sequence[AgentView]
    presences: Mapping[str, wire.PresenceView]
    connected: frozenset[str]
    contacts: Sequence[ContactView]
    waiting: Sequence[ContactView]
    """In line, first in line first, over all queues."""
    since_ms: Mapping[str, int]
    """When each live contact came into its state."""
    pools: "_Pools" = field(repr=False)

    @classmethod
    def of(cls, engine: Engine, connected: frozenset[str], now_ms: int) -> "_Live":
        everyone = engine.agents()
        queues, live = engine.queues(), engine.contacts()
        return cls(
            now_ms=now_ms,
            queues=queues,
            agents=everyone,
            presences={agent.agent: views.presence_view(engine, agent.agent) for agent in everyone},
            connected=connected,
            contacts=live,
            since_ms={contact.contact: contact.since_ms for contact in live},
            waiting=engine.waiting(),
            pools=_Pools(everyone, {queue.queue: queue for queue in queues}),
        )


class _Pools:
    """Who could serve a contact at its present step, and what keeps them; equal demands share a count."""

    def __init__(self, everyone: Sequence[AgentView], queues: Mapping[str, QueueSpec]) -> None:
        self._everyone = everyone
        self._queues = queues
        self._levels: dict[str, dict[str, int]] = {
            agent.agent: {s.skill: s.level for s in agent.skills} for agent in everyone
        }
        self._counted: dict[Any, Counter[str]] = {}

    def of(self, contact: ContactView) -> Counter[str]:
        needs, named = self._target(contact)
        key = (contact.channel, needs, named)
        if key not in self._counted:
            self._counted[key] = Counter(
                _hindrance(agent, contact.channel)
                for agent in self._everyone
                if named in (None, agent.agent) and self._meets(agent.agent, needs)
            )
        pool = self._counted[key]
        if not contact.excluded:
            return pool
        barred = sum(
            1
            for agent in self._everyone
            if agent.agent in contact.excluded
            and contact.channel in agent.free
            and named in (None, agent.agent)
            and self._meets(agent.agent, needs)
        )
        return pool - Counter(free=barred) + Counter(asked_before=barred)

    def _target(self, contact: ContactView) -> tuple[tuple[SkillNeed, ...], AgentId | None]:
        if contact.step < len(contact.plan.steps):
            step = contact.plan.steps[contact.step]
            return (*self._queue_needs(contact), *step.needs), step.agent
        return self._queue_needs(contact), None

    def _queue_needs(self, contact: ContactView) -> tuple[SkillNeed, ...]:
        queue = self._queues.get(contact.queue)
        return queue.needs if queue is not None else ()

    def _meets(self, agent_id: str, needs: tuple[SkillNeed, ...]) -> bool:
        levels = self._levels[agent_id]
        return all(levels.get(need.skill, 0) >= need.min_level for need in needs)


_KEPT_BY = {Presence.OFFLINE: "offline", Presence.AUX: "aux", Presence.RONA: "not_responding"}


def _hindrance(agent: AgentView, channel: Channel) -> str:
    """Why the agent cannot be asked on the channel right now, or "free"."""
    if channel in agent.free:
        return "free"
    if not dict(agent.capacity.caps).get(channel):
        return "channel"
    if agent.presence is not Presence.AVAILABLE:
        return _KEPT_BY[agent.presence]
    return "busy" if channel in agent.reachable else "unreachable"


# ------------------------------------------------------------------------------- on a reader thread


def _board(connection: Connection, live: _Live, day_began_ms: int) -> wire.Board:
    people = {row.agent_id: row.name for row in connection.execute(select(agents.c.agent_id, agents.c.name))}
    shown = [*live.waiting[:WAITING_MAX], *live.contacts]
    names = _customer_names(connection, {contact.contact for contact in shown})
    return wire.Board(
        at_ms=live.now_ms,
        queues=_queues(live, _today(connection, live.queues, day_began_ms)),
        agents=[_agent(agent, live, people.get(agent.agent, agent.agent), names) for agent in live.agents],
        waiting=_waiting(live, names),
        quarantined=connection.execute(
            select(func.count()).select_from(inbound).where(inbound.c.state == "quarantined")
        ).scalar_one(),
    )


def _customer_names(connection: Connection, contact_ids: set[Any]) -> dict[str, str]:
    rows = connection.execute(
        select(contacts.c.contact_id, customers.c.name)
        .join(customers, customers.c.customer_id == contacts.c.customer_id)
        .where(contacts.c.contact_id.in_(list(contact_ids)))
    )
    return {row.contact_id: row.name for row in rows}


@dataclass(frozen=True, slots=True)
class _Today:
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_late: int = 0

    @property
    def service_level(self) -> float | None:
        """Answered in time, of those answered or abandoned after the target; None when there were none."""
        counted = self.answered + self.abandoned_late
        return None if counted == 0 else round(self.answered_in_time / counted, 4)


def _today(connection: Connection, queues: Sequence[QueueSpec], day_began_ms: int) -> dict[str, _Today]:
    targets = {queue.queue: queue.sl_target_ms for queue in queues}
    if not targets:
        return {}
    target = case(targets, value=contacts.c.queue_id, else_=20_000)
    answered = contacts.c.connected_at_ms.is_not(None)
    abandoned = contacts.c.state == "abandoned"
    answer_wait = contacts.c.connected_at_ms - contacts.c.enqueued_at_ms
    abandon_wait = contacts.c.closed_at_ms - contacts.c.enqueued_at_ms
    rows = connection.execute(
        select(
            contacts.c.queue_id,
            func.sum(case((answered, 1), else_=0)).label("answered"),
            func.sum(case((answered & (answer_wait <= target), 1), else_=0)).label("in_time"),
            func.sum(case((abandoned, 1), else_=0)).label("abandoned"),
            func.sum(case((abandoned & (abandon_wait > target), 1), else_=0)).label("late"),
        )
        .where(contacts.c.arrived_at_ms >= day_began_ms)
        .group_by(contacts.c.queue_id)
    )
    return {row.queue_id: _Today(row.answered, row.in_time, row.abandoned, row.late) for row in rows}


def _queues(live: _Live, today: Mapping[str, _Today]) -> list[wire.QueueRow]:
    states = Counter((contact.queue, contact.state) for contact in live.contacts)
    oldest: dict[str, int] = {}
    for contact in live.waiting:
        oldest[contact.queue] = min(oldest.get(contact.queue, contact.enqueued_at_ms), contact.enqueued_at_ms)
    return [
        _queue(live, queue, states, oldest.get(queue.queue, live.now_ms), today.get(queue.queue, _Today()))
        for queue in live.queues
    ]


def _queue(
    live: _Live, queue: QueueSpec, states: Counter[Any], oldest_at_ms: int, today: _Today
) -> wire.QueueRow:
    pool = [agent for agent in live.agents if _serves(agent, queue)]
    talking = states[queue.queue, ContactState.ACTIVE] + states[queue.queue, ContactState.CONNECTING]
    return wire.QueueRow(
        queue_id=queue.queue,
        name=queue.name,
        waiting=states[queue.queue, ContactState.QUEUED],
        oldest_wait_ms=max(0, live.now_ms - oldest_at_ms),
        offered=states[queue.queue, ContactState.OFFERED],
        active=talking,
        agents_available=sum(1 for agent in pool if agent.free),
        agents_staffed=sum(1 for agent in pool if agent.presence is not Presence.OFFLINE),
        answered_today=today.answered,
        abandoned_today=today.abandoned,
        service_level=today.service_level,
        sl_target_ms=queue.sl_target_ms,
    )


def _serves(agent: AgentView, queue: QueueSpec) -> bool:
    levels = {skill.skill: skill.level for skill in agent.skills}
    return all(levels.get(need.skill, 0) >= need.min_level for need in queue.needs)


def _agent(agent: AgentView, live: _Live, name: str, customer_names: Mapping[str, str]) -> wire.AgentRow:
    return wire.AgentRow(
        agent_id=agent.agent,
        name=name,
        presence=live.presences[agent.agent],
        skills=[skill.skill for skill in agent.skills],
        contacts=[
            wire.AgentWork(
                contact_id=held.contact,
                channel=held.channel.value,
                state=held.state.value,
                customer_name=customer_names.get(held.contact, ""),
                since_at_ms=live.since_ms.get(held.contact, live.now_ms),
            )
            for held in agent.contacts
        ],
        console_connected=agent.agent in live.connected,
    )


def _waiting(live: _Live, customer_names: Mapping[str, str]) -> list[wire.WaitingRow]:
    ahead: Counter[str] = Counter()
    rows = []
    for contact in live.waiting[:WAITING_MAX]:
        rows.append(
            wire.WaitingRow(
                contact_id=contact.contact,
                queue_id=contact.queue,
                channel=contact.channel.value,
                customer_name=customer_names.get(contact.contact, ""),
                value=contact.value,
                enqueued_at_ms=contact.enqueued_at_ms,
                head_start_ms=contact.head_start_ms,
                position=ahead[contact.queue] + 1,
                why_not_yet=_why_not_yet(live.pools.of(contact), ahead[contact.queue]),
            )
        )
        ahead[contact.queue] += 1
    return rows


def _why_not_yet(pool: Counter[str], ahead: int) -> dict[str, str]:
    kept = tuple((reason, count) for reason, count in sorted(pool.items()) if reason != "free" and count)
    return wait.why_not_yet(sum(pool.values()), kept, ahead)

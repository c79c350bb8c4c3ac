"""What the board shows: live figures copied from the engine, names and today's counts read from rows.

Live figures come from the engine, today's from rows of `contacts` ("today" is the company's day). Service
level counts an abandoned contact only if it had waited longer than the target. `Live.of` runs on the event
loop, `board` on a reader thread. Only the first WAITING_MAX contacts in line get an explanation.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from hub import wire
from hub.console import views
from hub.console.why import wait
from hub.store.tables import agents, contacts, customers, inbound
from routing.commands import Expected
from routing.engine import Engine
from routing.target import meets, target_of
from routing.types import ContactState, Presence, QueueSpec
from routing.views import AgentView, ContactView

WAITING_MAX = 100
IDS_AT_ONCE = 500
"""How many ids go into one question: databases have a limit."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the engine says of one queue."""

    waiting: int
    bound_ms: int | None
    expected: Expected | None
    reserve_open: bool | None
    """None: the queue has no reserve."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """One of the first in line, with what keeps it there."""

    contact: ContactView
    position: int
    target: int
    """How many agents its present step could ask at all."""
    excluded: tuple[tuple[str, int], ...]
    """Those of them who cannot be asked, by reason."""
    expected: Expected | None


@dataclass(frozen=True, slots=True)
class Live:
    """What the engine knows, copied so that a reader thread may use it."""

    now_ms: int
    queues: Sequence[QueueSpec]
    figures: Mapping[str, Figures]
    """By queue."""
    oldest_at_ms: Mapping[str, int]
    """By queue: since when the longest-waiting one waits."""
    agents: Sequence[AgentView]
    connected: frozenset[str]
    held: Sequence[ContactView]
    """What agents have in hand, keep parked, or are asked for."""
    waiting: Sequence[Waiter]
    """The first in line, over all queues."""

    @classmethod
    def of(cls, engine: Engine, connected: frozenset[str], now_ms: int) -> "Live":
        everyone, queues = engine.agents(), engine.queues()
        held = [contact for agent in everyone for contact in engine.contacts_of(agent.agent)]
        parked = (engine.contact(each.contact) for agent in everyone for each in agent.parked)
        since = {queue.queue: engine.oldest_at_ms(queue.queue) for queue in queues}
        return cls(
            now_ms=now_ms,
            queues=queues,
            figures={queue.queue: _figures(engine, queue) for queue in queues},
            oldest_at_ms={queue: at_ms for queue, at_ms in since.items() if at_ms is not None},
            agents=everyone,
            connected=connected,
            held=[*held, *(contact for contact in parked if contact is not None)],
            waiting=[_waiter(engine, each, len(everyone)) for each in engine.first_in_line(WAITING_MAX)],
        )


def _figures(engine: Engine, spec: QueueSpec) -> Figures:
    return Figures(
        waiting=engine.waiting_count(spec.queue),
        bound_ms=engine.bound_ms(spec.queue),
        expected=engine.expected_wait(spec.queue),
        reserve_open=engine.reserve_open(spec.queue),
    )


def _waiter(engine: Engine, contact: ContactView, everyone: int) -> Waiter:
    position = engine.position(contact.contact) or 1
    counts = engine.hindrances(contact.contact)
    target = everyone - dict(counts).get("not_in_target", 0)
    return Waiter(
        contact=contact,
        position=position,
        target=target,
        excluded=counts,
        expected=engine.expected_wait_of(contact.contact),
    )


# ------------------------------------------------------------------------------- on a reader thread


def board(connection: Connection, live: Live, day_began_ms: int) -> wire.Board:
    """The board at `live.now_ms`."""
    people = {row.agent_id: row.name for row in connection.execute(select(agents.c.agent_id, agents.c.name))}
    shown = [each.contact.contact for each in live.waiting] + [each.contact for each in live.held]
    names = _customer_names(connection, shown)
    return wire.Board(
        at_ms=live.now_ms,
        queues=_queues(live, _today(connection, live.queues, day_began_ms)),
        agents=_agents(live, people, names),
        waiting=[_waiting(each, names) for each in live.waiting],
        quarantined=connection.execute(
            select(func.count()).select_from(inbound).where(inbound.c.state == "quarantined")
        ).scalar_one(),
    )


def _customer_names(connection: Connection, contact_ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = list(dict.fromkeys(contact_ids))
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = wanted[start : start + IDS_AT_ONCE]
        rows = connection.execute(
            select(contacts.c.contact_id, customers.c.name)
            .join(customers, customers.c.customer_id == contacts.c.customer_id)
            .where(contacts.c.contact_id.in_(some))
        )
        found.update((row.contact_id, row.name) for row in rows)
    return found


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


def _queues(live: Live, today: Mapping[str, _Today]) -> list[wire.QueueRow]:
    states = Counter((contact.queue, contact.state) for contact in live.held)
    staffed = [agent for agent in live.agents if agent.presence is not Presence.OFFLINE]
    levels = [{skill.skill: skill.level for skill in agent.skills} for agent in staffed]
    rows = []
    for queue in live.queues:
        target = target_of(queue.needs, queue.any_of)
        pool = [agent for agent, known in zip(staffed, levels, strict=True) if meets(known, target)]
        rows.append(_queue(live, queue, states, pool, today.get(queue.queue, _Today())))
    return rows


def _queue(
    live: Live, queue: QueueSpec, states: Counter[Any], pool: Sequence[AgentView], today: _Today
) -> wire.QueueRow:
    figures = live.figures[queue.queue]
    return wire.QueueRow(
        queue_id=queue.queue,
        name=queue.name,
        waiting=figures.waiting,
        oldest_wait_ms=max(0, live.now_ms - live.oldest_at_ms.get(queue.queue, live.now_ms)),
        offered=states[queue.queue, ContactState.OFFERED],
        active=states[queue.queue, ContactState.ACTIVE] + states[queue.queue, ContactState.CONNECTING],
        agents_available=sum(1 for agent in pool if agent.free),
        agents_staffed=len(pool),
        answered_today=today.answered,
        abandoned_today=today.abandoned,
        service_level=today.service_level,
        sl_target_ms=queue.sl_target_ms,
        bound_ms=figures.bound_ms,
        expected=wait.foreseen(figures.expected),
        reserve="none" if figures.reserve_open is None else "open" if figures.reserve_open else "closed",
    )


def _agents(live: Live, people: Mapping[str, str], customer_names: Mapping[str, str]) -> list[wire.AgentRow]:
    since_ms = {contact.contact: contact.since_ms for contact in live.held}
    return [
        wire.AgentRow(
            agent_id=agent.agent,
            name=people.get(agent.agent, agent.agent),
            presence=views.presence_of(agent),
            skills=[skill.skill for skill in agent.skills],
            contacts=[
                wire.AgentWork(
                    contact_id=held.contact,
                    channel=held.channel.value,
                    state=held.state.value,
                    customer_name=customer_names.get(held.contact, ""),
                    since_at_ms=since_ms.get(held.contact, 0),
                )
                for held in (*agent.contacts, *agent.parked)
            ],
            console_connected=agent.agent in live.connected,
        )
        for agent in live.agents
    ]


def _waiting(waiter: Waiter, customer_names: Mapping[str, str]) -> wire.WaitingRow:
    contact = waiter.contact
    return wire.WaitingRow(
        contact_id=contact.contact,
        queue_id=contact.queue,
        channel=contact.channel.value,
        customer_name=customer_names.get(contact.contact, ""),
        value=contact.value,
        enqueued_at_ms=contact.enqueued_at_ms,
        head_start_ms=contact.head_start_ms,
        position=waiter.position,
        why_not_yet=wait.why_not_yet(waiter.target, waiter.excluded, waiter.position - 1),
        state="callback" if contact.callback else "queued",
        lead_ms=contact.lead_ms,
        expected=wait.foreseen(waiter.expected),
    )

"""Agents as rows, and what the engine must know of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.agent_work import AgentWork, read_work
from hub.store.tables import agents
from routing.engine import Engine
from routing.events import AgentRemoved, AgentUpserted, Event
from routing.types import AgentId


def active(connection: Connection) -> Sequence[Row[Any]]:
    """Every agent who may log in, by id."""
    return connection.execute(select(agents).where(agents.c.active).order_by(agents.c.agent_id)).all()


def takes_contacts(row: Row[Any]) -> bool:
    """Supervisors and admins who have no capacity are not routed to."""
    return "agent" in row.roles


def differences(rows: Sequence[Row[Any]], engine: Engine, now_ms: int) -> list[Event]:
    """The events that bring the engine's agents to what the rows say; none if nothing changed."""
    events: list[Event] = []
    wanted = [row for row in rows if takes_contacts(row)]
    for row in wanted:
        agent, work = AgentId(row.agent_id), read_work(row.skills, row.capacity)
        known = engine.agent(agent)
        if known is None or AgentWork(known.stated, known.capacity, known.tier) != work:
            events.append(AgentUpserted(now_ms, agent, work.skills, work.capacity, work.tier))
    names = {row.agent_id for row in wanted}
    events.extend(AgentRemoved(now_ms, known.agent) for known in engine.agents() if known.agent not in names)
    return events

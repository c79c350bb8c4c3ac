"""Agents as rows, and what the engine must know of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.store.tables import agents
from routing.engine import Engine
from routing.events import AgentRemoved, AgentUpserted, Event
from routing.types import AgentId, AgentSkill, Capacity, Channel, SkillId


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
        agent, skills, capacity = AgentId(row.agent_id), _skills(row.skills), _capacity(row.capacity)
        known = engine.agent(agent)
        if known is None or known.skills != skills or known.capacity != capacity:
            events.append(AgentUpserted(now_ms, agent, skills, capacity))
    names = {row.agent_id for row in wanted}
    events.extend(AgentRemoved(now_ms, known.agent) for known in engine.agents() if known.agent not in names)
    return events


def _skills(skills: dict[str, int]) -> tuple[AgentSkill, ...]:
    return tuple(AgentSkill(SkillId(skill), level) for skill, level in sorted(skills.items()))


def _capacity(capacity: dict[str, Any]) -> Capacity:
    caps = tuple((Channel(name), count) for name, count in sorted(capacity["caps"].items()))
    weights = tuple((Channel(name), units) for name, units in sorted(capacity.get("weights", {}).items()))
    return Capacity(capacity["units"], caps, weights)

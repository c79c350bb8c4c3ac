"""Agents as rows: the engine is told exactly what changed."""

from sqlalchemy import update

from hub.bootstrap import Hub, catch_up
from hub.store.tables import agents
from routing.types import AgentId, Presence
from tests.unit.hub.conftest import add_agents, at_work

MIA = AgentId("agent-mia")
WEI = AgentId("agent-wei")


async def change(hub: Hub, agent_id: AgentId, **values: object) -> None:
    await hub.store.write(
        lambda c: c.execute(update(agents).where(agents.c.agent_id == agent_id).values(values))
    )
    await catch_up(hub)


def known(hub: Hub) -> list[AgentId]:
    return [agent.agent for agent in hub.dispatcher.engine.agents()]


async def test_what_did_not_change_is_not_told(hub: Hub) -> None:
    seq = hub.dispatcher.seq
    await catch_up(hub)
    assert hub.dispatcher.seq == seq


async def test_new_skills_and_capacity_are_told_and_presence_stays(hub: Hub) -> None:
    await at_work(hub, MIA)
    await change(hub, MIA, skills={"vip": 7})
    agent = hub.dispatcher.engine.agent(MIA)
    assert agent is not None
    assert [(s.skill, s.level) for s in agent.skills] == [("vip", 7)]
    await change(hub, MIA, capacity={"units": 9, "caps": {"chat": 2}})
    agent = hub.dispatcher.engine.agent(MIA)
    assert agent is not None
    assert agent.capacity.units == 9
    assert agent.presence == Presence.AVAILABLE


async def test_who_left_or_answers_nobody_is_not_routed_to(hub: Hub) -> None:
    await add_agents(hub, "ada")
    assert known(hub) == ["agent-ada", MIA, WEI]
    await change(hub, AgentId("agent-ada"), roles=["supervisor"])
    assert known(hub) == [MIA, WEI]
    await change(hub, WEI, active=False)
    assert known(hub) == [MIA]
    await change(hub, WEI, active=True)
    assert known(hub) == [MIA, WEI]

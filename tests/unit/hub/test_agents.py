"""Agents as rows: the engine is told exactly what changed."""

from sqlalchemy import update

from hub.bootstrap import Hub, catch_up
from hub.store.tables import agents
from routing.types import AgentId, Channel, Presence, Ramp
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


FADING = {
    "english": {"level": 80, "source": "test", "as_of": "2026-01-15", "decay_per_quarter": 10, "floor": 40}
}
SPECIALIST = {
    "units": 4,
    "caps": {"voice": 1, "chat": 3, "email": 2},
    "tier": 2,
    "interruptible_units": 2,
    "interruptible": ["email"],
    "blocks": [["voice", "chat"]],
    "return_slots": 1,
    "ramp": {"gap_s": 20, "span_s": 300},
}


async def test_all_that_the_engine_knows_of_an_agent_can_be_said(hub: Hub) -> None:
    """Fading skills, the tier, the second pool, the interrupt matrix, return slots and the slow start."""
    await change(hub, MIA, skills=FADING, capacity=SPECIALIST)
    agent = hub.dispatcher.engine.agent(MIA)
    assert agent is not None
    [english] = agent.stated
    assert (english.level, english.source, english.decay_per_quarter, english.floor) == (80, "test", 10, 40)
    assert english.as_of_ms == 1_768_435_200_000
    assert agent.skills[0].level < 80, "it has faded since"
    assert agent.tier == 2
    held = agent.capacity
    assert (held.interruptible_units, held.interruptible) == (2, (Channel.EMAIL,))
    assert held.blocks == ((Channel.VOICE, Channel.CHAT),)
    assert (held.return_slots, held.ramp) == (1, Ramp(20_000, 300_000))


async def test_a_skill_that_has_faded_is_not_told_anew(hub: Hub) -> None:
    await change(hub, MIA, skills=FADING, capacity=SPECIALIST)
    seq = hub.dispatcher.seq
    await catch_up(hub)
    assert hub.dispatcher.seq == seq

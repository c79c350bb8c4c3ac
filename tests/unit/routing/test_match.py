"""The searches agree with brute force: every agent or contact looked at, the best taken."""

from random import Random

import pytest

from routing.commands import Offer
from routing.engine import Engine
from routing.events import (
    AgentUpserted,
    ContactArrived,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
)
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    RuleId,
    SkillId,
    SkillNeed,
    Step,
)
from tests.sim.oracle import Oracle, in_target

SKILLS = [SkillId(f"skill-{number}") for number in range(6)]
CHANNELS = (Channel.VOICE, Channel.CHAT, Channel.EMAIL)
QUEUE = QueueId("q")


def staff(random: Random, count: int, *, at_work: bool) -> Engine:
    """A pool of agents with random skills; loads come from what the caller sends in."""
    made = Engine()
    made.handle(RuleSetPublished(0, "h", (QueueSpec(QUEUE, "Q"),)))
    for number in range(count):
        agent = AgentId(f"a{random.randrange(10**6):06d}-{number}")
        skills = tuple(
            AgentSkill(skill, random.randrange(1, 101)) for skill in SKILLS if random.random() < 0.6
        )
        capacity = Capacity(
            random.choice((2, 3, 5)), tuple((channel, random.choice((1, 2))) for channel in CHANNELS)
        )
        made.handle(AgentUpserted(number, agent, skills, capacity))
        made.handle(ReachabilitySet(number, agent, CHANNELS))
        if at_work:
            made.handle(PresenceSet(random.randrange(50_000), agent, Presence.AVAILABLE))
    return made


def contact(random: Random, number: int, at_ms: int, agents: list[AgentId]) -> ContactArrived:
    wanted = random.sample(SKILLS, random.randrange(3))
    steps = [Step(tuple(SkillNeed(skill, random.randrange(1, 60)) for skill in wanted))]
    if random.random() < 0.3:
        steps.append(Step(agent=random.choice(agents)))
    return ContactArrived(
        at_ms=at_ms,
        contact=ContactId(f"c{number}"),
        channel=random.choice(CHANNELS),
        queue=QUEUE,
        plan=RoutePlan(tuple(steps)),
        enqueued_at_ms=at_ms - random.randrange(3) * 1_000,
        head_start_ms=random.randrange(4) * 1_000,
        value=random.randrange(101),
        loyalty=0,
        rule=RuleId("r"),
        rule_set="h",
    )


@pytest.mark.parametrize("seed", range(8))
def test_an_arriving_contact_gets_the_best_of_all_agents(seed: int) -> None:
    """The oracle compares each arrival with the brute-force choice over every agent."""
    random = Random(seed)
    made = staff(random, 40, at_work=True)
    oracle = Oracle(made)
    agents = [agent.agent for agent in made.agents()]
    offers = 0
    for number in range(80):
        commands = oracle.handle(contact(random, number, 60_000 + number * 700, agents))
        offers += any(isinstance(command, Offer) for command in commands)
    assert offers > 30


@pytest.mark.parametrize("seed", range(8))
def test_a_freed_agent_gets_the_first_contact_that_it_may_serve(seed: int) -> None:
    random = Random(seed)
    made = staff(random, 12, at_work=False)
    agents = [agent.agent for agent in made.agents()]
    for number in range(200):
        made.handle(contact(random, number, 60_000 + number, agents))
    for agent_id in agents:
        agent = made.agent(agent_id)
        assert agent is not None
        waiting = [c for c in made.waiting() if in_target(made, c, agent)]
        commands = made.handle(PresenceSet(70_000, agent_id, Presence.AVAILABLE))
        first = next((command for command in commands if isinstance(command, Offer)), None)
        assert (first.contact if first else None) == (waiting[0].contact if waiting else None)
        assert len([command for command in commands if isinstance(command, Offer)]) > 0 or not waiting

"""The searches agree with brute force: every agent or contact looked at, the best taken."""

from random import Random

import pytest
from msgspec.structs import replace

from routing.commands import Offer
from routing.demand import MEMBERS_MAX
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
from tests.sim.oracle import Oracle

SKILLS = [SkillId(f"skill-{number}") for number in range(6)]
CHANNELS = (Channel.VOICE, Channel.CHAT, Channel.EMAIL)
QUEUE = QueueId("q")


def staff(random: Random, count: int, *, at_work: bool) -> Oracle:
    """A pool of agents with random skills, watched; loads come from what the caller sends in."""
    made = Oracle(Engine())
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
    made = staff(random, 12, at_work=True)
    agents = [agent.agent for agent in made.engine.agents()]
    offers = 0
    for number in range(30):
        commands = made.handle(contact(random, number, 60_000 + number * 700, agents))
        offers += any(isinstance(command, Offer) for command in commands)
    assert offers > 12


@pytest.mark.parametrize("seed", range(8))
def test_a_freed_agent_gets_the_first_contact_that_it_may_serve(seed: int) -> None:
    """The oracle compares each choice with the brute-force one over everybody who waits."""
    random = Random(seed)
    made = staff(random, 6, at_work=False)
    agents = [agent.agent for agent in made.engine.agents()]
    for number in range(25):
        made.handle(contact(random, number, 60_000 + number, agents))
    taken = 0
    for agent_id in agents:
        commands = made.handle(PresenceSet(70_000, agent_id, Presence.AVAILABLE))
        offers = [command for command in commands if isinstance(command, Offer)]
        assert all(offer.trace.regime == "agent_picks_contact" for offer in offers)
        taken += len(offers)
    assert taken > 6


def test_more_agents_of_a_grade_than_are_compared_one_by_one_give_the_same_choice() -> None:
    """Beyond `MEMBERS_MAX` equals are searched by blocks of bits."""
    random = Random(5)
    made = Engine()
    made.handle(RuleSetPublished(0, "h", (QueueSpec(QUEUE, "Q"),)))
    since = random.sample(range(1_000, 90_000), 3 * MEMBERS_MAX)
    for number in range(len(since)):
        agent = AgentId(f"a{number:03d}")
        made.handle(AgentUpserted(0, agent, (AgentSkill(SKILLS[0], 50),), Capacity(1, ((Channel.CHAT, 1),))))
        made.handle(ReachabilitySet(0, agent, CHANNELS))
    for number, at_ms in sorted(enumerate(since), key=lambda item: item[1]):
        made.handle(PresenceSet(at_ms, AgentId(f"a{number:03d}"), Presence.AVAILABLE))
    idle_order = [f"a{number:03d}" for number, _ in sorted(enumerate(since), key=lambda item: item[1])]
    asked = []
    for number in range(len(since)):
        event = contact(random, number, 100_000, [AgentId("nobody")])
        event = replace(event, channel=Channel.CHAT, plan=RoutePlan((Step((SkillNeed(SKILLS[0]),)),)))
        asked += [c.agent for c in made.handle(event) if isinstance(c, Offer)]
    assert asked == idle_order

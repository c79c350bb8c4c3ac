"""A company drawn by a seed: agents with a few of many skills, and the kinds of contacts that they serve.

Skills are unevenly popular. A contact asks for one skill or a pair, first of those who have it well, after a
while of anybody who has it: some thousand distinct demands, as in a large centre.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from routing.events import AgentUpserted, Event, PresenceSet, ReachabilitySet, RuleSetPublished
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    OfferPolicy,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    SkillId,
    SkillNeed,
    Step,
)

SKILLS = 200
QUEUES = 8
PAIRS = 400
SKILLS_EACH = (4, 10)
LEVEL_WELL = 60
LEVEL_LEAST = 20
WIDEN_MS = 60_000
RULE_SET = "bench"
CHANNELS = (Channel.VOICE, Channel.CHAT, Channel.EMAIL)
SHARES = (5, 3, 2)
"""Of a call, a chat and a mail among ten contacts."""
CAPACITY = Capacity(3, ((Channel.VOICE, 1), (Channel.CHAT, 3), (Channel.EMAIL, 2)))
POLICY = OfferPolicy(ring_ms=20_000, delivery_ms=2_000, wrap_up_ms=60_000)


@dataclass(frozen=True, slots=True)
class Kind:
    """What many contacts have in common."""

    queue: QueueId
    plan: RoutePlan


@dataclass(frozen=True, slots=True)
class Company:
    """Agents with their skills, and the kinds of contacts by popularity."""

    agents: tuple[tuple[AgentId, tuple[AgentSkill, ...]], ...]
    kinds: tuple[Kind, ...]
    popularity: tuple[float, ...]
    """Cumulative weights of the kinds."""

    def opening(self, at_ms: int) -> Iterator[Event]:
        """Everybody comes to work at this instant, and a bit later each."""
        yield RuleSetPublished(at_ms, RULE_SET, _queues())
        for agent, skills in self.agents:
            yield AgentUpserted(at_ms, agent, skills, CAPACITY)
            yield ReachabilitySet(at_ms, agent, CHANNELS)
        for number, (agent, _) in enumerate(self.agents):
            yield PresenceSet(at_ms + number, agent, Presence.AVAILABLE)


def draw(agents: int, seed: int = 1) -> Company:
    """A company of so many agents."""
    random = Random(seed)
    names = [SkillId(f"skill-{number}") for number in range(SKILLS)]
    weights = [1 / (number + 10) for number in range(SKILLS)]
    staff = tuple((AgentId(f"a{number:05d}"), _skills(random, names, weights)) for number in range(agents))
    wanted: list[tuple[SkillId, ...]] = [(name,) for name in names]
    wanted_by = list(weights)
    for _ in range(PAIRS):
        own = [skill.skill for skill in random.choice(staff)[1] if skill.level >= LEVEL_WELL]
        if len(own) >= 2:
            wanted.append(tuple(sorted(random.sample(own, 2))))
            wanted_by.append(sum(weights) / PAIRS / 2)
    kinds = tuple(Kind(QueueId(f"q{number % QUEUES}"), _plan(skills)) for number, skills in enumerate(wanted))
    return Company(staff, kinds, tuple(accumulate(wanted_by)))


def _queues() -> tuple[QueueSpec, ...]:
    return tuple(QueueSpec(QueueId(f"q{n}"), f"Queue {n}", policy=POLICY) for n in range(QUEUES))


def _skills(random: Random, names: list[SkillId], weights: list[float]) -> tuple[AgentSkill, ...]:
    count = random.randint(*SKILLS_EACH)
    chosen: dict[SkillId, int] = {}
    while len(chosen) < count:
        chosen.setdefault(random.choices(names, weights)[0], random.randint(1, 100))
    return tuple(AgentSkill(skill, level) for skill, level in chosen.items())


def _plan(skills: tuple[SkillId, ...]) -> RoutePlan:
    def step(level: int, duration_ms: int | None) -> Step:
        return Step(tuple(SkillNeed(skill, level) for skill in skills), duration_ms=duration_ms)

    return RoutePlan((step(LEVEL_WELL, WIDEN_MS), step(LEVEL_LEAST, None)))

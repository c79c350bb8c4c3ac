"""What a small contact centre may look like, drawn from a seeded generator: queues, plans, agents.

Everything that rule sets and staff can say occurs here; what goes on in the company is in `world.py`.
"""

from random import Random

from routing.events import AgentUpserted
from routing.types import (
    AgentId,
    AgentSkill,
    CallbackPolicy,
    Capacity,
    Channel,
    Full,
    OfferPolicy,
    Order,
    Overflow,
    PlanEnd,
    QueueId,
    QueueSpec,
    Ramp,
    Reserve,
    RoutePlan,
    SkillId,
    SkillNeed,
    SkillWish,
    Step,
)

SKILLS = tuple(SkillId(name) for name in ("english", "chinese", "orders", "billing"))
HELP = SkillId("help")
"""Who has it is in reserve."""
QUEUES = tuple(QueueId(name) for name in ("general", "orders", "billing"))
CHANNELS = tuple(Channel)
ORDERS = (
    (Order.HEAD_START,),
    (Order.HEAD_START,),
    (Order.HEAD_START, Order.ACCUMULATING),
    (Order.HEAD_START, Order.ACCUMULATING, Order.STRICT),
)
ENDS = (*PlanEnd, PlanEnd.HOLD, PlanEnd.HOLD, PlanEnd.ANY_IN_QUEUE, PlanEnd.CALLBACK)
FAST_DECAY = 500_000
"""Levels in 90 days: one in about fifteen seconds, so that a short day sees it."""


class Company:
    """Draws queues, plans and agents. The orders that its queues use are chosen once."""

    def __init__(self, random: Random, agents: list[AgentId]) -> None:
        self.random = random
        self.agents = agents
        self._orders = random.choice(ORDERS)

    def queues(self) -> tuple[QueueSpec, ...]:
        """All queues, drawn anew."""
        return tuple(self._queue(index, queue) for index, queue in enumerate(QUEUES))

    def plan(self, ends: tuple[PlanEnd, ...] = ENDS) -> RoutePlan:
        """Up to three steps, and any end."""
        random = self.random
        steps = []
        if random.random() < 0.4:
            named = random.choice([*self.agents, AgentId("nobody")])
            steps.append(Step(agent=named, duration_ms=random.choice((None, 5_000, 20_000))))
        if random.random() < 0.6:
            steps.append(self._step(random.choice((5_000, 20_000))))
        if random.random() < 0.5:
            steps.append(Step((), None, random.choice((None, 15_000))))
        return RoutePlan(
            tuple(steps) or (Step(),),
            random.choice(ends),
            random.choice((None, *QUEUES)),
            random.choice((None, None, 1, 2)),
        )

    def agent(self, now_ms: int, agent: AgentId) -> AgentUpserted:
        """The agent with other skills and another capacity."""
        random = self.random
        names = [skill for skill in (*SKILLS, HELP) if random.random() < 0.65]
        skills = tuple(self._skill(skill, now_ms) for skill in names)
        return AgentUpserted(now_ms, agent, skills, self._capacity(), random.choice((1, 1, 1, 2, 3)))

    def _queue(self, index: int, queue: QueueId) -> QueueSpec:
        random = self.random
        needs = (SkillNeed(SKILLS[index], random.choice((1, 30))),) if random.random() < 0.4 else ()
        others = [other for other in QUEUES if other != queue]
        return QueueSpec(
            queue,
            queue,
            needs,
            OfferPolicy(
                ring_ms=random.choice((8_000, 20_000)),
                delivery_ms=random.choice((0, 2_000, 2_000)),
                wrap_up_ms=random.choice((0, 10_000)),
                exclusion_ms=random.choice((0, 6_000, 60_000)),
            ),
            head_start_max_ms=random.choice((0, 30_000, 120_000)),
            sl_target_ms=random.choice((20_000, 60_000)),
            any_of=self._alternatives() if random.random() < 0.2 else (),
            order=random.choice(self._orders),
            ageing_percent=random.choice((100, 100, 150, 400)),
            by_target=random.random() < 0.25,
            targets=(("gold", 5_000),) if random.random() < 0.3 else (),
            length_max=random.choice((None, None, None, 0, 1, 3)),
            full=random.choice(tuple(Full)),
            full_to=random.choice((None, *others)),
            overflows=self._overflows(others) if random.random() < 0.3 else (),
            reserve=self._reserve() if random.random() < 0.35 else None,
            plan=self.plan(),
            callback=CallbackPolicy(random.choice((1, 2)), 5_000, 4_000, 30_000),
        )

    def _overflows(self, others: list[QueueId]) -> tuple[Overflow, ...]:
        random = self.random
        return (
            Overflow(
                random.choice(others),
                waiting_over=random.choice((None, 0, 2)),
                oldest_wait_over_ms=random.choice((None, 10_000)),
                expected_wait_over_ms=random.choice((None, 20_000)),
                staffed_below=random.choice((None, 1, 3)),
            ),
        )

    def _reserve(self) -> Reserve:
        random = self.random
        return Reserve((SkillNeed(HELP),), random.choice((1, 2)), random.choice((0, 0, 1)), 15_000, 5_000)

    def _step(self, duration_ms: int) -> Step:
        random = self.random
        wishes = (SkillWish(random.choice(SKILLS), 20, 40),) if random.random() < 0.3 else ()
        if random.random() < 0.3:
            return Step((), None, duration_ms, self._alternatives(), wishes)
        return Step(
            (SkillNeed(random.choice(SKILLS), random.choice((1, 40, 70))),), None, duration_ms, (), wishes
        )

    def _alternatives(self) -> tuple[tuple[SkillNeed, ...], ...]:
        one, two, three = self.random.sample(SKILLS, 3)
        return ((SkillNeed(one, 30),), (SkillNeed(two), SkillNeed(three, 10)))

    def _skill(self, skill: SkillId, now_ms: int) -> AgentSkill:
        random = self.random
        level = random.randrange(1, 101)
        if random.random() < 0.15:
            return AgentSkill(skill, level, "test", now_ms - 7_000, FAST_DECAY, max(level - 8, 1))
        return AgentSkill(skill, level)

    def _capacity(self) -> Capacity:
        random = self.random
        caps = tuple((channel, random.choice((0, 1, 1, 3))) for channel in CHANNELS)
        units = random.choice((1, 2, 3))
        if random.random() < 0.5:
            return Capacity(units, caps)
        return Capacity(
            units,
            caps,
            ((Channel.CHAT, random.choice((1, 2))), (Channel.VOICE, random.choice((1, units)))),
            interruptible_units=random.choice((0, 1, 2)),
            interruptible=(Channel.EMAIL, Channel.SMS),
            blocks=((random.choice(CHANNELS), random.choice(CHANNELS)),) if random.random() < 0.5 else (),
            return_slots=random.choice((0, 1)),
            ramp=Ramp(3_000, 30_000) if random.random() < 0.4 else None,
        )

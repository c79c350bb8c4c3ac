"""A machine that tries orders of events nobody would write down, answering the offers that the engine emits.

The oracle of the simulation checks every law after every event. Hypothesis shrinks what it finds.
"""

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule

from routing.commands import Command, Ignored, Offer
from routing.engine import Engine
from routing.events import (
    AgentRemoved,
    AgentUpserted,
    ContactAbandoned,
    ContactArrived,
    ContactEnded,
    ContactRequeued,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    OfferSetupFailed,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
    TimeReached,
    WrapUpDone,
)
from routing.snapshot import dump, load
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    OfferId,
    OfferPolicy,
    PlanEnd,
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

AGENTS = [AgentId(name) for name in ("ann", "ben", "cat")]
SKILLS = [SkillId(name) for name in ("english", "orders")]
CHANNELS = (Channel.VOICE, Channel.CHAT)
QUEUES = [QueueId(name) for name in ("general", "orders")]

agents = st.sampled_from(AGENTS)
levels = st.sampled_from((1, 40, 80))
needs = st.lists(st.builds(SkillNeed, st.sampled_from(SKILLS), levels), max_size=1).map(tuple)
steps = st.builds(Step, needs, st.one_of(st.none(), agents), st.sampled_from((None, 3_000, 20_000)))
plans = st.builds(
    RoutePlan, st.lists(steps, min_size=1, max_size=3).map(tuple), st.sampled_from(list(PlanEnd))
)
policies = st.builds(
    OfferPolicy,
    ring_ms=st.sampled_from((1_000, 20_000)),
    delivery_ms=st.sampled_from((0, 2_000)),
    wrap_up_ms=st.sampled_from((0, 10_000)),
    exclusion_ms=st.sampled_from((0, 6_000, 60_000)),
)


class Routing(RuleBasedStateMachine):
    """Three agents, two queues, two skills, two channels: small enough for every corner to be hit."""

    contacts: Bundle[ContactId] = Bundle("contacts")
    offers: Bundle[tuple[OfferId, AgentId]] = Bundle("offers")

    def __init__(self) -> None:
        super().__init__()
        self.oracle = Oracle(Engine())
        self.journal: list[Event] = []
        self.answers: list[list[Command]] = []
        self.now_ms = 1_000
        self.arrived = 0

    def send(self, event: Event) -> list[tuple[OfferId, AgentId]]:
        """Pass the event on; every offer that comes back may be answered later, however late."""
        commands = self.oracle.handle(event)
        self.journal.append(event)
        self.answers.append(commands)
        return [(command.offer, command.agent) for command in commands if isinstance(command, Offer)]

    @initialize(pools=st.lists(needs, min_size=2, max_size=2), policy=policies)
    def begin(self, pools: list[tuple[SkillNeed, ...]], policy: OfferPolicy) -> None:
        self.send(RuleSetPublished(self.now_ms, "h0", self.queues(pools, policy)))
        for agent in AGENTS:
            able = tuple(AgentSkill(skill, 60) for skill in SKILLS)
            caps = tuple((channel, 2) for channel in CHANNELS)
            self.send(AgentUpserted(self.now_ms, agent, able, Capacity(2, caps)))
            self.send(ReachabilitySet(self.now_ms, agent, CHANNELS))

    def queues(self, pools: list[tuple[SkillNeed, ...]], policy: OfferPolicy) -> tuple[QueueSpec, ...]:
        return tuple(QueueSpec(q, q, pool, policy) for q, pool in zip(QUEUES, pools, strict=True))

    @rule(target=contacts)
    def new_contact(self) -> ContactId:
        self.arrived += 1
        return ContactId(f"c{self.arrived}")

    @rule(
        target=offers,
        contact=contacts,
        channel=st.sampled_from(CHANNELS),
        queue=st.sampled_from(QUEUES),
        plan=plans,
        head_start_ms=st.sampled_from((0, 5_000, 500_000)),
        value=st.sampled_from((0, 50, 100)),
    )
    def arrives(
        self,
        contact: ContactId,
        channel: Channel,
        queue: QueueId,
        plan: RoutePlan,
        head_start_ms: int,
        value: int,
    ) -> object:
        event = ContactArrived(
            at_ms=self.now_ms,
            contact=contact,
            channel=channel,
            queue=queue,
            plan=plan,
            enqueued_at_ms=self.now_ms,
            head_start_ms=head_start_ms,
            value=value,
            loyalty=0,
            rule=RuleId("r"),
            rule_set="h0",
        )
        return multiple(*self.send(event))

    @rule(target=offers, agent=agents, presence=st.sampled_from(list(Presence)))
    def says(self, agent: AgentId, presence: Presence) -> object:
        return multiple(*self.send(PresenceSet(self.now_ms, agent, presence)))

    @rule(target=offers, agent=agents)
    def comes_to_work(self, agent: AgentId) -> object:
        return multiple(*self.send(PresenceSet(self.now_ms, agent, Presence.AVAILABLE)))

    @rule(target=offers, agent=agents, channels=st.sets(st.sampled_from(CHANNELS)).map(sorted).map(tuple))
    def is_reachable(self, agent: AgentId, channels: tuple[Channel, ...]) -> object:
        return multiple(*self.send(ReachabilitySet(self.now_ms, agent, channels)))

    @rule(
        target=offers,
        agent=agents,
        skills=st.lists(
            st.builds(AgentSkill, st.sampled_from(SKILLS), levels), max_size=2, unique_by=lambda s: s.skill
        ),
        units=st.sampled_from((0, 1, 2, 3)),
        cap=st.sampled_from((0, 1, 2)),
    )
    def learns(self, agent: AgentId, skills: list[AgentSkill], units: int, cap: int) -> object:
        capacity = Capacity(units, tuple((channel, cap) for channel in CHANNELS))
        return multiple(*self.send(AgentUpserted(self.now_ms, agent, tuple(skills), capacity)))

    @rule(target=offers, agent=agents)
    def is_removed(self, agent: AgentId) -> object:
        return multiple(*self.send(AgentRemoved(self.now_ms, agent)))

    @rule(offer=offers)
    def is_delivered(self, offer: tuple[OfferId, AgentId]) -> None:
        self.send(OfferDelivered(self.now_ms, offer[0]))

    @rule(offer=offers, agent=st.one_of(st.none(), agents))
    def is_accepted(self, offer: tuple[OfferId, AgentId], agent: AgentId | None) -> None:
        self.send(OfferAccepted(self.now_ms, offer[0], agent or offer[1]))

    @rule(offer=offers)
    def is_connected(self, offer: tuple[OfferId, AgentId]) -> None:
        self.send(OfferConnected(self.now_ms, offer[0]))

    @rule(target=offers, offer=offers)
    def is_rejected(self, offer: tuple[OfferId, AgentId]) -> object:
        return multiple(*self.send(OfferRejected(self.now_ms, *offer)))

    @rule(target=offers, offer=offers)
    def fails(self, offer: tuple[OfferId, AgentId]) -> object:
        return multiple(*self.send(OfferSetupFailed(self.now_ms, offer[0], "media")))

    @rule(target=offers, contact=contacts)
    def leaves(self, contact: ContactId) -> object:
        return multiple(*self.send(ContactAbandoned(self.now_ms, contact)))

    @rule(target=offers, contact=contacts, by=st.sampled_from(("customer", "agent")))
    def ends(self, contact: ContactId, by: str) -> object:
        event = ContactEnded(self.now_ms, contact, "customer" if by == "customer" else "agent")
        return multiple(*self.send(event))

    @rule(target=offers, contact=contacts)
    def is_requeued(self, contact: ContactId) -> object:
        return multiple(*self.send(ContactRequeued(self.now_ms, contact, "lost")))

    @rule(target=offers, contact=contacts, agent=agents)
    def is_wrapped_up(self, contact: ContactId, agent: AgentId) -> object:
        return multiple(*self.send(WrapUpDone(self.now_ms, contact, agent)))

    @rule(target=offers, pools=st.lists(needs, min_size=2, max_size=2), policy=policies)
    def rules_change(self, pools: list[tuple[SkillNeed, ...]], policy: OfferPolicy) -> object:
        return multiple(*self.send(RuleSetPublished(self.now_ms, "h1", self.queues(pools, policy))))

    @rule(target=offers, passed_ms=st.sampled_from((1, 500, 2_000, 15_000, 90_000)), late=st.booleans())
    def time_passes(self, passed_ms: int, late: bool) -> object:
        """The clock moves; when late, without anybody telling the engine."""
        self.now_ms += passed_ms
        return multiple() if late else multiple(*self.send(TimeReached(self.now_ms)))

    @rule(target=offers)
    def the_next_deadline_comes(self) -> object:
        deadline = self.oracle.engine.next_deadline_ms()
        if deadline is None:
            return multiple()
        self.now_ms = max(self.now_ms, deadline)
        return multiple(*self.send(TimeReached(self.now_ms)))

    @rule()
    def restarts_from_a_snapshot(self) -> None:
        self.oracle.engine = load(json.loads(json.dumps(dump(self.oracle.engine))))

    def teardown(self) -> None:
        """The journal replayed gives the same answers, and what was ignored made no difference."""
        replayed, spared = Engine(), Engine()
        for event, answer in zip(self.journal, self.answers, strict=True):
            assert replayed.handle(event) == answer
            if not any(isinstance(command, Ignored) for command in answer):
                assert spared.handle(event) == answer
        assert dump(replayed) == dump(self.oracle.engine)


TestRouting = Routing.TestCase
TestRouting.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

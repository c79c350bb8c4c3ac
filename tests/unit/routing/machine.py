"""A machine that tries orders of events nobody would write down, answering the offers that the engine emits.

The oracle of the simulation compares every command with the brute-force engine's and checks the laws I1-I11
after every event. Hypothesis shrinks what it finds. Test files add the rules of their subject.
"""

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule

from routing.commands import Command, Ignored, Offer
from routing.engine import Engine
from routing.events import (
    AgentUpserted,
    ContactAbandoned,
    ContactArrived,
    ContactEnded,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
    TimeReached,
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

SETTINGS = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

agents = st.sampled_from(AGENTS)
queues = st.sampled_from(QUEUES)
levels = st.sampled_from((1, 40, 80))
need = st.builds(SkillNeed, st.sampled_from(SKILLS), levels)
needs = st.lists(need, max_size=1).map(tuple)
steps = st.builds(Step, needs, st.one_of(st.none(), agents), st.sampled_from((None, 0, 3_000, 20_000)))
plans = st.builds(
    RoutePlan,
    st.lists(steps, min_size=1, max_size=3).map(tuple),
    st.sampled_from(list(PlanEnd)),
    st.one_of(st.none(), queues),
    st.sampled_from((None, 1, 2)),
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
    offers: Bundle[tuple[OfferId, ContactId, AgentId]] = Bundle("offers")

    def __init__(self) -> None:
        super().__init__()
        self.oracle = Oracle(Engine())
        self.journal: list[Event] = []
        self.answers: list[list[Command]] = []
        self.now_ms = 1_000
        self.arrived = 0
        self.rule_set = ""

    def send(self, event: Event) -> object:
        """Pass the event on; every offer that comes back may be answered later, however late."""
        commands = self.oracle.handle(event)
        self.journal.append(event)
        self.answers.append(commands)
        made = [command for command in commands if isinstance(command, Offer)]
        return multiple(*((offer.offer, offer.contact, offer.agent) for offer in made))

    def publish(self, specs: list[QueueSpec]) -> object:
        """These queues are in force, under the names that contacts use."""
        self.rule_set = f"h{len(self.journal)}"
        return self.send(RuleSetPublished(self.now_ms, self.rule_set, self.named(specs)))

    @staticmethod
    def named(specs: list[QueueSpec]) -> tuple[QueueSpec, ...]:
        return tuple(
            QueueSpec(**{**{name: getattr(spec, name) for name in spec.__struct_fields__}, "queue": queue})
            for queue, spec in zip(QUEUES, specs, strict=False)
        )

    def staff(self, capacity: Capacity) -> None:
        """Everybody can do everything on both channels, and the first two are at work."""
        for agent in AGENTS:
            able = tuple(AgentSkill(skill, 60) for skill in SKILLS)
            self.send(AgentUpserted(self.now_ms, agent, able, capacity))
            self.send(ReachabilitySet(self.now_ms, agent, CHANNELS))
        for agent in AGENTS[:2]:
            self.send(PresenceSet(self.now_ms, agent, Presence.AVAILABLE))

    def arrival(
        self,
        contact: ContactId,
        channel: Channel,
        queue: QueueId,
        plan: RoutePlan,
        head_start_ms: int,
        value: int,
    ) -> ContactArrived:
        return ContactArrived(
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
            rule_set=self.rule_set,
            customer=f"k{value}",
            tier="gold" if value else "",
        )

    @rule(target=contacts)
    def new_contact(self) -> ContactId:
        self.arrived += 1
        return ContactId(f"c{self.arrived}")

    @rule(
        target=offers,
        contact=contacts,
        channel=st.sampled_from(CHANNELS),
        queue=queues,
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
        return self.send(self.arrival(contact, channel, queue, plan, head_start_ms, value))

    @rule(target=offers, agent=agents)
    def comes_to_work(self, agent: AgentId) -> object:
        return self.send(PresenceSet(self.now_ms, agent, Presence.AVAILABLE))

    @rule(
        target=offers,
        agent=agents,
        presence=st.sampled_from(list(Presence)),
        code=st.sampled_from(("", "tea")),
        after_work=st.booleans(),
    )
    def says(self, agent: AgentId, presence: Presence, code: str, after_work: bool) -> object:
        return self.send(PresenceSet(self.now_ms, agent, presence, code, "agent", after_work))

    @rule(offer=offers)
    def is_delivered(self, offer: tuple[OfferId, ContactId, AgentId]) -> None:
        self.send(OfferDelivered(self.now_ms, offer[0]))

    @rule(offer=offers, agent=st.one_of(st.none(), agents))
    def is_accepted(self, offer: tuple[OfferId, ContactId, AgentId], agent: AgentId | None) -> None:
        self.send(OfferAccepted(self.now_ms, offer[0], agent or offer[2]))

    @rule(target=offers, offer=offers, known=st.booleans())
    def is_connected(self, offer: tuple[OfferId, ContactId, AgentId], known: bool) -> object:
        """`known`: as the phone tells it, which is true even when the offer is over."""
        who = (offer[1], offer[2]) if known else (None, None)
        return self.send(OfferConnected(self.now_ms, offer[0], *who))

    @rule(target=offers, offer=offers)
    def is_rejected(self, offer: tuple[OfferId, ContactId, AgentId]) -> object:
        return self.send(OfferRejected(self.now_ms, offer[0], offer[2]))

    @rule(target=offers, contact=contacts)
    def leaves(self, contact: ContactId) -> object:
        return self.send(ContactAbandoned(self.now_ms, contact))

    @rule(target=offers, contact=contacts, by=st.sampled_from(("customer", "agent")))
    def ends(self, contact: ContactId, by: str) -> object:
        return self.send(ContactEnded(self.now_ms, contact, "customer" if by == "customer" else "agent"))

    @rule(target=offers, passed_ms=st.sampled_from((1, 500, 2_000, 15_000, 90_000)), late=st.booleans())
    def time_passes(self, passed_ms: int, late: bool) -> object:
        """The clock moves; when late, without anybody telling the engine."""
        self.now_ms += passed_ms
        return multiple() if late else self.send(TimeReached(self.now_ms))

    @rule(target=offers)
    def the_next_deadline_comes(self) -> object:
        deadline = self.oracle.engine.next_deadline_ms()
        if deadline is None:
            return multiple()
        self.now_ms = max(self.now_ms, deadline)
        return self.send(TimeReached(self.now_ms))

    @rule()
    def restarts_from_a_snapshot(self) -> None:
        self.oracle.engine = load(json.loads(json.dumps(dump(self.oracle.engine))))

    def teardown(self) -> None:
        """The journal replayed gives the same answers, and what was ignored made no difference (I9)."""
        replayed, spared = Engine(), Engine()
        for event, answer in zip(self.journal, self.answers, strict=True):
            assert replayed.handle(event) == answer
            if not any(isinstance(command, Ignored) for command in answer):
                assert spared.handle(event) == answer
        assert dump(replayed) == dump(self.oracle.engine)


class Staffed(Routing):
    """A machine whose rules hold throughout: two open queues and three agents with room for two."""

    @initialize(pools=st.lists(needs, min_size=2, max_size=2), policy=policies)
    def begin(self, pools: list[tuple[SkillNeed, ...]], policy: OfferPolicy) -> None:
        self.publish([QueueSpec(QueueId(""), "", pool, policy) for pool in pools])
        self.staff(Capacity(2, tuple((channel, 2) for channel in CHANNELS)))

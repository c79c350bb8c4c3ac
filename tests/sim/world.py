"""A seeded day of a small contact centre on a virtual clock, with everything that can go wrong.

`World(seed).run()` drives one engine: customers come and lose patience, agents accept, reject, miss, transfer
and go on break, consoles die, phones are lost, messages come twice, late and out of order, timers fire late,
rules and skills change under way. After the faults have healed every contact must find its end.
"""

import heapq
import json
from collections.abc import Callable
from random import Random

from routing.commands import Command, Connect, Ignored, Offer
from routing.commands import ContactMoved as Moved
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
    ContactState,
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
from tests.sim.oracle import FINAL, Oracle

START_MS = 1_800_000_000_000
SKILLS = tuple(SkillId(name) for name in ("english", "chinese", "orders", "billing"))
QUEUES = tuple(QueueId(name) for name in ("general", "orders", "billing"))
CHANNELS = tuple(Channel)
HEAD_START_MAX_MS = 120_000

Make = Callable[[int], Event]


class World:
    """One run. `faults_ms` is how long things go wrong; afterwards everybody works as they should."""

    def __init__(self, seed: int, contacts: int = 24, agents: int = 5, faults_ms: int = 240_000) -> None:
        self.random = Random(seed)
        self.oracle = Oracle(Engine())
        self.journal: list[Event] = []
        self.commands: list[Command] = []
        self._heap: list[tuple[int, int, Make]] = []
        self._sequence = 0
        self._now_ms = START_MS
        self._heals_at_ms = START_MS + faults_ms
        self._contacts = contacts
        self._agents = [AgentId(f"agent-{n}") for n in range(agents)]

    @property
    def engine(self) -> Engine:
        return self.oracle.engine

    def run(self) -> None:
        """Run to the end and check that everything has ended."""
        self._tell(RuleSetPublished(self._now_ms, "rules-0", self._queues()))
        for agent in self._agents:
            self._tell(self._agent(self._now_ms, agent))
            self._at(self.random.randrange(5_000), lambda now, a=agent: ReachabilitySet(now, a, CHANNELS))
            self._at(
                self.random.randrange(5_000), lambda now, a=agent: PresenceSet(now, a, Presence.AVAILABLE)
            )
        for number in range(self._contacts):
            self._customer(ContactId(f"c-{number}"))
        for _ in range(12):
            self._disturb()
        self._heal()
        self._loop()
        self._check_end()

    # ---- the clock

    def _at(self, delay_ms: int, make: Make, *, once: bool = False) -> None:
        """Let `make(now)` happen after the delay; while faults last it may come late or twice."""
        faulty = not once and self._now_ms < self._heals_at_ms
        times = 2 if faulty and self.random.random() < 0.08 else 1
        for _ in range(times):
            late_ms = self.random.randrange(4_000) if faulty and self.random.random() < 0.1 else 0
            self._sequence += 1
            heapq.heappush(self._heap, (self._now_ms + delay_ms + late_ms, self._sequence, make))

    def _loop(self) -> None:
        for _ in range(20_000):
            deadline = self.engine.next_deadline_ms()
            event_at = self._heap[0][0] if self._heap else None
            if event_at is None and deadline is None:
                return
            if event_at is None or (deadline is not None and deadline <= event_at):
                assert deadline is not None
                late_ms = 0
                if self._now_ms < self._heals_at_ms and self.random.random() < 0.2:
                    late_ms = self.random.randrange(3_000)
                if event_at is None or deadline + late_ms <= event_at:
                    self._now_ms = max(self._now_ms, deadline + late_ms)
                    self._tell(TimeReached(self._now_ms))
                    continue
            at_ms, _, make = heapq.heappop(self._heap)
            self._now_ms = max(self._now_ms, at_ms)
            self._tell(make(self._now_ms))
        raise AssertionError("the run does not come to an end")

    def _tell(self, event: Event) -> None:
        self.journal.append(event)
        commands = self.oracle.handle(event)
        self.commands += commands
        if self.random.random() < 0.02:
            self.oracle.engine = load(json.loads(json.dumps(dump(self.engine))))
        for command in commands:
            self._react(command)

    # ---- people

    def _customer(self, contact: ContactId) -> None:
        random = self.random
        channel = random.choice(CHANNELS)
        came_ms = random.randrange(self._heals_at_ms - START_MS)
        queue = random.choice(QUEUES)
        event_plan = self._plan()
        head_start_ms = random.choice((0, 0, 30_000, 120_000, 400_000))
        value = random.randrange(101)

        def arrive(now_ms: int) -> Event:
            return ContactArrived(
                at_ms=now_ms,
                contact=contact,
                channel=channel,
                queue=queue,
                plan=event_plan,
                enqueued_at_ms=now_ms,
                head_start_ms=head_start_ms,
                value=value,
                loyalty=50,
                rule=RuleId("r"),
                rule_set="rules-0",
            )

        self._at(came_ms, arrive)
        if random.random() < 0.3:
            patience_ms = random.randrange(90_000)
            self._at(came_ms + patience_ms, lambda now: ContactAbandoned(now, contact))

    def _plan(self) -> RoutePlan:
        random = self.random
        steps = []
        if random.random() < 0.4:
            agent = random.choice([*self._agents, AgentId("nobody")])
            steps.append(Step(agent=agent, duration_ms=random.choice((None, 5_000, 20_000))))
        wanted = random.choice(SKILLS)
        if random.random() < 0.6:
            steps.append(Step((SkillNeed(wanted, random.choice((1, 40, 70))),), None, 20_000))
        if random.random() < 0.5:
            steps.append(Step((), None, random.choice((None, 15_000))))
        end = random.choice(tuple(PlanEnd))
        return RoutePlan(tuple(steps), end)

    def _react(self, command: Command) -> None:
        """What consoles, phones, agents and customers do about a command."""
        match command:
            case Offer():
                self._asked(command)
            case Connect():
                self._connecting(command)
            case Moved(state=ContactState.ACTIVE):
                self._talking(command.contact)
            case Moved(state=ContactState.WRAP_UP) if command.agent is not None:
                agent = command.agent
                if self.random.random() < 0.8:
                    delay_ms = self.random.randrange(1_000, 15_000)
                    self._at(delay_ms, lambda now: WrapUpDone(now, command.contact, agent))
            case _:
                pass

    def _asked(self, offer: Offer) -> None:
        random = self.random
        faulty = self._now_ms < self._heals_at_ms
        if faulty and random.random() < 0.1:
            return  # a dead console: nothing shows, nobody answers
        self._at(random.randrange(20, 900), lambda now: OfferDelivered(now, offer.offer))
        fate = random.random() if faulty else 0.0
        delay_ms = random.randrange(1_000, 9_000)
        agent = offer.agent
        if fate < 0.65:
            self._at(delay_ms, lambda now: OfferAccepted(now, offer.offer, agent))
        elif fate < 0.75:
            self._at(delay_ms, lambda now: OfferRejected(now, offer.offer, agent))
        elif fate < 0.8:
            self._at(delay_ms, lambda now: OfferSetupFailed(now, offer.offer, "phone lost"))
        elif fate < 0.85:
            self._at(delay_ms, lambda now: OfferConnected(now, offer.offer))
        elif fate < 0.9:
            other = random.choice(self._agents)
            self._at(delay_ms, lambda now: OfferAccepted(now, offer.offer, other))
        if not faulty or random.random() < 0.9:
            # Who misses an offer comes back some time.
            self._at(40_000, lambda now: PresenceSet(now, agent, Presence.AVAILABLE))

    def _connecting(self, connect: Connect) -> None:
        faulty = self._now_ms < self._heals_at_ms
        fate = self.random.random() if faulty else 0.0
        delay_ms = self.random.randrange(50, 2_000)
        if fate < 0.85:
            self._at(delay_ms, lambda now: OfferConnected(now, connect.offer))
        elif fate < 0.93:
            self._at(delay_ms, lambda now: OfferSetupFailed(now, connect.offer, "media"))

    def _talking(self, contact: ContactId) -> None:
        faulty = self._now_ms < self._heals_at_ms
        delay_ms = self.random.randrange(2_000, 40_000)
        if faulty and self.random.random() < 0.1:
            self._at(delay_ms, lambda now: ContactRequeued(now, contact, "phone_lost"))
        elif faulty and self.random.random() < 0.1:
            self._at(delay_ms, lambda now: ContactAbandoned(now, contact))
        else:
            self._at(delay_ms, lambda now: ContactEnded(now, contact, "customer"))

    # ---- faults

    def _disturb(self) -> None:
        random = self.random
        agent = random.choice(self._agents)
        some = tuple(channel for channel in CHANNELS if random.random() < 0.5)
        presence = random.choice((Presence.AUX, Presence.OFFLINE, Presence.AVAILABLE))
        contact = ContactId(f"c-{random.randrange(self._contacts)}")
        disturbance: Make = random.choice(
            (
                lambda now: PresenceSet(now, agent, presence, "tea"),
                lambda now: ReachabilitySet(now, agent, some),
                lambda now: self._agent(now, agent),
                lambda now: AgentRemoved(now, agent),
                lambda now: RuleSetPublished(now, f"rules-{now}", self._queues()),
                lambda now: ContactRequeued(now, contact, "connection lost"),
                lambda now: ContactEnded(now, contact, "system"),
            )
        )
        self._at(random.randrange(self._heals_at_ms - START_MS), disturbance)

    def _heal(self) -> None:
        """From here on everybody has every skill, is there, and does what is expected."""
        able = tuple(AgentSkill(skill, 90) for skill in SKILLS)
        capacity = Capacity(4, tuple((channel, 4) for channel in CHANNELS))
        delay_ms = self._heals_at_ms - START_MS + 10_000
        for agent in self._agents:
            self._at(delay_ms, lambda now, a=agent: AgentUpserted(now, a, able, capacity), once=True)
            self._at(delay_ms + 1, lambda now, a=agent: ReachabilitySet(now, a, CHANNELS), once=True)
            self._at(delay_ms + 2, lambda now, a=agent: PresenceSet(now, a, Presence.AVAILABLE), once=True)
        for number in range(self._contacts):
            # A call whose end was lost in the faults is found and ended by the next resync.
            contact = ContactId(f"c-{number}")
            self._at(
                delay_ms + 600_000 + number, lambda now, c=contact: ContactEnded(now, c, "agent"), once=True
            )

    def _agent(self, now_ms: int, agent: AgentId) -> AgentUpserted:
        random = self.random
        skills = tuple(
            AgentSkill(skill, random.randrange(1, 101)) for skill in SKILLS if random.random() < 0.7
        )
        caps = tuple((channel, random.choice((0, 1, 1, 3))) for channel in CHANNELS)
        return AgentUpserted(now_ms, agent, skills, Capacity(random.choice((1, 2, 3)), caps))

    def _queues(self) -> tuple[QueueSpec, ...]:
        random = self.random
        return tuple(
            QueueSpec(
                queue,
                queue,
                (SkillNeed(SKILLS[index], random.choice((1, 30))),) if random.random() < 0.5 else (),
                OfferPolicy(
                    wrap_up_ms=random.choice((0, 10_000)), exclusion_ms=random.choice((6_000, 60_000))
                ),
                HEAD_START_MAX_MS,
            )
            for index, queue in enumerate(QUEUES)
        )

    def _check_end(self) -> None:
        states = self.oracle.states
        assert len(states) == self._contacts, "a contact never arrived"
        open_ = {contact: state for contact, state in states.items() if state not in FINAL}
        assert not open_, f"contacts left over: {open_}"
        assert not self.engine.live_offers()
        assert self.engine.next_deadline_ms() is None, "a timer is left over"
        for agent in self.engine.agents():
            assert not agent.contacts, f"{agent.agent} still carries something"
        self._check_replay()

    def _check_replay(self) -> None:
        """The journal replayed decides the same, and so does the journal without what was ignored."""
        replayed, spared = Engine(), Engine()
        again: list[Command] = []
        for event in self.journal:
            commands = replayed.handle(event)
            again += commands
            if not any(isinstance(command, Ignored) for command in commands):
                assert spared.handle(event) == commands, "an ignored event has changed something"
        assert again == self.commands, "the replay of the journal decides otherwise"
        assert dump(replayed) == dump(self.engine), "the replay ends in another state"
        assert {**dump(spared), "now_ms": 0} == {**dump(replayed), "now_ms": 0}

"""A seeded day of a small contact centre on a virtual clock, with everything that can go wrong.

`World(seed).run()` drives one engine: customers come, lose patience and want to be called back, agents
accept, reject, miss, transfer, park and go on break, consoles die, phones are lost, messages come twice, late
and out of order, timers fire late, rules and skills change under way, the engine restarts from a snapshot.
After the faults have healed every contact must find its end.
"""

import heapq
import json
from random import Random

from routing.commands import Command, Ignored
from routing.engine import Engine
from routing.events import (
    AgentRemoved,
    AgentUpserted,
    ContactAbandoned,
    ContactArrived,
    ContactBoosted,
    ContactEnded,
    ContactRequeued,
    Event,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
    RuleSetStaged,
    TimeReached,
)
from routing.snapshot import dump, load
from routing.types import AgentId, AgentSkill, Capacity, Channel, ContactId, Presence, QueueSpec, RuleId
from tests.sim.company import CHANNELS, HELP, QUEUES, SKILLS, Company
from tests.sim.oracle import FINAL, Oracle
from tests.sim.people import Make, People

START_MS = 1_800_000_000_000
EVENTS_MAX = 20_000


class World:
    """One run. `faults_ms` is how long things go wrong; afterwards everybody works as they should.

    checked: whether the oracle looks at every event, which costs more than the engine itself.
    """

    def __init__(
        self,
        seed: int,
        contacts: int = 18,
        agents: int | None = None,
        faults_ms: int = 150_000,
        *,
        checked: bool = True,
    ) -> None:
        self.random = Random(seed)
        self.oracle = Oracle(Engine(), checked=checked)
        self.journal: list[Event] = []
        self.commands: list[Command] = []
        self._heap: list[tuple[int, int, Make]] = []
        self._sequence = 0
        self._now_ms = START_MS
        self._heals_at_ms = START_MS + faults_ms
        self._faults_ms = faults_ms
        self._contacts = [ContactId(f"c-{number}") for number in range(contacts)]
        self._agents = [AgentId(f"agent-{n}") for n in range(agents or self.random.randrange(2, 5))]
        self._company = Company(self.random, self._agents)
        self._people = People(self.random, self._company, self)
        self._rule_sets: list[tuple[str, tuple[QueueSpec, ...]]] = []
        self._trial = ""
        self._channels = {contact: self.random.choice(CHANNELS) for contact in self._contacts}
        self._customers = {contact: f"k-{self.random.randrange(5)}" for contact in self._contacts}

    @property
    def engine(self) -> Engine:
        return self.oracle.engine

    def run(self) -> None:
        """Run to the end and check that everything has ended."""
        self._tell(self._publish(self._now_ms))
        for agent in self._agents:
            self._tell(self._company.agent(self._now_ms, agent))
            self.at(self.random.randrange(5_000), lambda now, a=agent: ReachabilitySet(now, a, CHANNELS))
            self.at(
                self.random.randrange(5_000), lambda now, a=agent: PresenceSet(now, a, Presence.AVAILABLE)
            )
        for contact in self._contacts:
            self._customer(contact)
        for _ in range(14):
            self._disturb()
        self._heal()
        self._loop()
        self._check_end()

    # ---- the clock

    @property
    def faulty(self) -> bool:
        """Whether things go wrong just now."""
        return self._now_ms < self._heals_at_ms

    def at(self, delay_ms: int, make: Make, *, once: bool = False) -> None:
        """Let `make(now)` happen after the delay; while faults last it may come late or twice."""
        faulty = not once and self.faulty
        times = 2 if faulty and self.random.random() < 0.08 else 1
        for _ in range(times):
            late_ms = self.random.randrange(4_000) if faulty and self.random.random() < 0.1 else 0
            self._sequence += 1
            heapq.heappush(self._heap, (self._now_ms + delay_ms + late_ms, self._sequence, make))

    def customer_of(self, contact: ContactId) -> str:
        return self._customers[contact]

    def channel_of(self, contact: ContactId) -> Channel:
        return self._channels[contact]

    def _loop(self) -> None:
        for _ in range(EVENTS_MAX):
            deadline = self.engine.next_deadline_ms()
            event_at = self._heap[0][0] if self._heap else None
            if event_at is None and deadline is None:
                return
            if event_at is None or (deadline is not None and deadline <= event_at):
                assert deadline is not None
                late_ms = self.random.randrange(3_000) if self.faulty and self.random.random() < 0.2 else 0
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
            self._people.react(command)

    # ---- customers

    def _customer(self, contact: ContactId) -> None:
        random = self.random
        came_ms = random.randrange(self._faults_ms)
        queue, plan = random.choice(QUEUES), self._company.plan()
        head_start_ms = random.choice((0, 0, 30_000, 120_000, 400_000))
        value, tier = random.randrange(101), random.choice(("", "gold"))
        waited_ms, tried = random.choice((0, 0, 7_000)), random.random() < 0.5

        def arrive(now_ms: int) -> Event:
            return ContactArrived(
                at_ms=now_ms,
                contact=contact,
                channel=self._channels[contact],
                queue=queue,
                plan=plan,
                enqueued_at_ms=now_ms - waited_ms,
                head_start_ms=head_start_ms,
                value=value,
                loyalty=50,
                rule=RuleId("r"),
                rule_set=self._trial if self._trial and tried else self._rule_sets[-1][0],
                customer=self._customers[contact],
                tier=tier,
            )

        self.at(came_ms, arrive)
        fate = random.random()
        if fate < 0.3:
            self.at(came_ms + random.randrange(90_000), lambda now: ContactAbandoned(now, contact))
        elif fate < 0.5:
            self._people.call_me_back(contact, came_ms + random.randrange(20_000))

    # ---- faults

    def _disturb(self) -> None:
        random = self.random
        agent = random.choice(self._agents)
        some = tuple(channel for channel in CHANNELS if random.random() < 0.5)
        presence = random.choice((Presence.AUX, Presence.OFFLINE, Presence.AVAILABLE))
        contact = random.choice(self._contacts)
        boost_ms = random.choice((-60_000, 20_000, 500_000))
        after_work = random.random() < 0.5
        disturbance: Make = random.choice(
            (
                lambda now: PresenceSet(now, agent, presence, "tea", "agent", after_work),
                lambda now: PresenceSet(now, agent, presence, "tea", "agent", after_work),
                lambda now: ReachabilitySet(now, agent, some),
                lambda now: self._company.agent(now, agent),
                lambda now: AgentRemoved(now, agent),
                self._publish,
                self._publish,
                self._stage,
                self._stage,
                lambda now: ContactBoosted(now, contact, boost_ms, "supervisor"),
                lambda now: ContactRequeued(now, contact, "connection lost"),
                lambda now: ContactEnded(now, contact, "system"),
            )
        )
        self.at(random.randrange(self._faults_ms), disturbance)

    def _publish(self, now_ms: int) -> Event:
        """New rules, an old set once more, or the one on trial."""
        fate = self.random.random()
        if self._rule_sets and fate < 0.3:
            chosen = self.random.choice(self._rule_sets)
        else:
            chosen = (f"rules-{now_ms}", self._company.queues())
        self._rule_sets.append(chosen)
        self._trial = ""
        return RuleSetPublished(now_ms, *chosen)

    def _stage(self, now_ms: int) -> Event:
        """A set goes on trial, or the trial ends."""
        self._trial = f"trial-{now_ms}" if not self._trial or self.random.random() < 0.5 else ""
        return RuleSetStaged(now_ms, self._trial, self._company.queues() if self._trial else ())

    def _heal(self) -> None:
        """From here on everybody has every skill, is there, and does what is expected."""
        capacity = Capacity(4, tuple((channel, 4) for channel in CHANNELS))
        delay_ms = self._faults_ms + 10_000
        for number, agent in enumerate(self._agents):
            names = (*SKILLS, HELP) if number % 2 else SKILLS
            able = tuple(AgentSkill(skill, 90) for skill in names)
            self.at(delay_ms, lambda now, a=agent, s=able: AgentUpserted(now, a, s, capacity), once=True)
            self.at(delay_ms + 1, lambda now, a=agent: ReachabilitySet(now, a, CHANNELS), once=True)
            self.at(delay_ms + 2, lambda now, a=agent: PresenceSet(now, a, Presence.AVAILABLE), once=True)
        for number, contact in enumerate(self._contacts):
            # A call whose end was lost in the faults is found and ended by the next resync.
            self.at(
                delay_ms + 600_000 + number, lambda now, c=contact: ContactEnded(now, c, "agent"), once=True
            )

    # ---- the end

    def _check_end(self) -> None:
        states = self.oracle.states
        assert len(states) == len(self._contacts), "a contact never arrived"
        open_ = {contact: state for contact, state in states.items() if state not in FINAL}
        assert not open_, f"contacts left over: {open_}"
        assert not self.engine.live_offers()
        assert self.engine.next_deadline_ms() is None, "a timer is left over"
        for agent in self.engine.agents():
            assert not agent.contacts, f"{agent.agent} still carries something"
            assert not agent.parked, f"{agent.agent} still keeps something parked"
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

"""A shift, played with an engine that explains nothing and written down, so that others can be told the same.

One contact comes and one ends with each beat, so as many wait as before. Agents see an offer at once, take it
after some seconds, reject or miss a few, talk, wrap up. Written down, the events can be replayed and timed
without anything of this in between.
"""

import heapq
from random import Random

from bench.routing.company import CHANNELS, RULE_SET, SHARES, Company
from routing.commands import Command, ContactMoved, Offer, PresenceChanged
from routing.engine import Engine
from routing.events import (
    ContactArrived,
    ContactEnded,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    PresenceSet,
    TimeReached,
    WrapUpDone,
)
from routing.types import AgentId, ContactId, ContactState, OfferId, Presence, RuleId

BEGINS_MS = 1_000_000
CONTACTS_AN_AGENT_MS = 150_000
"""How long an agent has for a contact, on average: it sets the pace of the shift."""
REJECTED, MISSED = 0.02, 0.01
"""Shares of the offers."""
HEAD_START_MAX_MS = 120_000


class Shift:
    """`script` holds everything that the engine has been told. engine: a new one, else one is made."""

    def __init__(self, company: Company, engine: Engine | None = None, seed: int = 1) -> None:
        self.engine = engine or Engine(explain=False)
        self.script: list[Event] = []
        self.assigned = 0
        """How many contacts have been connected."""
        self._company = company
        self._random = Random(seed)
        self._now_ms = float(BEGINS_MS)
        self._beat_ms = CONTACTS_AN_AGENT_MS / len(company.agents)
        self._ahead: list[tuple[int, int, Event]] = []
        self._sequence = 0
        self._arrived = 0
        self._talking: list[ContactId] = []
        for event in company.opening(BEGINS_MS):
            self._tell(event)
        self._now_ms += len(company.agents)

    def fill(self, waiting: int) -> None:
        """Contacts come and none ends until so many wait."""
        queues = self.engine.queues()
        while sum(self.engine.waiting_count(queue.queue) for queue in queues) < waiting:
            self._pass()
            self._arrive()

    def employ(self, assigned: int) -> None:
        """Contacts come and none ends until so many have been connected."""
        while self.assigned < assigned:
            self._pass()
            self._arrive()

    def go_on(self, assigned: int) -> None:
        """Contacts come and end until so many more have been connected."""
        goal = self.assigned + assigned
        while self.assigned < goal:
            self._pass()
            self._arrive()
            self._end()

    def _pass(self) -> None:
        """Until the next beat: people do what they were about to do, and deadlines come."""
        self._now_ms += self._beat_ms
        ahead = self._ahead
        while True:
            due_ms = self.engine.next_deadline_ms()
            event_ms = ahead[0][0] if ahead else None
            if due_ms is not None and due_ms <= self._now_ms and (event_ms is None or due_ms <= event_ms):
                self._tell(TimeReached(due_ms))
            elif event_ms is not None and event_ms <= self._now_ms:
                self._tell(heapq.heappop(ahead)[2])
            else:
                return

    def _arrive(self) -> None:
        random, now_ms = self._random, int(self._now_ms)
        kind = random.choices(self._company.kinds, cum_weights=self._company.popularity)[0]
        value = random.randrange(101)
        self._arrived += 1
        self._tell(
            ContactArrived(
                at_ms=now_ms,
                contact=ContactId(f"c{self._arrived}"),
                channel=random.choices(CHANNELS, SHARES)[0],
                queue=kind.queue,
                plan=kind.plan,
                enqueued_at_ms=now_ms,
                head_start_ms=max(value - 50, 0) ** 2 * HEAD_START_MAX_MS // 2_500,
                value=value,
                loyalty=50,
                rule=RuleId("rule"),
                rule_set=RULE_SET,
            )
        )

    def _end(self) -> None:
        talking = self._talking
        if talking:
            at = self._random.randrange(len(talking))
            talking[at], talking[-1] = talking[-1], talking[at]
            self._tell(ContactEnded(int(self._now_ms), talking.pop()))

    def _tell(self, event: Event) -> None:
        self.script.append(event)
        for command in self.engine.handle(event):
            self._react(command, event.at_ms)

    def _react(self, command: Command, at_ms: int) -> None:
        match command:
            case Offer():
                self._answer(command.offer, command.agent, at_ms)
            case ContactMoved(state=ContactState.ACTIVE):
                self.assigned += 1
                self._talking.append(command.contact)
            case ContactMoved(state=ContactState.WRAP_UP, agent=agent) if agent is not None:
                done_ms = at_ms + self._random.randrange(5_000, 20_000)
                self._later(WrapUpDone(done_ms, command.contact, agent))
            case PresenceChanged(presence=Presence.RONA):
                self._later(PresenceSet(at_ms + 30_000, command.agent, Presence.AVAILABLE))
            case _:
                pass

    def _answer(self, offer: OfferId, agent: AgentId, at_ms: int) -> None:
        self._later(OfferDelivered(at_ms + 200, offer))
        fate, answer_ms = self._random.random(), at_ms + self._random.randrange(1_000, 6_000)
        if fate < REJECTED:
            self._later(OfferRejected(answer_ms, offer, agent))
        elif fate >= REJECTED + MISSED:
            self._later(OfferAccepted(answer_ms, offer, agent))
            self._later(OfferConnected(answer_ms + 400, offer))

    def _later(self, event: Event) -> None:
        self._sequence += 1
        heapq.heappush(self._ahead, (event.at_ms, self._sequence, event))

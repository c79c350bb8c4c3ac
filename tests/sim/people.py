"""What customers, agents, consoles and phones do about the engine's commands, well or badly.

While faults last a console may be dead, a phone lost, an answer late, doubled or by the wrong person;
afterwards everybody does what is expected.
"""

from collections.abc import Callable
from random import Random
from typing import Protocol

from routing.commands import AskCallback, Command, Connect, Dial, Offer
from routing.commands import ContactMoved as Moved
from routing.events import (
    CallbackAnswered,
    CallbackRequested,
    CallbackUnanswered,
    ContactAbandoned,
    ContactEnded,
    ContactParked,
    ContactRequeued,
    ContactTransferred,
    ContactUnparked,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    OfferSetupFailed,
    PresenceSet,
    WrapUpDone,
)
from routing.types import AgentId, CallbackMode, Channel, ContactId, ContactState, OfferId, PlanEnd, Presence
from tests.sim.company import QUEUES, Company

Make = Callable[[int], Event]


class Stage(Protocol):
    """Where people act: a clock with a calendar, and whether things go wrong just now."""

    @property
    def faulty(self) -> bool: ...
    def at(self, delay_ms: int, make: Make, *, once: bool = False) -> None: ...
    def customer_of(self, contact: ContactId) -> str: ...
    def channel_of(self, contact: ContactId) -> Channel: ...


class People:
    """Reacts to commands by putting events into the stage's calendar."""

    def __init__(self, random: Random, company: Company, stage: Stage) -> None:
        self.random = random
        self._company = company
        self._stage = stage

    def react(self, command: Command) -> None:
        """Do something about a command, or nothing."""
        match command:
            case Offer():
                self._asked(command)
            case Connect():
                self._connecting(command)
            case Dial():
                self._dialled(command)
            case AskCallback():
                if self.random.random() < 0.7:
                    self.call_me_back(command.contact, self.random.randrange(500, 6_000))
            case Moved(state=ContactState.ACTIVE) if command.agent is not None:
                self._talking(command.contact, command.agent)
            case Moved(state=ContactState.WRAP_UP) if command.agent is not None:
                agent = command.agent
                if self.random.random() < 0.8:
                    delay_ms = self.random.randrange(1_000, 15_000)
                    self._stage.at(delay_ms, lambda now: WrapUpDone(now, command.contact, agent))
            case _:
                pass

    def call_me_back(self, contact: ContactId, delay_ms: int) -> None:
        """The customer asks for a callback, at once or by appointment."""
        random = self.random
        mode = random.choice(tuple(CallbackMode))
        appointed = random.random() < 0.3
        customer = self._stage.customer_of(contact) if random.random() < 0.8 else ""

        def request(now_ms: int) -> Event:
            due_at_ms = now_ms + 25_000 if appointed else None
            return CallbackRequested(now_ms, contact, mode, customer, due_at_ms)

        self._stage.at(delay_ms, request)

    def _asked(self, offer: Offer) -> None:
        random, at, faulty = self.random, self._stage.at, self._stage.faulty
        if faulty and random.random() < 0.1:
            return  # a dead console: nothing shows, nobody answers
        at(random.randrange(20, 900), lambda now: OfferDelivered(now, offer.offer))
        fate = random.random() if faulty else 0.0
        delay_ms = random.randrange(1_000, 9_000)
        agent = offer.agent
        if fate < 0.62:
            at(delay_ms, lambda now: OfferAccepted(now, offer.offer, agent))
        elif fate < 0.72:
            at(delay_ms, lambda now: OfferRejected(now, offer.offer, agent))
        elif fate < 0.77:
            at(delay_ms, lambda now: OfferSetupFailed(now, offer.offer, "phone lost"))
        elif fate < 0.82:
            at(delay_ms, lambda now: OfferConnected(now, offer.offer))
        elif fate < 0.87:
            other = random.choice(self._company.agents)
            at(delay_ms, lambda now: OfferAccepted(now, offer.offer, other))
        elif fate < 0.92:
            # The phone is lifted as its time runs out, or later.
            self._lifted_late(offer.offer, offer.contact, agent)
        if not faulty or random.random() < 0.9:
            # Who misses an offer comes back some time.
            at(40_000, lambda now: PresenceSet(now, agent, Presence.AVAILABLE))

    def _lifted_late(self, offer: OfferId, contact: ContactId, agent: AgentId) -> None:
        delay_ms = self.random.randrange(7_000, 26_000)
        self._stage.at(delay_ms, lambda now: OfferConnected(now, offer, contact, agent))

    def _connecting(self, connect: Connect) -> None:
        fate = self.random.random() if self._stage.faulty else 0.0
        delay_ms = self.random.randrange(50, 2_000)
        if fate < 0.8:
            self._stage.at(delay_ms, lambda now: OfferConnected(now, connect.offer))
        elif fate < 0.92:
            self._stage.at(delay_ms, lambda now: OfferSetupFailed(now, connect.offer, "media"))

    def _dialled(self, dial: Dial) -> None:
        fate = self.random.random() if self._stage.faulty else 0.0
        delay_ms = self.random.randrange(500, 5_000)
        if fate < 0.6:
            self._stage.at(delay_ms, lambda now: CallbackAnswered(now, dial.contact))
        elif fate < 0.85:
            self._stage.at(delay_ms, lambda now: CallbackUnanswered(now, dial.contact))

    def _talking(self, contact: ContactId, agent: AgentId) -> None:
        random, at = self.random, self._stage.at
        fate = random.random() if self._stage.faulty else 1.0
        delay_ms = random.randrange(2_000, 40_000)
        if fate < 0.08:
            at(delay_ms, lambda now: ContactRequeued(now, contact, "phone_lost"))
        elif fate < 0.16:
            at(delay_ms, lambda now: ContactAbandoned(now, contact))
        elif fate < 0.36:
            self._passed_on(contact, agent, delay_ms)
        elif fate < 0.56 and self._stage.channel_of(contact) is not Channel.VOICE:
            until_ms = random.choice((None, 15_000))
            at(
                delay_ms,
                lambda now: ContactParked(now, contact, now + until_ms if until_ms is not None else None),
            )
            at(delay_ms + random.randrange(1, 30_000), lambda now: ContactUnparked(now, contact, 10_000))
            at(delay_ms + 60_000, lambda now: ContactEnded(now, contact, "customer"))
        else:
            at(delay_ms, lambda now: ContactEnded(now, contact, "customer"))

    def _passed_on(self, contact: ContactId, agent: AgentId, delay_ms: int) -> None:
        random = self.random
        queue = random.choice(QUEUES)
        plan = self._company.plan((PlanEnd.RETURN, PlanEnd.HOLD)) if random.random() < 0.7 else None
        self._stage.at(delay_ms, lambda now: ContactTransferred(now, contact, agent, queue, plan))

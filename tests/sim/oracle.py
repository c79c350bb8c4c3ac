"""What must hold of the engine after every event, worked out the slow and obvious way.

`Oracle` tells a brute-force engine (`brute/`) the same as the real one and compares every command and all
that both know; then it checks the laws I1-I11 with the brute-force engine's facts, so it shares no search
structure with the engine. Each broken law is an AssertionError that names it. I12 (whoever changes a contact
leaves a trace) is so by construction: the engine changes by events only, and those are the journal.
"""

from dataclasses import dataclass, field

from msgspec.structs import replace

from routing.commands import CallbackOver, Command, ContactMoved, EndOffer, Ignored, Offer
from routing.engine import Engine
from routing.events import (
    ContactArrived,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferRejected,
    RuleSetPublished,
    RuleSetStaged,
    WrapUpDone,
)
from routing.explain import UNEXPLAINED
from routing.transitions import CONTACT
from routing.types import AgentId, ContactId, ContactState, OfferId, RoutePlan
from tests.sim.brute.engine import Brute
from tests.sim.laws import check_laws
from tests.sim.likeness import check_likeness

FINAL = tuple(state for state, arrows in CONTACT.items() if not arrows)


@dataclass(slots=True)
class KnownOffer:
    contact: ContactId
    agent: AgentId
    over: bool = False


@dataclass(slots=True)
class Oracle:
    """Follows one engine. Call `handle` instead of the engine's.

    checked: False only follows the states of contacts, and costs next to nothing.
    """

    engine: Engine
    checked: bool = True
    brute: Brute = field(default_factory=Brute)
    offers: dict[OfferId, KnownOffer] = field(default_factory=dict)
    states: dict[ContactId, ContactState] = field(default_factory=dict)
    holders: dict[ContactId, AgentId | None] = field(default_factory=dict)
    arrivals: dict[ContactId, ContactArrived] = field(default_factory=dict)
    hashes: list[str] = field(default_factory=list)
    """Every rule set that was ever in force or staged."""
    steps: dict[ContactId, tuple[RoutePlan, int, int]] = field(default_factory=dict)
    """Plan, hops and step of each contact when last looked at."""
    connected: dict[ContactId, bool] = field(default_factory=dict)

    def handle(self, event: Event) -> list[Command]:
        """Pass the event on and check every law."""
        commands = self.engine.handle(event)
        self._follow(event, commands)
        if self.checked:
            self._compare(event, commands)
            check_likeness(self.engine, self.brute)
            check_laws(self.engine, self.brute)
            self._history()
        return commands

    def _compare(self, event: Event, commands: list[Command]) -> None:
        """The engine says what the brute-force engine says, and its explanations are true."""
        wanted = self.brute.handle(event)
        plain = [replace(c, trace=UNEXPLAINED) if isinstance(c, Offer) else c for c in commands]
        assert plain == wanted, f"after {event}: the engine says {plain}, brute force {wanted}"
        made = [command for command in commands if isinstance(command, Offer)]
        for offer, score in zip(made, self.brute.scores, strict=True):
            self._explained(offer, score)
        self._overtaken(made)
        if any(isinstance(command, Ignored) for command in commands):
            assert len(commands) == 1, "an ignored event did something"

    def _explained(self, offer: Offer, score: int) -> None:
        trace = offer.trace
        assert trace.chosen.agent == offer.agent
        assert trace.chosen.score == score == sum(part.points for part in trace.chosen.parts)
        assert trace.rule_set == self.arrivals[offer.contact].rule_set, (
            "a decision cites another rule set (I8)"
        )
        assert trace.rule_set in self.hashes, "a decision cites a rule set that was never in force (I8)"
        if trace.regime == "contact_picks_agent" and trace.runner_up is not None:
            assert trace.runner_up.score <= score, "somebody better was free"

    def _overtaken(self, made: list[Offer]) -> None:
        """I4: each decision says by how much it passes over whoever came first."""
        told = [
            offer.trace.lead.overtook_ms
            for offer in made
            if offer.trace.regime == "agent_picks_contact" and offer.trace.lead is not None
        ]
        assert told == self.brute.overtook, f"overtook by {self.brute.overtook} ms, told {told} (I4)"

    def _history(self) -> None:
        """What may not change, or only in one direction."""
        for contact in self.engine.contacts():
            arrival = self.arrivals[contact.contact]
            began = min(arrival.enqueued_at_ms, contact.arrived_at_ms)
            assert contact.enqueued_at_ms == began, f"{contact.contact} has lost its wait (I7)"
            plan, hops, step = self.steps.get(contact.contact, (contact.plan, contact.hops, 0))
            if plan is contact.plan and hops == contact.hops:
                assert contact.step >= step, f"the plan of {contact.contact} went backwards (I5)"
            self.steps[contact.contact] = (contact.plan, contact.hops, contact.step)

    def _follow(self, event: Event, commands: list[Command]) -> None:
        if isinstance(event, ContactArrived) and event.contact not in self.states:
            self.states[event.contact] = ContactState.QUEUED
            self.arrivals[event.contact] = event
        if isinstance(event, RuleSetPublished | RuleSetStaged):
            self.hashes.append(event.hash)
        for command in commands:
            match command:
                case Offer():
                    self._offered(command)
                case EndOffer():
                    known = self.offers[command.offer]
                    assert not known.over, f"{command.offer} ended twice"
                    assert (known.contact, known.agent) == (command.contact, command.agent)
                    known.over = True
                case ContactMoved():
                    self._moved(command)
                case CallbackOver(outcome="unanswered"):
                    self.connected[command.contact] = True
                case _:
                    pass
        if not any(isinstance(command, Ignored) for command in commands):
            self._answered(event)

    def _answered(self, event: Event) -> None:
        """Whoever has answered was the one who was asked."""
        if isinstance(event, OfferAccepted | OfferRejected):
            assert self.offers[event.offer].agent == event.agent, "somebody else has answered the offer"
        if isinstance(event, OfferAccepted) or (isinstance(event, OfferConnected) and event.contact is None):
            assert not self.offers[event.offer].over, "an offer that was over has won"
        if isinstance(event, OfferConnected):
            self.offers[event.offer].over = True
        if isinstance(event, WrapUpDone):
            assert self.holders[event.contact] == event.agent, "somebody else has wrapped up"

    def _offered(self, offer: Offer) -> None:
        assert offer.offer not in self.offers, "an offer id was used twice"
        live = [known for known in self.offers.values() if known.contact == offer.contact and not known.over]
        assert not live, f"{offer.contact} is offered twice at once (I1)"
        self.offers[offer.offer] = KnownOffer(offer.contact, offer.agent)

    def _moved(self, moved: ContactMoved) -> None:
        before = self.states[moved.contact]
        allowed = [before, *CONTACT[before].values()]
        if ContactState.QUEUED in allowed:
            # Back in line it may find its plan at its end, and is reported where it went from there.
            allowed += CONTACT[ContactState.QUEUED].values()
        if moved.reason == "answered_late":
            allowed.append(ContactState.ACTIVE)
        if ContactState.CALLBACK in allowed:
            # A last attempt that failed is reported as the end of the contact.
            allowed += CONTACT[ContactState.CALLBACK].values()
        assert moved.state in allowed, f"{moved.contact} jumped from {before} to {moved.state}"
        self.states[moved.contact] = moved.state
        self.holders[moved.contact] = moved.agent
        if moved.state is ContactState.ACTIVE:
            self.connected[moved.contact] = True
        if moved.state is ContactState.CLOSED:
            assert moved.contact in self.connected, f"{moved.contact} was closed and never answered (I11)"

    def live_offers(self) -> list[OfferId]:
        """Offers that the commands have begun and not ended."""
        return [offer for offer, known in self.offers.items() if not known.over]

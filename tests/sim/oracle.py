"""What must hold of the engine after every event, worked out the slow and obvious way.

`Oracle` watches events and commands from outside and looks at the engine's views; it shares no search
structure with the engine. Each failed law is an AssertionError that names it.
"""

from dataclasses import dataclass, field

from msgspec.structs import replace

from routing.commands import (
    Command,
    Connect,
    ContactMoved,
    EndOffer,
    Ignored,
    Offer,
    PresenceChanged,
)
from routing.demand import NEVER, NOBODY
from routing.engine import Engine
from routing.events import (
    ContactArrived,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferRejected,
    TimeReached,
    WrapUpDone,
)
from routing.limits import default_weight
from routing.score import idle_points
from routing.transitions import CONTACT
from routing.types import (
    AgentId,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    PlanEnd,
    Presence,
    QueueId,
    RoutePlan,
    SkillId,
)
from routing.views import AgentView, ContactView

FINAL = tuple(state for state, arrows in CONTACT.items() if not arrows)


@dataclass(slots=True)
class KnownOffer:
    contact: ContactId
    agent: AgentId
    over: bool = False


@dataclass(slots=True)
class Oracle:
    """Follows one engine. Call `handle` instead of the engine's."""

    engine: Engine
    offers: dict[OfferId, KnownOffer] = field(default_factory=dict)
    states: dict[ContactId, ContactState] = field(default_factory=dict)
    keys: dict[ContactId, int] = field(default_factory=dict)
    steps: dict[ContactId, int] = field(default_factory=dict)
    holders: dict[ContactId, AgentId | None] = field(default_factory=dict)

    def handle(self, event: Event) -> list[Command]:
        """Pass the event on and check every law."""
        expected = self._expected_offer(event)
        commands = self.engine.handle(event)
        self._follow(event, commands)
        made = [command for command in commands if isinstance(command, Offer)]
        for number, offer in enumerate(made):
            self._may_be_asked(offer)
            if offer.trace.regime == "agent_picks_contact" and not isinstance(event, TimeReached):
                self._in_turn(offer, made[number:], commands)
        if expected is not None:
            first = next((c for c in commands if isinstance(c, Offer)), None)
            got = (first.contact, first.agent) if first else None
            assert got == expected[0], f"the best pair is {expected[0]}, the engine chose {got}"
        if any(isinstance(command, Ignored) for command in commands):
            assert len(commands) == 1, "an ignored event did something"
        self.check()
        return commands

    def check(self) -> None:
        """The laws that hold between events."""
        contacts, agents = self.engine.contacts(), self.engine.agents()
        self._conservation(contacts, agents)
        self._capacity(agents)
        self._offers_and_timers(contacts)
        self._reachable(contacts, agents)
        self._work_conserving(contacts, agents)
        self._lines()

    def _follow(self, event: Event, commands: list[Command]) -> None:
        if isinstance(event, ContactArrived) and event.contact not in self.states:
            self.states[event.contact] = ContactState.QUEUED
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
                case Connect() | PresenceChanged() | Ignored():
                    pass
        if any(isinstance(command, Ignored) for command in commands):
            return
        if isinstance(event, OfferAccepted | OfferRejected):
            assert self.offers[event.offer].agent == event.agent, "somebody else has answered the offer"
        if isinstance(event, OfferAccepted | OfferConnected):
            known = self.offers[event.offer]
            assert not known.over, "an offer that was over has won"
            known.over = isinstance(event, OfferConnected)
        if isinstance(event, WrapUpDone):
            assert self.holders[event.contact] == event.agent, "somebody else has wrapped up"

    def _offered(self, offer: Offer) -> None:
        assert offer.offer not in self.offers, "an offer id was used twice"
        live = [known for known in self.offers.values() if known.contact == offer.contact and not known.over]
        assert not live, f"{offer.contact} is offered twice at once"
        self.offers[offer.offer] = KnownOffer(offer.contact, offer.agent)
        trace = offer.trace
        key = self.keys.setdefault(offer.contact, trace.key_ms)
        assert key == trace.key_ms, f"{offer.contact} lost its place"
        assert self.steps.get(offer.contact, 0) <= trace.step, "a plan went backwards"
        self.steps[offer.contact] = trace.step
        assert trace.chosen.score == sum(part.points for part in trace.chosen.parts)
        if trace.runner_up is not None:
            assert trace.runner_up.score <= trace.chosen.score or trace.regime == "agent_picks_contact"

    def _moved(self, moved: ContactMoved) -> None:
        before = self.states[moved.contact]
        allowed = [before, *CONTACT[before].values()]
        if ContactState.QUEUED in allowed:
            # Back in line it may find its plan at its end, and is reported where it went from there.
            allowed += CONTACT[ContactState.QUEUED].values()
        assert moved.state in allowed, f"{moved.contact} jumped from {before} to {moved.state}"
        self.states[moved.contact] = moved.state
        self.holders[moved.contact] = moved.agent

    def _conservation(self, contacts: list[ContactView], agents: list[AgentView]) -> None:
        live = {contact.contact: contact.state for contact in contacts}
        told = {contact: state for contact, state in self.states.items() if state not in FINAL}
        assert live == told, "the commands and the engine disagree about the contacts"
        held: dict[ContactId, AgentId] = {}
        for agent in agents:
            for holding in agent.contacts:
                assert holding.contact not in held, f"{holding.contact} has two agents"
                held[holding.contact] = agent.agent
        here = [agent.agent for agent in agents]
        for contact in contacts:
            nobody = (ContactState.QUEUED, ContactState.CALLBACK)
            assert (contact.agent is not None) == (contact.state not in nobody)
            if contact.agent in here or contact.contact in held:
                assert held.get(contact.contact) == contact.agent

    def _capacity(self, agents: list[AgentView]) -> None:
        for agent in agents:
            for channel in Channel:
                free = channel in agent.free
                assert free == _is_free(agent, channel), f"{agent.agent} {channel}: free is {free}"

    def _may_be_asked(self, offer: Offer) -> None:
        """Who has just been asked has room for it, is there, and has not just sent it back."""
        agent = self.engine.agent(offer.agent)
        if agent is None or self.engine.offer(offer.offer) is None:
            return
        if agent.presence is Presence.RONA and agent.presence_since_ms == self.engine.now_ms:
            return  # another of its offers ran out in the same tick, after this one was made
        count = sum(held.channel is offer.channel for held in agent.contacts)
        assert _used_units(agent) <= agent.capacity.units, f"{agent.agent} carries too many units"
        assert count <= dict(agent.capacity.caps)[offer.channel], f"{agent.agent} has {count} {offer.channel}"
        assert _at_work(agent, offer.channel), f"{agent.agent} was asked but is not at work"
        exclusion = self.engine.state.contacts[offer.contact].exclusions.get(offer.agent)
        assert exclusion is None or not exclusion.hard, f"{offer.contact} bounced back to {offer.agent}"

    def _in_turn(self, offer: Offer, later: list[Offer], commands: list[Command]) -> None:
        """A freed agent has passed over nobody earlier in line.

        later: this offer and those made after it in answer to the same event.
        """
        agent = self.engine.agent(offer.agent)
        assert agent is not None, "a freed agent is known"
        fresh = [made.contact for made in later]
        held = tuple(holding for holding in agent.contacts if holding.contact not in fresh)
        before, agents = replace(agent, contacts=held), self.engine.agents()
        moved = [command.contact for command in commands if isinstance(command, ContactMoved)]
        for other in self.engine.waiting():
            earlier = other.key_ms < offer.trace.key_ms and other.contact not in moved
            if earlier and _is_free(before, other.channel):
                assert not may_serve(self.engine, other, agent, agents), f"{other.contact} was passed over"

    def _offers_and_timers(self, contacts: list[ContactView]) -> None:
        live = {offer.offer: offer for offer in self.engine.live_offers()}
        told = [offer for offer, known in self.offers.items() if not known.over]
        assert sorted(live) == sorted(told), "the commands and the engine disagree about the offers"
        timed = {(kind, ident) for _, _, kind, ident in self.engine.state.timers.live()}
        for offer in live.values():
            rings = "ring" if offer.delivered else "delivery"
            wanted = "setup" if offer.setup_until_ms is not None else rings
            assert (wanted, offer.offer) in timed, f"{offer.offer} has no deadline"
        for kind, ident in timed:
            if kind in ("delivery", "ring", "setup"):
                assert ident in live, f"the {kind} timer of {ident} outlived it"
            else:
                assert self.states[ContactId(ident)] not in FINAL, f"the {kind} timer of {ident} outlived it"
        for contact in contacts:
            if contact.state is ContactState.WRAP_UP:
                assert ("wrap_up", contact.contact) in timed, "a wrap-up without an end"
            assert bool(contact.excluded) == (("exclusion", contact.contact) in timed)
            if contact.state in (ContactState.QUEUED, ContactState.OFFERED) and contact.step_until_ms:
                assert ("step", contact.contact) in timed, "a step without an end"
        deadline = self.engine.next_deadline_ms()
        earliest = min((timer[0] for timer in self.engine.state.timers.live()), default=None)
        assert deadline == earliest

    def _reachable(self, contacts: list[ContactView], agents: list[AgentView]) -> None:
        """Nothing rings where nobody can answer, and nobody waits for one agent who is not at work."""
        by_id = {agent.agent: agent for agent in agents}
        for contact in contacts:
            if contact.state is ContactState.OFFERED:
                agent = by_id.get(contact.agent) if contact.agent else None
                assert agent is not None, f"{contact.contact} rings at nobody"
                assert agent.presence is not Presence.OFFLINE, f"{contact.contact} rings at an absent agent"
                assert contact.channel in agent.reachable, f"{contact.contact} rings where nobody can hear"
            if contact.state is ContactState.QUEUED and contact.step < len(contact.plan.steps):
                named = contact.plan.steps[contact.step].agent
                if named is not None:
                    assert named in by_id, f"{contact.contact} waits for an unknown agent"
                    assert _at_work(by_id[named], contact.channel), (
                        f"{contact.contact} waits for an absent agent"
                    )

    def _work_conserving(self, contacts: list[ContactView], agents: list[AgentView]) -> None:
        idle = [agent for agent in agents if agent.free]
        for contact in contacts:
            if contact.state is ContactState.QUEUED:
                for agent in idle:
                    if contact.channel in agent.free and may_serve(self.engine, contact, agent, agents):
                        raise AssertionError(f"{contact.contact} waits while {agent.agent} is free")

    def _lines(self) -> None:
        """Every waiting contact is in exactly one line, and every head is the first of its line."""
        state = self.engine.state
        in_line = 0
        for record in state.contacts.values():
            assert (record.demand is not None) == (record.state is ContactState.QUEUED)
            assert (record.contact in record.queue.waiting) == (record.state is ContactState.QUEUED)
            if record.demand is None:
                continue
            in_line += 1
            found = record.demand.contacts()
            aside = [entry[3] for entry in record.demand.aside]
            assert (record in aside) == bool(record.exclusions)
            assert (record in found) != (record in aside)
            assert record.demand.head == (found[0].place if found else NOBODY), "a stale head"
            assert record.demand.waiting == len(found)
            oldest = min((waiting.enqueued_at_ms for waiting in found), default=NEVER)
            assert record.demand.oldest == oldest, "a stale oldest"
        assert in_line == sum(state is ContactState.QUEUED for state in self.states.values())
        for queue in state.every_queue():
            assert queue.ranks is None or sum(map(len, queue.ranks.values())) == len(queue.waiting)

    def _expected_offer(self, event: Event) -> tuple[tuple[ContactId, AgentId] | None] | None:
        """The best pair after an event that sets exactly one side free; None when that cannot be said."""
        engine = self.engine
        if isinstance(event, ContactArrived) and not engine.knows(event.contact):
            first = event.plan.steps[0] if event.plan.steps else None
            if first is None or first.agent is not None:
                return None
            now_ms = max(engine.now_ms, event.at_ms)
            agents = engine.agents()
            needs = needs_of(engine, event.queue, event.plan, 0)
            pool = [a for a in agents if event.channel in a.free and _meets(a, needs)]
            known = {step.agent for step in event.plan.steps}
            value = min(max(event.value, 0), 100)
            ranked = sorted(
                pool, key=lambda a: (-brute_score(a, needs, value, known, now_ms), a.idle_since_ms, a.agent)
            )
            return ((event.contact, ranked[0].agent),) if ranked else (None,)
        return None


def brute_score(
    agent: AgentView,
    needs: dict[SkillId, int],
    value: int,
    known: set[AgentId | None],
    now_ms: int,
) -> int:
    """The sum that `routing.score` documents, from scratch."""
    levels = {skill.skill: skill.level for skill in agent.skills}
    mean = sum(levels[skill] for skill in needs) // len(needs) if needs else 0
    band = mean // 10
    load = -(-10 * _used_units(agent) // agent.capacity.units)
    continuity = 150 if agent.agent in known else 0
    return 20 * band + value * band // 10 + continuity - 20 * load + idle_points(now_ms - agent.idle_since_ms)


def needs_of(engine: Engine, queue: QueueId, plan: RoutePlan, step: int) -> dict[SkillId, int]:
    """Queue and step needs together; beyond the last step the queue's, with those of an open last step."""
    spec = next((spec for spec in engine.queues() if spec.queue == queue), None)
    needs = list(spec.needs) if spec else []
    if step < len(plan.steps):
        needs += plan.steps[step].needs
    elif plan.end is not PlanEnd.ANY_IN_QUEUE and plan.steps and plan.steps[-1].agent is None:
        needs += plan.steps[-1].needs
    merged: dict[SkillId, int] = {}
    for need in needs:
        merged[need.skill] = max(merged.get(need.skill, 1), need.min_level)
    return merged


def may_serve(engine: Engine, contact: ContactView, agent: AgentView, agents: list[AgentView]) -> bool:
    """Whether the agent could be asked for the waiting contact right now, given that it is free."""
    if not in_target(engine, contact, agent):
        return False
    exclusions = engine.state.contacts[contact.contact].exclusions
    mine = exclusions.get(agent.agent)
    if mine is None:
        return True
    others = [
        other
        for other in agents
        if other.agent not in exclusions
        and _at_work(other, contact.channel)
        and in_target(engine, contact, other)
    ]
    return not mine.hard and not others


def in_target(engine: Engine, contact: ContactView, agent: AgentView) -> bool:
    """Whether the agent is in the pool of the contact's present step."""
    steps = contact.plan.steps
    if contact.step < len(steps):
        named = steps[contact.step].agent
        if named is not None and named != agent.agent:
            return False
    return _meets(agent, needs_of(engine, contact.queue, contact.plan, contact.step))


def _meets(agent: AgentView, needs: dict[SkillId, int]) -> bool:
    levels = {skill.skill: skill.level for skill in agent.skills}
    return all(levels.get(skill, 0) >= level for skill, level in needs.items())


def _at_work(agent: AgentView, channel: Channel) -> bool:
    caps = dict(agent.capacity.caps)
    at_work = agent.presence is Presence.AVAILABLE and channel in agent.reachable
    fits = 0 < agent.capacity.units >= _weight(agent, channel)
    return at_work and fits and caps.get(channel, 0) > 0


def _weight(agent: AgentView, channel: Channel) -> int:
    weights = dict(agent.capacity.weights)
    return weights.get(channel, default_weight(channel, agent.capacity.units))


def _used_units(agent: AgentView) -> int:
    return sum(_weight(agent, held.channel) for held in agent.contacts)


def _is_free(agent: AgentView, channel: Channel) -> bool:
    count = sum(held.channel is channel for held in agent.contacts)
    fits = _used_units(agent) + _weight(agent, channel) <= agent.capacity.units
    return _at_work(agent, channel) and count < dict(agent.capacity.caps)[channel] and fits

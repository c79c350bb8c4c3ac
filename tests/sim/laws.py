"""The laws I1-I11 between two events, from the brute-force engine's facts and the real one's indexes.

What only history shows (I5, I7, I8, I9, I11) is in `oracle.py` and `world.py`.
"""

from routing.demand import NEVER, NOBODY
from routing.engine import Engine
from routing.order import place_of
from routing.types import ContactState, Order, Presence, QueueSpec
from tests.sim.brute.choice import in_target, may_take, staffed, waits_for
from tests.sim.brute.engine import Brute

NOBODYS = (ContactState.QUEUED, ContactState.CALLBACK)


def check_laws(engine: Engine, brute: Brute) -> None:
    """Raises AssertionError at the first law that is broken."""
    _one_owner(brute)
    _work_conserving(brute)
    _overtaking(engine, brute)
    _reachable(brute)
    _exclusions(brute)
    _lines(engine)
    _waits_explained(engine, brute)


def _one_owner(brute: Brute) -> None:
    """I1: a contact is with one agent at most, and knows with whom."""
    for contact in brute.contacts:
        holders = [a for a in brute.agents if contact in a.held or contact in a.parked]
        assert len(holders) == (contact.state not in NOBODYS), (
            f"{contact.ident} has {len(holders)} agents (I1)"
        )
        assert contact.agent is (holders[0] if holders else None)
        offers = [offer for offer in brute.offers if offer.contact is contact]
        ringing = contact.state in (ContactState.OFFERED, ContactState.CONNECTING)
        assert len(offers) == ringing, f"{contact.ident} has {len(offers)} live offers (I1)"
        assert contact.in_line == (contact.state is ContactState.QUEUED)


def _work_conserving(brute: Brute) -> None:
    """I3: nobody waits beside an agent who could take it."""
    for contact in brute.contacts:
        for agent in brute.agents if contact.in_line else ():
            assert not may_take(brute, contact, agent), (
                f"{contact.ident} waits while {agent.ident} is free (I3)"
            )


def _overtaking(engine: Engine, brute: Brute) -> None:
    """I4: who came later is served first by no more than the bound, and the bound is what the rules give."""
    specs = [queue.spec for queue in engine.state.every_queue()]
    for queue in brute.queues:
        name = queue.spec.queue
        assert engine.bound_ms(name) == _bound(queue.spec, specs), f"the bound of {name} is wrong (I4)"
    for served, passed in brute.overtakes:
        for contact in (served, passed):
            assert contact.queue.spec in specs, "a queue that is lived in counts in no bound (I4)"
        bound, by = _bound(passed.queue.spec, specs), served.enqueued_at - passed.enqueued_at
        told = f"{served.ident} overtook {passed.ident} by {by} ms, the bound is {bound} (I4)"
        assert bound is None or by <= bound, told


def _bound(passed: QueueSpec, everyone: list[QueueSpec]) -> int | None:
    """The greatest lead of anybody, less the least target there, plus the greatest target here."""
    if any(spec.order is Order.STRICT for spec in everyone):
        return None
    reach = max(max(spec.head_start_max_ms, 0) - min(_targets(spec)) for spec in everyone)
    return max(reach + max(_targets(passed)), 0)


def _targets(spec: QueueSpec) -> list[int]:
    """Every target that counts in the order of the queue."""
    return [spec.sl_target_ms, *(ms for _, ms in spec.targets)] if spec.by_target else [0]


def _reachable(brute: Brute) -> None:
    """Nothing rings where nobody can answer, and nobody waits for one agent who is not at work."""
    for contact in brute.contacts:
        agent = contact.agent
        if contact.state is ContactState.OFFERED:
            assert agent is not None
            assert agent.presence is not Presence.OFFLINE, f"{contact.ident} rings at an absent agent"
            assert contact.channel in agent.reachable, f"{contact.ident} rings where nobody can hear"
        named = brute.agent(waits_for(contact)) if contact.in_line else None
        if named is not None:
            assert staffed(named, contact.channel), f"{contact.ident} waits for an absent agent"
            assert in_target(brute, contact, named), f"{contact.ident} waits for whom it may not have"


def _exclusions(brute: Brute) -> None:
    """I10: each exclusion has an end, and a timer that looks after it."""
    for contact in brute.contacts:
        timed = [timer for timer in brute.timers if timer.kind == "exclusion" and timer.owner is contact]
        assert len(timed) == bool(contact.exclusions), f"{contact.ident} excludes without an end (I10)"
        if contact.exclusions:
            assert timed[0].at <= max(exclusion.until for exclusion in contact.exclusions.values())


def _lines(engine: Engine) -> None:
    """Every waiting contact is in exactly one line, and every head is the first of its line."""
    state = engine.state
    for record in state.contacts.values():
        waits = record.state is ContactState.QUEUED
        assert (record.demand is not None) == waits
        assert (record.contact in record.queue.waiting) == waits
        if record.demand is None:
            continue
        found = record.demand.contacts()
        aside = [entry[-1] for entry in record.demand.aside]
        assert (record in aside) == bool(record.exclusions)
        assert (record in found) != (record in aside)
        assert record.demand.head == (found[0].place if found else NOBODY), "a stale head"
        assert record.demand.waiting == len(found)
        oldest = min((place_of(each.enqueued_at_ms, each.seq) for each in found), default=NEVER)
        assert record.demand.oldest == oldest, "a stale oldest"


def _waits_explained(engine: Engine, brute: Brute) -> None:
    """The explanation of a wait counts every agent once, and nobody as able."""
    everyone = sum(not agent.removed for agent in brute.agents)
    for contact in brute.contacts:
        trace = engine.why(contact.ident)
        assert (trace is not None) == contact.in_line
        if trace is not None:
            assert sum(count for _, count in trace.excluded) == everyone, f"{trace.excluded} of {everyone}"
            assert trace.target == sum(in_target(brute, contact, agent) for agent in brute.agents)

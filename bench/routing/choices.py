"""The two choices against a scan over everybody: whom a freed agent takes, and who is asked for an arrival.

Both sides must choose alike, and the engine itself as well when it is told the event. Rounds take turns; the
median of the rounds counts. What else an event costs is in `cycle.py`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import median

from bench.report import show
from bench.routing import scan
from bench.routing.company import CHANNELS, RULE_SET, SHARES, Company
from routing.commands import Offer
from routing.engine import Engine
from routing.events import (
    ContactAbandoned,
    ContactArrived,
    ContactEnded,
    Event,
    WrapUpDone,
)
from routing.match import best_agents, best_contact
from routing.plans import demand_of
from routing.records import CHANNEL_INDEX, AgentRecord, ContactRecord
from routing.types import Channel, ContactId, ContactState, Presence, RuleId

ROUNDS = 7
OURS_A_ROUND = 400
SCANS_A_ROUND = 4
CHANNEL_MASK = sum(1 << CHANNEL_INDEX[channel] for channel in CHANNELS)

Choice = Callable[[], AgentRecord | ContactRecord | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """One choice, made in both ways."""

    ours: Choice
    scan: Choice


def freed_agent(engine: Engine) -> None:
    """Print how much faster the first contact for an agent is found than by looking at all who wait."""
    state = engine.state
    random = Random(2)
    agents = [agent for agent in state.roster.agents.values() if agent.presence is Presence.AVAILABLE]

    def pair(agent: AgentRecord) -> Pair:
        return Pair(
            partial(best_contact, state.roster, state.lines, agent, CHANNEL_MASK, state.now_ms),
            partial(scan.first_contact, state, agent, CHANNELS),
        )

    rounds = [[pair(agent) for agent in random.sample(agents, OURS_A_ROUND)] for _ in range(ROUNDS)]
    _compare("routing_freed_agent", rounds, ">= 5000")
    _told_alike(engine, random)


def _told_alike(engine: Engine, random: Random) -> None:
    """Free some agents, and compare what they are offered with what a scan finds for them."""
    state = engine.state
    active = [c for c in state.contacts.values() if c.state is ContactState.ACTIVE]
    for contact in random.sample(active, SCANS_A_ROUND):
        agent = contact.agent
        assert agent is not None, "an active contact has an agent"
        engine.handle(ContactEnded(state.now_ms, contact.contact))
        held = [other for other in agent.contacts.values() if other is not contact]
        expected = scan.first_contact(state, agent, _free(held))
        offers = _offers(engine, WrapUpDone(state.now_ms, contact.contact, agent.agent))
        if expected is None or [offer.contact for offer in offers[:1]] != [expected.contact]:
            raise RuntimeError(f"{agent.agent} was offered {_named(offers)}, not {_name(expected)}")


def _free(held: list[ContactRecord]) -> tuple[Channel, ...]:
    """The channels on which an agent of the company who holds these can take one more.

    A call takes a whole agent; otherwise three contacts may be held, two of them mails.
    """
    if not held:
        return CHANNELS
    if len(held) >= 3 or any(contact.channel is Channel.VOICE for contact in held):
        return ()
    mails = sum(contact.channel is Channel.EMAIL for contact in held)
    return (Channel.CHAT,) if mails >= 2 else (Channel.CHAT, Channel.EMAIL)


def arrival(engine: Engine, company: Company) -> None:
    """Print how much faster the best agent for an arrival is found than by looking at all agents."""
    random = Random(3)
    rounds = [[_arrival(engine, company, random) for _ in range(OURS_A_ROUND)] for _ in range(ROUNDS)]
    _compare("routing_arrival", rounds, ">= 100")


def _arrival(engine: Engine, company: Company, random: Random) -> Pair:
    """Let one contact come, note who is asked, let it leave: then everything is as it was."""
    state = engine.state
    kind = random.choices(company.kinds, cum_weights=company.popularity)[0]
    channel = random.choices(CHANNELS, SHARES)[0]
    ident = ContactId(f"new-{state.contact_seq}")
    event = ContactArrived(
        at_ms=engine.now_ms,
        contact=ident,
        channel=channel,
        queue=kind.queue,
        plan=kind.plan,
        enqueued_at_ms=engine.now_ms,
        head_start_ms=0,
        value=random.randrange(101),
        loyalty=50,
        rule=RuleId("rule"),
        rule_set=RULE_SET,
    )
    offers = _offers(engine, event)
    contact = state.contacts[ident]
    engine.handle(ContactAbandoned(engine.now_ms, ident))
    now_ms = engine.now_ms

    def ours() -> AgentRecord | None:
        found = best_agents(state.roster, demand_of(state, contact), contact, now_ms)
        return found[0] if found else None

    chosen = ours()
    if [offer.agent for offer in offers] != ([chosen.agent] if chosen is not None else []):
        raise RuntimeError(f"{ident} went to {_named(offers)}, but the search finds {_name(chosen)}")
    return Pair(ours, partial(scan.best_agent, state, contact, kind.plan.steps[0].needs, now_ms))


def _compare(name: str, rounds: list[list[Pair]], goal: str) -> None:
    """Time both sides by turns, a few scans for many of ours, and print choices a second."""
    ours_ns, scan_ns = [], []
    for pairs in rounds:
        began = time.thread_time_ns()
        found = [pair.ours() for pair in pairs]
        ours_ns.append((time.thread_time_ns() - began) / len(pairs))
        for pair, one in zip(pairs[:SCANS_A_ROUND], found, strict=False):
            began = time.thread_time_ns()
            expected = pair.scan()
            scan_ns.append(time.thread_time_ns() - began)
            if one is not expected:
                raise RuntimeError(f"{name}: ours is {_name(one)}, the scan finds {_name(expected)}")
    show(name, "choices/s", 1e9 / median(ours_ns), 1e9 / median(scan_ns), goal)


def _offers(engine: Engine, event: Event) -> list[Offer]:
    return [command for command in engine.handle(event) if isinstance(command, Offer)]


def _name(record: AgentRecord | ContactRecord | None) -> str:
    """Its id only: a record holds others, and those hold it."""
    return "nobody" if record is None else record.ident


def _named(offers: list[Offer]) -> list[str]:
    return [f"{offer.contact} to {offer.agent}" for offer in offers]

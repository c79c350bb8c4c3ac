"""Both engines know the same: each view of the real one follows from the facts of the brute-force one."""

from routing.engine import Engine
from routing.types import Channel
from routing.views import AgentView, ContactView
from tests.sim.brute.choice import in_order, load, obstacle
from tests.sim.brute.engine import Brute
from tests.sim.brute.facts import Agent, Contact


def check_likeness(engine: Engine, brute: Brute) -> None:
    """Raises AssertionError at the first difference."""
    assert [view.contact for view in engine.contacts()] == [contact.ident for contact in brute.contacts]
    for view, contact in zip(engine.contacts(), brute.contacts, strict=True):
        _contact(view, contact)
    present = sorted((agent for agent in brute.agents if not agent.removed), key=lambda agent: agent.ident)
    assert [view.agent for view in engine.agents()] == [agent.ident for agent in present]
    for seen, agent in zip(engine.agents(), present, strict=True):
        _agent(seen, agent)
    _queues(engine, brute)
    _timers(engine, brute)


def _contact(view: ContactView, contact: Contact) -> None:
    facts = (
        view.state,
        view.agent,
        view.offer,
        view.queue,
        view.step,
        view.step_until_ms,
        view.excluded,
        view.boost_ms,
        view.customer,
        view.owner,
        view.offers_failed,
        view.callback,
    )
    assert facts == (
        contact.state,
        contact.agent.ident if contact.agent is not None else None,
        contact.offer.ident if contact.offer is not None else None,
        contact.queue.spec.queue,
        contact.step,
        contact.step_until,
        tuple(sorted(contact.exclusions)),
        contact.boost,
        contact.customer,
        contact.owner,
        contact.failed,
        contact.callback is not None,
    ), contact.ident


def _agent(view: AgentView, agent: Agent) -> None:
    assert [held.contact for held in view.contacts] == [contact.ident for contact in agent.held]
    assert [held.contact for held in view.parked] == [contact.ident for contact in agent.parked]
    assert (view.presence, view.code, view.idle_since_ms) == (agent.presence, agent.code, agent.idle_since)
    assert view.pending == (agent.pending[:2] if agent.pending is not None else None)
    assert view.reachable == tuple(agent.reachable)
    assert {skill.skill: skill.level for skill in view.skills} == agent.levels
    free = tuple(channel for channel in Channel if obstacle(agent, channel) == "")
    assert view.free == free, f"{agent.ident} is free on {view.free}, should be on {free}"
    assert view.load_tenths == load(agent), f"{agent.ident} carries {load(agent)} tenths"


def _queues(engine: Engine, brute: Brute) -> None:
    line = in_order(brute, [contact for contact in brute.contacts if contact.in_line])
    assert [view.contact for view in engine.waiting()] == [contact.ident for contact in line]
    for contact in line:
        before = [other for other in line if other.queue is contact.queue]
        assert engine.position(contact.ident) == before.index(contact) + 1, "another position in line"
    for queue in brute.queues:
        name = queue.spec.queue
        waiting = [contact for contact in line if contact.queue.spec.queue == name]
        assert engine.waiting_count(name) == len(waiting)
        if queue.spec.reserve is not None:
            assert engine.reserve_open(name) == queue.reserve_open


def _timers(engine: Engine, brute: Brute) -> None:
    """I6: the same deadlines, each of something that lives; every live offer has one."""
    live = [(at_ms, str(kind)) for at_ms, _, kind, _ in engine.state.timers.live()]
    assert sorted(live) == sorted((timer.at, timer.kind) for timer in brute.timers)
    assert engine.next_deadline_ms() == min((timer.at for timer in brute.timers), default=None)
    for timer in brute.timers:
        kinds: list[tuple[object, ...]] = [tuple(brute.contacts), tuple(brute.offers), tuple(brute.agents)]
        queues = [*brute.queues, *brute.trial_queues, *(contact.queue for contact in brute.contacts)]
        assert any(timer.owner in kind for kind in (*kinds, queues)), (
            f"a {timer.kind} timer outlived its owner (I6)"
        )
    for offer in brute.offers:
        assert any(timer.owner is offer for timer in brute.timers), f"{offer.ident} has no deadline (I6)"

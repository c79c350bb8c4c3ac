"""What happens to an agent from outside: it comes, changes skills, goes, changes presence or reachability."""

from routing.commands import PresenceChanged, PresencePending
from routing.events import AgentRemoved, AgentUpserted, PresenceSet, ReachabilitySet
from routing.line import bring_home, feed, pool_shrank
from routing.offers import rescind
from routing.order import in_order, rank
from routing.records import CHANNELS, AgentRecord
from routing.roster import next_decay_ms
from routing.state import State
from routing.timers import TimerKind
from routing.types import AgentId, Channel, OfferState, Presence


def on_upserted(state: State, event: AgentUpserted) -> None:
    """Skills and capacity hold from now on; what the agent already has goes on."""
    agent = state.roster.upsert(event.agent, event.skills, event.capacity, event.tier, state.now_ms)
    _arm_decay(state, agent)
    _changed(state, agent)


def skill_due(state: State, agent: AgentRecord) -> None:
    """One of the agent's skills has gone down a level."""
    changed = state.roster.decay(agent, state.now_ms)
    _arm_decay(state, agent)
    if changed:
        _changed(state, agent)


def ramp_due(state: State, agent: AgentRecord) -> None:
    """Who has just come back may be asked again."""
    agent.ramp_hold_ms = 0
    state.roster.refresh(agent)
    feed(state, agent)


def on_removed(state: State, event: AgentRemoved) -> None:
    """No more offers; contacts that the agent holds go on to their end."""
    agent = _present(state, "AgentRemoved", event.agent)
    if agent is None:
        return
    agent.presence, agent.code, agent.presence_since_ms = Presence.OFFLINE, "", state.now_ms
    aside = state.lines.aside_of(agent)
    state.roster.retire(agent)
    state.lines.agent_changed(agent)
    state.out.append(PresenceChanged(agent.agent, Presence.OFFLINE, "", "removed"))
    state.timers.cancel_all(agent)
    agent.pending, agent.ramp_hold_ms = None, 0
    if agent.contacts:
        _rescind_alerting(state, agent, CHANNELS, "agent_removed")
    elif agent.holds_nothing:
        state.roster.forget(agent)
    pool_shrank(state, agent, aside)


def on_presence(state: State, event: PresenceSet) -> None:
    """AVAILABLE asks for work, the others for none; going OFFLINE takes back what is still ringing."""
    agent = _present(state, "PresenceSet", event.agent)
    if agent is None:
        return
    if (agent.presence, agent.code) == (event.presence, event.code):
        if agent.pending is None:
            state.ignore("PresenceSet", f"the agent is already {event.presence}")
            return
        _stay(state, agent)
    elif event.after_work and agent.contacts and event.presence is not Presence.AVAILABLE:
        _go_later(state, agent, event)
    else:
        _go(state, agent, event)


def _go(state: State, agent: AgentRecord, event: PresenceSet) -> None:
    if agent.pending is not None:
        agent.pending = None
        state.out.append(PresencePending(agent.agent, None))
    was_available = agent.presence is Presence.AVAILABLE
    if event.presence is not agent.presence:
        agent.presence_since_ms = state.now_ms
    agent.presence, agent.code = event.presence, event.code
    state.out.append(PresenceChanged(agent.agent, agent.presence, agent.code, event.cause))
    if agent.presence is Presence.AVAILABLE:
        if not was_available:
            ramp = agent.capacity.ramp
            agent.ramp_until_ms = state.now_ms + max(ramp.span_ms, 0) if ramp is not None else 0
            agent.idle_since_ms = state.now_ms
        state.roster.refresh(agent)
        bring_home(state, agent)
        feed(state, agent)
        return
    state.roster.refresh(agent)
    if agent.presence is Presence.OFFLINE:
        _rescind_alerting(state, agent, CHANNELS, "agent_offline")
    if was_available:
        pool_shrank(state, agent)


def _go_later(state: State, agent: AgentRecord, event: PresenceSet) -> None:
    """Nothing more is offered; the presence changes when the agent's hands are empty."""
    agent.pending = (event.presence, event.code, event.cause)
    state.out.append(PresencePending(agent.agent, event.presence, event.code))
    state.roster.refresh(agent)
    pool_shrank(state, agent)


def _stay(state: State, agent: AgentRecord) -> None:
    """The agent has thought better of going away."""
    agent.pending = None
    state.out.append(PresencePending(agent.agent, None))
    state.roster.refresh(agent)
    bring_home(state, agent)
    feed(state, agent)


def _changed(state: State, agent: AgentRecord) -> None:
    """The agent has other skills or another capacity."""
    aside = state.lines.aside_of(agent)
    state.lines.agent_changed(agent)
    state.roster.refresh(agent)
    pool_shrank(state, agent, aside)
    bring_home(state, agent)
    feed(state, agent)


def _arm_decay(state: State, agent: AgentRecord) -> None:
    turns = [at for skill in agent.stated if (at := next_decay_ms(skill, state.now_ms)) is not None]
    if turns:
        state.timers.arm(TimerKind.SKILL, agent, min(turns))
    else:
        state.timers.cancel(TimerKind.SKILL, agent)


def on_reachability(state: State, event: ReachabilitySet) -> None:
    """A lost channel takes back what is still ringing on it; a new one may bring work at once."""
    agent = _present(state, "ReachabilitySet", event.agent)
    if agent is None:
        return
    reachable = tuple(channel for channel in CHANNELS if channel in event.channels)
    if reachable == agent.reachable:
        state.ignore("ReachabilitySet", "nothing has changed")
        return
    lost = tuple(channel for channel in agent.reachable if channel not in reachable)
    agent.reachable = reachable
    state.roster.refresh(agent)
    if lost:
        _rescind_alerting(state, agent, lost, "agent_unreachable")
        pool_shrank(state, agent)
    bring_home(state, agent)
    feed(state, agent)


def _present(state: State, event: str, agent_id: AgentId) -> AgentRecord | None:
    agent = state.roster.agents.get(agent_id)
    if agent is None or agent.removed:
        state.ignore(event, "unknown agent")
        return None
    return agent


def _rescind_alerting(state: State, agent: AgentRecord, channels: tuple[Channel, ...], reason: str) -> None:
    """Take back what rings, the first in line first: by the places of now, not of when it was offered."""
    ringing = [
        contact
        for contact in agent.contacts.values()
        if contact.offer is not None
        and contact.offer.state is OfferState.ALERTING
        and contact.channel in channels
    ]
    for contact in ringing:
        rank(contact, state.now_ms)
    for contact in in_order(ringing, state.now_ms):
        if contact.offer is not None:
            rescind(state, contact.offer, reason)

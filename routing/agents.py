"""What happens to an agent from outside: it comes, changes skills, goes, changes presence or reachability."""

from routing.commands import PresenceChanged
from routing.events import AgentRemoved, AgentUpserted, PresenceSet, ReachabilitySet
from routing.line import feed, pool_shrank, touch
from routing.offers import rescind
from routing.records import CHANNELS, AgentRecord
from routing.state import State
from routing.types import AgentId, Channel, OfferState, Presence


def on_upserted(state: State, event: AgentUpserted) -> None:
    """Skills and capacity hold from now on; what the agent already has goes on."""
    agent = state.roster.upsert(event.agent, event.skills, event.capacity)
    state.lines.agent_changed(agent)
    state.roster.refresh(agent)
    pool_shrank(state, agent)
    feed(state, agent)


def on_removed(state: State, event: AgentRemoved) -> None:
    """No more offers; contacts that the agent holds go on to their end."""
    agent = _present(state, "AgentRemoved", event.agent)
    if agent is None:
        return
    agent.presence, agent.code, agent.presence_since_ms = Presence.OFFLINE, "", state.now_ms
    state.roster.retire(agent)
    state.lines.agent_changed(agent)
    state.out.append(PresenceChanged(agent.agent, Presence.OFFLINE, "", "removed"))
    if agent.contacts:
        _rescind_alerting(state, agent, CHANNELS, "agent_removed")
    else:
        state.roster.forget(agent)
    pool_shrank(state, agent)


def on_presence(state: State, event: PresenceSet) -> None:
    """AVAILABLE asks for work, the others for none; going OFFLINE takes back what is still ringing."""
    agent = _present(state, "PresenceSet", event.agent)
    if agent is None:
        return
    if (agent.presence, agent.code) == (event.presence, event.code):
        state.ignore("PresenceSet", f"the agent is already {event.presence}")
        return
    was_available = agent.presence is Presence.AVAILABLE
    if event.presence is not agent.presence:
        agent.presence_since_ms = state.now_ms
    agent.presence, agent.code = event.presence, event.code
    state.out.append(PresenceChanged(agent.agent, agent.presence, agent.code, event.cause))
    if agent.presence is Presence.AVAILABLE:
        if not was_available:
            touch(state, agent)
        feed(state, agent)
        return
    state.roster.refresh(agent)
    if agent.presence is Presence.OFFLINE:
        _rescind_alerting(state, agent, CHANNELS, "agent_offline")
    if was_available:
        pool_shrank(state, agent)


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
    feed(state, agent)


def _present(state: State, event: str, agent_id: AgentId) -> AgentRecord | None:
    agent = state.roster.agents.get(agent_id)
    if agent is None or agent.removed:
        state.ignore(event, "unknown agent")
        return None
    return agent


def _rescind_alerting(state: State, agent: AgentRecord, channels: tuple[Channel, ...], reason: str) -> None:
    ringing = [
        contact.offer
        for contact in agent.contacts.values()
        if contact.offer is not None
        and contact.offer.state is OfferState.ALERTING
        and contact.channel in channels
    ]
    for offer in sorted(ringing, key=lambda offer: offer.contact.place):
        rescind(state, offer, reason)

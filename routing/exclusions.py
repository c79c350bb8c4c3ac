"""Which agents are not asked for a contact for a while, and when they may be asked again.

After a rejection, a failed delivery or a failed set-up the exclusion is hard for a sixth of the queue's
`exclusion_ms` (a second at least), so that a contact does not bounce off the same agent at once. After that
it is soft: it holds only while somebody else who is at work could take the contact, so it never strands
anybody. A missed ring, a lost connection or a transfer excludes softly from the start.
"""

from routing.demand import Demand
from routing.records import AgentRecord, ContactRecord, Exclusion
from routing.roster import Roster
from routing.state import State
from routing.timers import TimerKind

COOL_DOWN_MS_MIN = 1_000


def exclude(state: State, contact: ContactRecord, agent: AgentRecord, *, hard: bool) -> None:
    """Do not ask `agent` for `contact` for the queue's exclusion time. The contact must not be in line."""
    span_ms = max(contact.queue.spec.policy.exclusion_ms, COOL_DOWN_MS_MIN)
    cool_ms = max(span_ms // 6, COOL_DOWN_MS_MIN) if hard else 0
    contact.exclusions[agent.agent] = Exclusion(state.now_ms + cool_ms, state.now_ms + span_ms, hard)
    _arm(state, contact)


def blocked(roster: Roster, contact: ContactRecord, demand: Demand) -> int:
    """Bits of the agents who may not be asked for the contact just now."""
    hard = soft = 0
    for agent, exclusion in contact.exclusions.items():
        record = roster.agents.get(agent)
        if record is None:
            continue
        if exclusion.hard:
            hard |= 1 << record.index
        else:
            soft |= 1 << record.index
    if not soft:
        return hard
    everyone = hard | soft
    others = demand.pool & roster.staffed(demand.channel_index) & ~everyone
    return everyone if others else hard


def ripen(state: State, contact: ContactRecord) -> None:
    """Soften and drop exclusions whose time has come. The contact must not be in line."""
    live: dict[str, Exclusion] = {}
    for agent, exclusion in contact.exclusions.items():
        if exclusion.until_ms > state.now_ms:
            exclusion.hard = exclusion.hard and exclusion.cool_at_ms > state.now_ms
            live[agent] = exclusion
    for agent in [agent for agent in contact.exclusions if agent not in live]:
        del contact.exclusions[agent]
    _arm(state, contact)


def forgive(state: State, contact: ContactRecord) -> None:
    """Forget every exclusion: the contact has found its agent."""
    if contact.exclusions:
        contact.exclusions.clear()
        state.timers.cancel(TimerKind.EXCLUSION, contact)


def _arm(state: State, contact: ContactRecord) -> None:
    """Wake up when the next exclusion softens or ends."""
    turns = [e.cool_at_ms if e.hard else e.until_ms for e in contact.exclusions.values()]
    if turns:
        state.timers.arm(TimerKind.EXCLUSION, contact, min(turns))
    else:
        state.timers.cancel(TimerKind.EXCLUSION, contact)

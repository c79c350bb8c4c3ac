"""Builds the decision trace of an offer: who was chosen, who came next, who could not be chosen and why."""

from typing import Literal

from routing.commands import Candidate, DecisionTrace, Lead
from routing.demand import Demand
from routing.exclusions import blocked
from routing.limits import Status
from routing.order import standing_ms, target_ms
from routing.records import AgentRecord, ContactRecord
from routing.roster import Roster
from routing.score import parts
from routing.state import State
from routing.types import AgentId, QueueId

CANDIDATES_MAX = 3
Regime = Literal["contact_picks_agent", "agent_picks_contact"]

UNEXPLAINED = DecisionTrace(
    "contact_picks_agent", "", "", QueueId(""), 0, 0, 0, 0, 0, 0, Candidate(AgentId(""), 0, ()), None, ()
)
"""Stands in an offer of an engine that was told not to explain."""

_REASONS: dict[int, str] = {
    Status.BUSY: "busy",
    Status.INTERRUPT: "interrupt",
    Status.SLOT: "parked_slot",
    Status.RAMPING: "ramping",
    Status.UNREACHABLE: "unreachable",
    Status.PENDING: "pending",
    Status.NOT_RESPONDING: "not_responding",
    Status.AUX: "aux",
    Status.OFFLINE: "offline",
    Status.NO_CHANNEL: "channel",
}


def trace(
    state: State,
    demand: Demand,
    contact: ContactRecord,
    agent: AgentRecord,
    rivals: list[AgentRecord],
    regime: Regime,
    next_in_line: ContactRecord | None,
    overtaken: ContactRecord | None,
) -> DecisionTrace:
    """Explain asking `agent` for `contact`, before the offer changes anybody's load.

    rivals: the best of the other free agents, best first.
    """
    roster, now_ms = state.roster, state.now_ms
    known, waited_from = contact.known, contact.enqueued_at_ms
    chosen = _candidate(demand, contact, agent, known, now_ms)
    others = [_candidate(demand, contact, other, known, now_ms) for other in rivals]
    standing = lead(state, contact, overtaken)
    return DecisionTrace(
        regime,
        contact.rule_set,
        contact.rule,
        contact.queue.spec.queue,
        contact.step,
        now_ms - waited_from,
        contact.head_start_ms,
        waited_from - standing.lead_ms,
        contact.value,
        contact.loyalty,
        chosen,
        others[0] if others else None,
        hindrances(roster, demand, contact, agent),
        next_in_line.contact if next_in_line is not None else None,
        _best_first(chosen, others) if others else (chosen,),
        chosen.score - others[0].score if others else None,
        standing,
        contact.calendar,
        contact.queue.reserve_open,
    )


def lead(state: State, contact: ContactRecord, overtaken: ContactRecord | None) -> Lead:
    """Why the contact stands where it stands, and whom it is served before."""
    whose = overtaken.queue if overtaken is not None else contact.queue
    now_lead_ms, cap = standing_ms(contact, state.now_ms)
    came_later_ms = contact.enqueued_at_ms - overtaken.enqueued_at_ms if overtaken is not None else 0
    return Lead(
        now_lead_ms,
        contact.head_start_ms,
        contact.boost_ms,
        cap,
        target_ms(contact),
        came_later_ms,
        overtaken.contact if overtaken is not None else None,
        whose.bound_ms,
    )


def hindrances(
    roster: Roster, demand: Demand, contact: ContactRecord, chosen: AgentRecord | None = None
) -> tuple[tuple[str, int], ...]:
    """Agents who cannot be asked, counted by the first reason that holds, sorted by reason.

    chosen: the agent of the pool who is being asked, and so is not hindered.
    """
    statuses, pool = roster.bits[demand.channel_index], demand.pool
    chosen_is = chosen.status[demand.channel_index] if chosen is not None else -1
    counts = []
    if contact.exclusions:
        barred = pool & statuses[Status.FREE] & blocked(roster, contact, demand)
        if barred:
            counts.append(("asked_before", barred.bit_count()))
    for status, reason in _REASONS.items():
        if bits := statuses[status]:
            count = (bits & pool).bit_count() - (status == chosen_is)
            if count:
                counts.append((reason, count))
    outside = roster.headcount - demand.pool_size
    if outside:
        counts.append(("not_in_target", outside))
    counts.sort()
    return tuple(counts)


def _best_first(chosen: Candidate, others: list[Candidate]) -> tuple[Candidate, ...]:
    """All candidates by score; of equals the chosen one is first."""
    return tuple(sorted([chosen, *others], key=lambda candidate: -candidate.score))


def _candidate(
    demand: Demand, contact: ContactRecord, agent: AgentRecord, known: tuple[AgentId, ...], now_ms: int
) -> Candidate:
    summands = parts(agent, demand.target, demand.wishes, contact, agent.agent in known, now_ms)
    score = 0.0
    for part in summands:
        score += part.points
    return Candidate(agent.agent, score, summands)

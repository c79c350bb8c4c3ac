"""Builds the decision trace of an offer: who was chosen, who came next, who could not be chosen and why."""

from typing import Literal

from routing.commands import Candidate, DecisionTrace, Lead
from routing.demand import Demand
from routing.exclusions import blocked
from routing.limits import Status
from routing.match import best_agents
from routing.order import cap_ms, lead_ms, target_ms
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

_REASONS = (
    (Status.AUX, "aux"),
    (Status.BUSY, "busy"),
    (Status.NO_CHANNEL, "channel"),
    (Status.INTERRUPT, "interrupt"),
    (Status.NOT_RESPONDING, "not_responding"),
    (Status.OFFLINE, "offline"),
    (Status.SLOT, "parked_slot"),
    (Status.PENDING, "pending"),
    (Status.RAMPING, "ramping"),
    (Status.UNREACHABLE, "unreachable"),
)


def trace(
    state: State,
    demand: Demand,
    contact: ContactRecord,
    agent: AgentRecord,
    regime: Regime,
    next_in_line: ContactRecord | None,
    overtaken: ContactRecord | None,
) -> DecisionTrace:
    """Explain asking `agent` for `contact`, before the offer changes anybody's load."""
    roster, now_ms = state.roster, state.now_ms
    chosen = _candidate(demand, contact, agent, now_ms)
    others = [
        _candidate(demand, contact, other, now_ms)
        for other in best_agents(
            roster, demand, contact, now_ms, CANDIDATES_MAX - 1, without=1 << agent.index
        )
    ]
    return DecisionTrace(
        regime=regime,
        rule_set=contact.rule_set,
        rule=contact.rule,
        queue=contact.queue.spec.queue,
        step=contact.step,
        waited_ms=now_ms - contact.enqueued_at_ms,
        head_start_ms=contact.head_start_ms,
        key_ms=contact.enqueued_at_ms - lead_ms(contact, now_ms),
        value=contact.value,
        loyalty=contact.loyalty,
        chosen=chosen,
        runner_up=others[0] if others else None,
        excluded=hindrances(roster, demand, contact),
        waiting_before=next_in_line.contact if next_in_line is not None else None,
        candidates=_best_first(chosen, others),
        margin=chosen.score - others[0].score if others else None,
        lead=lead(state, contact, overtaken),
        calendar=contact.calendar,
        reserve=contact.queue.reserve_open,
    )


def lead(state: State, contact: ContactRecord, overtaken: ContactRecord | None) -> Lead:
    """Why the contact stands where it stands, and whom it is served before."""
    whose = overtaken.queue if overtaken is not None else contact.queue
    return Lead(
        lead_ms=lead_ms(contact, state.now_ms),
        head_start_ms=contact.head_start_ms,
        boost_ms=contact.boost_ms,
        cap_ms=cap_ms(contact),
        target_ms=target_ms(contact),
        overtook_ms=contact.enqueued_at_ms - overtaken.enqueued_at_ms if overtaken is not None else 0,
        overtaken=overtaken.contact if overtaken is not None else None,
        bound_ms=whose.bound_ms,
    )


def hindrances(roster: Roster, demand: Demand, contact: ContactRecord) -> tuple[tuple[str, int], ...]:
    """Agents who cannot be asked, counted by the first reason that holds, sorted by reason."""
    statuses, pool = roster.bits[demand.channel_index], demand.pool
    counts = {}
    for status, name in _REASONS:
        bits = statuses[status]
        if bits:
            counts[name] = (pool & bits).bit_count()
    counts["not_in_target"] = (roster.everyone & ~pool).bit_count()
    if contact.exclusions:
        barred = pool & statuses[Status.FREE] & blocked(roster, contact, demand)
        counts["asked_before"] = barred.bit_count()
    return tuple(sorted((name, count) for name, count in counts.items() if count))


def _best_first(chosen: Candidate, others: list[Candidate]) -> tuple[Candidate, ...]:
    """All candidates by score; of equals the chosen one is first."""
    return tuple(sorted([chosen, *others], key=lambda candidate: -candidate.score))


def _candidate(demand: Demand, contact: ContactRecord, agent: AgentRecord, now_ms: int) -> Candidate:
    known = agent.agent in contact.known_agents
    summands = parts(agent, demand.target, demand.wishes, contact, known, now_ms)
    return Candidate(agent.agent, sum(part.points for part in summands), summands)

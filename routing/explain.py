"""Builds the decision trace of an offer: who was chosen, who came next, who could not be chosen and why."""

from typing import Literal

from routing.commands import Candidate, DecisionTrace
from routing.demand import Demand
from routing.exclusions import blocked
from routing.match import best_agent
from routing.records import AgentRecord, ContactRecord
from routing.roster import Roster, Status
from routing.score import parts, skill_band
from routing.types import ContactId

_REASONS = (
    (Status.AUX, "aux"),
    (Status.BUSY, "busy"),
    (Status.NO_CHANNEL, "channel"),
    (Status.NOT_RESPONDING, "not_responding"),
    (Status.OFFLINE, "offline"),
    (Status.UNREACHABLE, "unreachable"),
)


def trace(
    roster: Roster,
    demand: Demand,
    contact: ContactRecord,
    agent: AgentRecord,
    now_ms: int,
    next_in_line: ContactId | None,
    regime: Literal["contact_picks_agent", "agent_picks_contact"],
) -> DecisionTrace:
    """Explain asking `agent` for `contact`, before the offer changes anybody's load."""
    second = best_agent(roster, demand, contact, now_ms, without=1 << agent.index)
    return DecisionTrace(
        regime=regime,
        rule_set=contact.rule_set,
        rule=contact.rule,
        queue=contact.queue,
        step=contact.step,
        waited_ms=now_ms - contact.enqueued_at_ms,
        head_start_ms=contact.head_start_ms,
        key_ms=contact.key_ms,
        value=contact.value,
        loyalty=contact.loyalty,
        chosen=_candidate(demand, contact, agent, now_ms),
        runner_up=_candidate(demand, contact, second, now_ms) if second else None,
        excluded=hindrances(roster, demand, contact),
        waiting_before=next_in_line,
    )


def _candidate(demand: Demand, contact: ContactRecord, agent: AgentRecord, now_ms: int) -> Candidate:
    band = skill_band(agent.skills, demand.needs)
    summands = parts(agent, band, contact, agent.agent in contact.known_agents, now_ms)
    return Candidate(agent.agent, sum(part.points for part in summands), summands)


def hindrances(roster: Roster, demand: Demand, contact: ContactRecord) -> tuple[tuple[str, int], ...]:
    """Agents who cannot be asked, counted by the first reason that holds, sorted by reason."""
    statuses = roster.bits[demand.channel_index]
    counts = {name: (demand.pool & statuses[status]).bit_count() for status, name in _REASONS}
    counts["not_in_target"] = (roster.everyone & ~demand.pool).bit_count()
    if contact.exclusions:
        barred = demand.pool & statuses[Status.FREE] & blocked(roster, contact, demand)
        counts["asked_before"] = barred.bit_count()
    return tuple(sorted((name, count) for name, count in counts.items() if count))

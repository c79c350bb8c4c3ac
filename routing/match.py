"""Who goes to whom: the best free agent for a contact, the best waiting contact for a freed agent.

Both choices are total orders. Agents: score, then longest idle, then id. Contacts: key (wait began minus
lead), then order of arrival. Nothing here changes anything.
"""

from routing.demand import MEMBERS_MAX, NOBODY, Demand, DemandIndex, GradePool
from routing.exclusions import blocked
from routing.limits import Status
from routing.order import normal_key
from routing.records import AgentRecord, ContactRecord
from routing.roster import NOBODY_FREE, Roster
from routing.score import IDLE_POINTS_MAX, grade_of, grade_points, total

Ranked = tuple[int, int, str, AgentRecord]
"""(minus score, idle since, id, agent): smallest is best."""


def best_agent(
    roster: Roster, demand: Demand, contact: ContactRecord, now_ms: int, without: int = 0
) -> AgentRecord | None:
    """The free agent of the demand's pool with the highest score, or None.

    without: bits of agents that do not count, on top of the contact's exclusions.
    """
    candidates = demand.pool & roster.bits[demand.channel_index][Status.FREE]
    if not candidates:
        return None
    barred = without
    if contact.exclusions:
        barred |= blocked(roster, contact, demand)
    if barred:
        candidates &= ~barred
        if not candidates:
            return None
    found = min(_contenders(roster, demand, contact, candidates, barred, now_ms), default=None)
    return found[3] if found is not None else None


def best_agents(
    roster: Roster, demand: Demand, contact: ContactRecord, now_ms: int, count: int, without: int
) -> list[AgentRecord]:
    """Up to `count` of the best free agents, best first."""
    found: list[AgentRecord] = []
    while len(found) < count:
        agent = best_agent(roster, demand, contact, now_ms, without)
        if agent is None:
            break
        found.append(agent)
        without |= 1 << agent.index
    return found


def best_contact(
    roster: Roster, lines: DemandIndex, agent: AgentRecord, mask: int, now_ms: int
) -> ContactRecord | None:
    """The waiting contact that comes first among those the agent may be asked for.

    mask: bits of the channels that count.
    """
    line, place = lines.best_line(agent, mask, now_ms)
    best = line.first() if line is not None else None
    for demand in lines.with_aside:
        if not (mask >> demand.channel_index & 1 and demand.pool >> agent.index & 1):
            continue
        for key, seq, _, contact in demand.aside:
            other = normal_key((key, seq), demand.rate, now_ms)
            if place != NOBODY and other >= place:
                break
            if not blocked(roster, contact, demand) >> agent.index & 1:
                best, place = contact, other
                break
    return best


def _contenders(
    roster: Roster, demand: Demand, contact: ContactRecord, candidates: int, barred: int, now_ms: int
) -> list[Ranked]:
    """The best of each grade, and every known agent: the overall best is among them.

    Inside a grade only load and idleness differ, so its best is the first of the free agents. A grade is left
    out when even an idle agent of it could not come up to the best one found.
    """
    contenders: list[Ranked] = []
    for agent_id in contact.known_agents:
        known = roster.agents.get(agent_id)
        if known is not None and candidates >> known.index & 1:
            grade = grade_of(known, demand.target, demand.wishes)
            contenders.append(_ranked(known, total(known, grade, contact, True, now_ms)))
    floor: int | None = None
    for pool in demand.grades:
        if floor is not None and grade_points(pool.grade, contact.value) + IDLE_POINTS_MAX < floor:
            continue
        agent = _first_free(roster, demand.channel_index, pool, candidates, barred)
        if agent is None or agent.agent in contact.known_agents:
            if agent is not None:
                agent = _first_free_but(roster, demand.channel_index, pool, candidates, contact)
            if agent is None:
                continue
        score = total(agent, pool.grade, contact, False, now_ms)
        contenders.append(_ranked(agent, score))
        if floor is None or score > floor:
            floor = score
    return contenders


def _ranked(agent: AgentRecord, score: int) -> Ranked:
    return (-score, agent.idle_since_ms, agent.agent, agent)


def _first_free(
    roster: Roster, channel_index: int, pool: GradePool, candidates: int, barred: int
) -> AgentRecord | None:
    """The least loaded, then longest idle, then first by id of the candidates of a grade."""
    members = pool.members
    if len(members) <= MEMBERS_MAX:
        keys = roster.free_keys[channel_index]
        if barred:
            members = [index for index in members if candidates >> index & 1]
            if not members:
                return None
        key = min(map(keys.__getitem__, members))
        return roster.at(key[3]) if key is not NOBODY_FREE else None
    hits = pool.bits & candidates
    return roster.at(roster.free.first(hits)) if hits else None


def _first_free_but(
    roster: Roster, channel_index: int, pool: GradePool, candidates: int, contact: ContactRecord
) -> AgentRecord | None:
    """The first free candidate of a grade apart from those who know the customer: they are contenders
    already.
    """
    known = 0
    for agent_id in contact.known_agents:
        record = roster.agents.get(agent_id)
        if record is not None:
            known |= 1 << record.index
    return _first_free(roster, channel_index, pool, candidates & ~known, known)

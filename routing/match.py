"""Who goes to whom: the best free agent for a contact, the best waiting contact for a freed agent.

Both choices are total orders. Agents: score, then longest idle, then id. Contacts: key (wait began minus head
start), then order of arrival. Nothing here changes anything.
"""

from routing.demand import Demand, DemandIndex
from routing.exclusions import blocked
from routing.records import CHANNELS, AgentRecord, ContactRecord
from routing.roster import Roster, Status
from routing.score import BANDS, IDLE_POINTS_MAX, band_points, skill_band, total


def best_agent(
    roster: Roster, demand: Demand, contact: ContactRecord, now_ms: int, without: int = 0
) -> AgentRecord | None:
    """The free agent of the demand's pool with the highest score, or None.

    without: bits of agents that do not count, on top of the contact's exclusions.
    """
    channel_index = demand.channel_index
    candidates = demand.pool & roster.bits[channel_index][Status.FREE] & ~without
    if candidates and contact.exclusions:
        candidates &= ~blocked(roster, contact, demand)
    if not candidates:
        return None
    known = contact.known_agents
    best: tuple[int, int, str] | None = None
    found: AgentRecord | None = None
    for agent in _contenders(roster, demand, contact, candidates):
        band = skill_band(agent.skills, demand.needs)
        score = total(agent, band, contact, agent.agent in known, now_ms)
        rank = (-score, agent.idle_since_ms, agent.agent)
        if best is None or rank < best:
            best, found = rank, agent
    return found


def best_contact(
    roster: Roster, lines: DemandIndex, agent: AgentRecord, channels: list[int]
) -> ContactRecord | None:
    """The waiting contact that comes first among those the agent may be asked for on these channels."""
    best: ContactRecord | None = None
    for channel_index in channels:
        line = lines.best_line(agent, channel_index)
        if line is not None and (best is None or line.head < best.place):
            best = line.first()
    bit = 1 << agent.index
    for contact in lines.aside.values():
        demand = contact.demand
        if demand is None or demand.channel_index not in channels or not demand.pool & bit:
            continue
        if (best is None or contact.place < best.place) and not blocked(roster, contact, demand) & bit:
            best = contact
    return best


def free_channels(agent: AgentRecord) -> list[int]:
    """Indexes of the channels on which the agent can take something more."""
    return [index for index in range(len(CHANNELS)) if agent.status[index] == Status.FREE]


def _contenders(roster: Roster, demand: Demand, contact: ContactRecord, candidates: int) -> list[AgentRecord]:
    """The best of each skill band, and every known agent: the overall best is among them.

    Inside a band only load and idleness differ, so its best is the first of the line of free agents. A band
    is left out when even an idle agent of it could not come up to the first one found.
    """
    contenders = []
    for agent_id in contact.known_agents:
        known = roster.agents.get(agent_id)
        if known is not None and candidates >> known.index & 1:
            contenders.append(known)
    floor = None
    for band in range(BANDS - 1, -1, -1):
        if floor is not None and band_points(band, contact.value) + IDLE_POINTS_MAX < floor:
            break
        hits = demand.bands[band] & candidates
        if hits:
            agent = _first_free(roster, demand.channel_index, hits)
            contenders.append(agent)
            score = total(agent, band, contact, False, agent.idle_since_ms)
            floor = score if floor is None else max(floor, score)
    return contenders


def _first_free(roster: Roster, channel_index: int, hits: int) -> AgentRecord:
    """The least loaded, then longest idle, then first by id of a set of free agents that is not empty."""
    if not hits & (hits - 1):
        return roster.at(hits.bit_length() - 1)
    return roster.at(roster.free[channel_index].first(hits))

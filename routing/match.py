"""Who goes to whom: the best free agent for a contact, the best waiting contact for a freed agent.

Both choices are total orders. Agents: score, then longest idle, then id. Contacts: key (wait began minus
lead), then order of arrival. Nothing here changes anything.
"""

import heapq

from routing.demand import MEMBERS_MAX, NOBODY, Demand, GradePool
from routing.exclusions import blocked
from routing.limits import Status
from routing.lines import Lines
from routing.order import normal_place
from routing.records import AgentRecord, ContactRecord
from routing.roster import Roster
from routing.score import IDLE_POINTS_MAX, grade_of, grade_points, total

_FREE = Status.FREE

Ranked = tuple[int, int, str, AgentRecord, GradePool | None]
"""(minus score, idle since, id, agent, the grade it is the first of): smallest is best."""


def best_agents(
    roster: Roster, demand: Demand, contact: ContactRecord, now_ms: int, count: int = 1, without: int = 0
) -> list[AgentRecord]:
    """Up to `count` of the free agents of the demand's pool, the highest score first.

    without: bits of agents that do not count, on top of the contact's exclusions.
    """
    candidates = demand.pool & roster.bits[demand.channel_index][_FREE]
    if not candidates:
        return []
    barred = without
    if contact.exclusions:
        barred |= blocked(roster, contact, demand)
    if barred:
        candidates &= ~barred
        if not candidates:
            return []
    search = _Search(roster, demand, contact, now_ms, candidates, _slots(barred))
    return search.best(count)


def best_contact(
    roster: Roster, lines: Lines, agent: AgentRecord, mask: int, now_ms: int
) -> ContactRecord | None:
    """The waiting contact that comes first among those the agent may be asked for.

    mask: bits of the channels that count.
    """
    line, place = lines.best_line(agent, mask, now_ms)
    best = line.first() if line is not None else None
    if not lines.with_aside or not lines.aside_pool >> agent.index & 1:
        return best
    for demand in lines.with_aside:
        if not (mask >> demand.channel_index & 1 and demand.pool >> agent.index & 1):
            continue
        for own, _, contact in demand.aside:
            other = normal_place(own, demand.rate, now_ms)
            if place != NOBODY and other >= place:
                break
            if not blocked(roster, contact, demand) >> agent.index & 1:
                best, place = contact, other
                break
    return best


class _Search:
    """One look for the best free agents of a demand.

    Inside a grade only load and idleness differ, so its best is the first of its free agents, and the best of
    all is the first of some grade or an agent who knows the customer.
    """

    __slots__ = ("barred", "candidates", "contact", "demand", "now_ms", "roster")

    def __init__(
        self,
        roster: Roster,
        demand: Demand,
        contact: ContactRecord,
        now_ms: int,
        candidates: int,
        barred: set[int],
    ) -> None:
        self.roster = roster
        self.demand = demand
        self.contact = contact
        self.now_ms = now_ms
        self.candidates = candidates
        self.barred = barred
        """Slots of agents who are not, or no longer, to be found."""

    def best(self, count: int) -> list[AgentRecord]:
        grades = self.demand.grades
        if count == 1 and len(grades) == 1 and not self.contact.known:
            agent = self._first_free(grades[0])
            return [agent] if agent is not None else []
        contenders = self._known() if self.contact.known else []
        self._first_of_grades(contenders, count)
        if count == 1:
            return [min(contenders)[3]] if contenders else []
        heapq.heapify(contenders)
        found: list[AgentRecord] = []
        while contenders and len(found) < count:
            _, _, _, agent, grade = heapq.heappop(contenders)
            found.append(agent)
            if grade is not None and len(found) < count:
                self._take(agent)
                following = self._first_free(grade)
                if following is not None:
                    heapq.heappush(contenders, self._ranked(following, grade))
        return found

    def _known(self) -> list[Ranked]:
        """Those who know the customer; they are not looked for in their grades any more."""
        found: list[Ranked] = []
        for agent_id in self.contact.known:
            agent = self.roster.agents.get(agent_id)
            if agent is not None and self.candidates >> agent.index & 1:
                grade = grade_of(agent, self.demand.target, self.demand.wishes)
                score = total(agent, grade, self.contact, True, self.now_ms)
                found.append((-score, agent.idle_since_ms, agent.agent, agent, None))
                self._take(agent)
        return found

    def _first_of_grades(self, contenders: list[Ranked], count: int) -> None:
        """Add the first of each grade that may still be among the `count` best."""
        scores: list[int] = []
        for grade in self.demand.grades:
            if len(scores) >= count:
                most = grade_points(grade.grade, self.contact.value) + IDLE_POINTS_MAX
                if most < sorted(scores, reverse=True)[count - 1]:
                    continue
            agent = self._first_free(grade)
            if agent is not None:
                ranked = self._ranked(agent, grade)
                contenders.append(ranked)
                scores.append(-ranked[0])

    def _ranked(self, agent: AgentRecord, grade: GradePool) -> Ranked:
        score = total(agent, grade.grade, self.contact, False, self.now_ms)
        return (-score, agent.idle_since_ms, agent.agent, agent, grade)

    def _take(self, agent: AgentRecord) -> None:
        self.candidates &= ~(1 << agent.index)
        self.barred.add(agent.index)

    def _first_free(self, grade: GradePool) -> AgentRecord | None:
        """The least loaded, then longest idle, then first by id of the candidates of a grade."""
        hits, roster = grade.bits & self.candidates, self.roster
        if not hits:
            return None
        if not hits & (hits - 1):
            return roster.at(hits.bit_length() - 1)
        members = grade.members
        if len(members) > MEMBERS_MAX:
            return roster.first_free(hits)
        if self.barred:
            members = [slot for slot in members if slot not in self.barred]
        return roster.at(min(map(roster.free_keys[self.demand.channel_index].__getitem__, members))[3])


def _slots(bits: int) -> set[int]:
    """Positions of the bits; there are few."""
    found = set()
    while bits:
        slot = bits.bit_length() - 1
        found.add(slot)
        bits ^= 1 << slot
    return found

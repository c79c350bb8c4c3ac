"""Lines of waiting contacts, one for each distinct demand, and who may serve which.

A demand is what a step asks for: channel, target, wishes, perhaps one named agent. A hundred thousand waiting
contacts share a few thousand demands, so a freed agent looks at the heads of the lines that it serves, not at
contacts. A contact with exclusions stands aside from the line, because its head must be good for everybody.
"""

import heapq
from bisect import bisect_left, insort
from operator import attrgetter
from typing import NamedTuple
from weakref import WeakValueDictionary

from routing.order import normal_key
from routing.records import AgentRecord, ContactRecord
from routing.score import Grade, grade_of, grade_points
from routing.target import Needs, Target, has_all, meets
from routing.types import AgentId, SkillId, SkillWish

NOBODY = (1 << 90, 0)
"""The head of an empty line: later than any contact."""
NEVER = 1 << 62
MEMBERS_MAX = 64
"""Up to so many agents of one grade are compared one by one; more are searched by blocks of bits."""

head_of = attrgetter("head")
oldest_of = attrgetter("oldest")

Entry = tuple[int, int, int, ContactRecord]
"""(key, order of arrival, stamp, contact)."""


class Signature(NamedTuple):
    """What makes two demands the same. `barred`: who has all of these is not asked (a closed reserve)."""

    channel_index: int
    target: Target
    barred: Needs | None = None
    wishes: tuple[SkillWish, ...] = ()
    rate: int = 100


class GradePool:
    """The agents of one grade who may serve a demand."""

    __slots__ = ("bits", "grade", "members", "order")

    def __init__(self, grade: Grade) -> None:
        self.grade = grade
        self.order = -grade_points(grade, 50)
        self.bits = 0
        self.members: list[int] = []
        """Their slots."""


class Demand:
    """One line: a heap with lazy deletion whose cached head is always a waiting contact, or NOBODY."""

    __slots__ = (
        "_arrivals",
        "_barred",
        "agent",
        "aside",
        "channel_index",
        "grades",
        "head",
        "heap",
        "oldest",
        "pool",
        "rate",
        "signature",
        "target",
        "waiting",
        "wishes",
    )  # fmt: skip

    def __init__(self, signature: Signature, agent: AgentId | None) -> None:
        self.signature = signature
        self.channel_index, self.target, self._barred, self.wishes, self.rate = signature
        self.agent = agent
        self.pool = 0
        """Bits of the agents who may serve it, by skill and name alone."""
        self.grades: list[GradePool] = []
        """The same agents by grade, best first."""
        self.heap: list[Entry] = []
        self.head: tuple[int, int] = NOBODY
        self.waiting = 0
        self.aside: list[Entry] = []
        """Those with exclusions, in order of their places."""
        self.oldest = NEVER
        """When the longest-waiting one of the line came; NEVER while the line is empty."""
        self._arrivals: list[tuple[int, int, ContactRecord]] = []

    def admit(self, agent: AgentRecord) -> None:
        """Put the agent into the pool if it qualifies, else out of it."""
        bit = 1 << agent.index
        if self.pool & bit:
            self.pool ^= bit
            for grade in self.grades:
                if grade.bits & bit:
                    grade.bits ^= bit
                    grade.members.remove(agent.index)
            self.grades = [grade for grade in self.grades if grade.bits]
        if not agent.removed and self.agent in (None, agent.agent) and self.suits(agent.skills):
            self.pool |= bit
            grade = self._grade(grade_of(agent, self.target, self.wishes))
            grade.bits |= bit
            grade.members.append(agent.index)

    def suits(self, skills: dict[SkillId, int]) -> bool:
        """Whether the skills qualify."""
        return meets(skills, self.target) and not (self._barred is not None and has_all(skills, self._barred))

    def first(self) -> ContactRecord:
        """The contact at the head of a line that is not empty."""
        return self.heap[0][3]

    def longest(self) -> ContactRecord:
        """The contact that came first, of a line that is not empty."""
        return self._arrivals[0][2]

    def contacts(self) -> list[ContactRecord]:
        """Everyone in the line, in order of their places."""
        live = [entry for entry in self.heap if entry[3].stamp == entry[2]]
        return [entry[3] for entry in sorted(live, key=lambda entry: entry[:2])]

    def push(self, contact: ContactRecord, stamp: int) -> None:
        contact.stamp = stamp
        place = (contact.key, contact.seq)
        heapq.heappush(self.heap, (contact.key, contact.seq, stamp, contact))
        heapq.heappush(self._arrivals, (contact.enqueued_at_ms, stamp, contact))
        self.waiting += 1
        if place < self.head:
            self.head = place
        if contact.enqueued_at_ms < self.oldest:
            self.oldest = contact.enqueued_at_ms

    def remove(self, contact: ContactRecord) -> None:
        contact.stamp = 0
        self.waiting -= 1
        heap, arrivals = self.heap, self._arrivals
        if (contact.key, contact.seq) == self.head:
            while heap and heap[0][3].stamp != heap[0][2]:
                heapq.heappop(heap)
            self.head = heap[0][:2] if heap else NOBODY
        if contact.enqueued_at_ms == self.oldest:
            while arrivals and arrivals[0][2].stamp != arrivals[0][1]:
                heapq.heappop(arrivals)
            self.oldest = arrivals[0][0] if arrivals else NEVER
        most = 2 * self.waiting + 16
        if len(heap) > most:
            self.heap = [entry for entry in heap if entry[3].stamp == entry[2]]
            heapq.heapify(self.heap)
        if len(arrivals) > most:
            self._arrivals = [entry for entry in arrivals if entry[2].stamp == entry[1]]
            heapq.heapify(self._arrivals)

    def stand_aside(self, contact: ContactRecord, stamp: int) -> None:
        contact.stamp = stamp
        insort(self.aside, (contact.key, contact.seq, stamp, contact))

    def return_from_aside(self, contact: ContactRecord) -> None:
        at = bisect_left(self.aside, (contact.key, contact.seq, contact.stamp, contact))
        del self.aside[at]
        contact.stamp = 0

    def _grade(self, grade: Grade) -> GradePool:
        for pool in self.grades:
            if pool.grade == grade:
                return pool
        pool = GradePool(grade)
        insort(self.grades, pool, key=attrgetter("order"))
        return pool


class Profile:
    """A distinct set of skills, with the demands that it serves, learned as demands come up."""

    __slots__ = ("__weakref__", "_aged", "_common", "_epoch", "_known", "_seen", "_served", "skills")

    def __init__(self, skills: dict[SkillId, int]) -> None:
        self.skills = skills
        self._start_over(0)

    def _start_over(self, epoch: int) -> None:
        """Forget what was learned: the demands of an earlier epoch are gone."""
        self._epoch = epoch
        self._known: dict[SkillId | None, int] = {}
        """How many demands of each first skill have been looked at."""
        self._seen = -1
        """How many demands there were at the last look."""
        self._served: dict[Demand, None] = {}
        self._common: dict[int, list[Demand]] = {}
        self._aged: dict[int, list[Demand]] = {}

    def served(self, index: "DemandIndex", mask: int, slot: int) -> tuple[list[Demand], list[Demand]]:
        """Demands on the channels of `mask` that these skills may serve: (of the common rate, others).

        slot: that of any agent with these skills; the pools tell whether it belongs to them.
        """
        if self._seen != index.opened or self._epoch != index.epoch:
            self._learn(index, slot)
        common = self._common.get(mask)
        if common is None:
            found = [demand for demand in self._served if mask >> demand.channel_index & 1]
            common = self._common[mask] = [demand for demand in found if demand.rate == 100]
            self._aged[mask] = [demand for demand in found if demand.rate != 100]
        return common, self._aged[mask]

    def _learn(self, index: "DemandIndex", slot: int) -> None:
        if self._epoch != index.epoch:
            self._start_over(index.epoch)
        self._seen = index.opened
        for skill in (None, *self.skills):
            demands = index.by_skill.get(skill, ())
            for demand in demands[self._known.get(skill, 0) :]:
                if demand.pool >> slot & 1:
                    self._served[demand] = None
            self._known[skill] = len(demands)
        self._common.clear()
        self._aged.clear()


class Profiles:
    """Interns skill sets; one that no agent has any more is forgotten."""

    def __init__(self) -> None:
        self._profiles: WeakValueDictionary[tuple[tuple[SkillId, int], ...], Profile] = WeakValueDictionary()

    def of(self, skills: dict[SkillId, int]) -> Profile:
        key = tuple(sorted(skills.items()))
        profile = self._profiles.get(key)
        if profile is None:
            profile = self._profiles[key] = Profile(skills)
        return profile


class DemandIndex:
    """All demands that are or were waited for since the last `prune`."""

    def __init__(self) -> None:
        self.epoch = 1
        self.opened = 0
        """How many open demands there are."""
        self.by_skill: dict[SkillId | None, list[Demand]] = {}
        """Open demands by the first skill of each alternative."""
        self.with_aside: dict[Demand, None] = {}
        """Demands some of whose contacts stand aside."""
        self._aside_pool: int | None = 0
        self._stamp = 0
        self._open: dict[Signature, Demand] = {}
        self._named: dict[AgentId, dict[Signature, Demand]] = {}
        self._holders: dict[SkillId, dict[AgentId, AgentRecord]] = {}
        self._agents: dict[AgentId, AgentRecord] = {}

    @property
    def aside_pool(self) -> int:
        """Bits of the agents who may serve a demand some of whose contacts stand aside."""
        if self._aside_pool is None:
            self._aside_pool = 0
            for demand in self.with_aside:
                self._aside_pool |= demand.pool
        return self._aside_pool

    def open(self, signature: Signature) -> Demand:
        """The demand that anyone with the skills may serve."""
        demand = self._open.get(signature)
        if demand is None:
            demand = Demand(signature, None)
            for agent in self._likely(signature.target):
                demand.admit(agent)
            self._list(signature, demand)
        return demand

    def named(self, signature: Signature, agent: AgentRecord) -> Demand:
        """The demand that only this agent may serve."""
        demands = self._named.setdefault(agent.agent, {})
        demand = demands.get(signature)
        if demand is None:
            demand = demands[signature] = Demand(signature, agent.agent)
            demand.admit(agent)
        return demand

    def join(self, contact: ContactRecord, demand: Demand) -> None:
        """Put the contact in line, or aside when it has exclusions."""
        contact.demand = demand
        self._stamp += 1
        if contact.exclusions:
            demand.stand_aside(contact, self._stamp)
            self.with_aside[demand] = None
            self._aside_pool = None
        else:
            demand.push(contact, self._stamp)

    def leave(self, contact: ContactRecord) -> None:
        """Take the contact out of line. It must be in one."""
        demand = contact.demand
        assert demand is not None, "only who is in line leaves it"
        contact.demand = None
        if contact.exclusions:
            demand.return_from_aside(contact)
            if not demand.aside:
                del self.with_aside[demand]
                self._aside_pool = None
        else:
            demand.remove(contact)
        if demand.agent is not None and not demand.waiting and not demand.aside:
            self._drop_named(demand, demand.agent)

    def prune(self) -> None:
        """Forget the demands that nobody waits for: other rules are in force."""
        live = {
            signature: demand for signature, demand in self._open.items() if demand.waiting or demand.aside
        }
        self.epoch += 1
        self.opened = 0
        self._open.clear()
        self.by_skill.clear()
        for signature, demand in live.items():
            self._list(signature, demand)

    def agent_changed(self, agent: AgentRecord) -> None:
        """An agent is new, has other skills, or was removed: correct every pool."""
        self._aside_pool = None
        before = self._agents.pop(agent.agent, None)
        if before is not None:
            for holders in self._holders.values():
                holders.pop(agent.agent, None)
        if not agent.removed:
            self._agents[agent.agent] = agent
            for skill in agent.skills:
                self._holders.setdefault(skill, {})[agent.agent] = agent
        for demand in self._open.values():
            demand.admit(agent)
        for demand in self._named.get(agent.agent, {}).values():
            demand.admit(agent)

    def best_line(self, agent: AgentRecord, mask: int, now_ms: int) -> tuple[Demand | None, tuple[int, int]]:
        """The line whose head comes first among those that the agent serves, and that place.

        The place is as one of the common rate. mask: bits of the channels that count.
        """
        common, aged = agent.profile.served(self, mask, agent.index)
        best: Demand | None = None
        place = NOBODY
        if common:
            best = min(common, key=head_of)
            place = best.head
        for demand in aged:
            if demand.head != NOBODY:
                other = normal_key(demand.head, demand.rate, now_ms)
                if other < place:
                    best, place = demand, other
        if agent.agent in self._named:
            for demand in self._named[agent.agent].values():
                if demand.head != NOBODY and demand.pool and mask >> demand.channel_index & 1:
                    other = normal_key(demand.head, demand.rate, now_ms)
                    if other < place:
                        best, place = demand, other
        return (None, NOBODY) if place == NOBODY else (best, place)

    def longest_waiting(self, agent: AgentRecord, mask: int) -> ContactRecord | None:
        """Who came first of all that the agent serves on the channels of `mask`, apart from those aside."""
        common, aged = agent.profile.served(self, mask, agent.index)
        lines = [min(lines, key=oldest_of) for lines in (common, aged) if lines]
        if not lines:
            return None
        line = min(lines, key=oldest_of)
        return line.longest() if line.oldest != NEVER else None

    def waiting_for(self, agent: AgentId) -> list[ContactRecord]:
        """Contacts in a line for this agent by name, in order of arrival."""
        lines = self._named.get(agent, {}).values()
        found = [contact for line in lines for contact in (*line.contacts(), *(e[3] for e in line.aside))]
        return sorted(found, key=attrgetter("seq"))

    def aside_of(self, agent: AgentRecord) -> list[ContactRecord]:
        """Contacts that stand aside in lines that the agent may serve, in order of arrival."""
        bit = 1 << agent.index
        found = [e[3] for line in self.with_aside if line.pool & bit for e in line.aside]
        return sorted(found, key=attrgetter("seq"))

    def _list(self, signature: Signature, demand: Demand) -> None:
        self._open[signature] = demand
        for first in dict.fromkeys(needs[0][0] if needs else None for needs in signature.target):
            self.by_skill.setdefault(first, []).append(demand)
        self.opened += 1

    def _likely(self, target: Target) -> list[AgentRecord]:
        """Agents who hold the rarest of the needed skills of one of the alternatives."""
        found: dict[AgentId, AgentRecord] = {}
        for needs in target:
            if not needs:
                return list(self._agents.values())
            rarest = min((skill for skill, _ in needs), key=lambda skill: len(self._holders.get(skill, ())))
            found |= self._holders.get(rarest, {})
        return list(found.values())

    def _drop_named(self, demand: Demand, agent: AgentId) -> None:
        demands = self._named.get(agent, {})
        if demands.get(demand.signature) is demand:
            del demands[demand.signature]
            if not demands:
                del self._named[agent]

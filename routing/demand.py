"""One line of waiting contacts: who waits in it, and which agents may serve it.

A demand is what a step asks for: channel, target, wishes, perhaps one named agent. A hundred thousand waiting
contacts share a few thousand demands, so a freed agent looks at the heads of the lines that it serves, not at
contacts. A contact with exclusions stands aside from the line, because its head must be good for everybody.
"""

import heapq
from bisect import bisect_left, insort
from operator import attrgetter
from typing import NamedTuple

from routing.order import place_of
from routing.records import AgentRecord, ContactRecord
from routing.score import Grade, grade_of, grade_points
from routing.target import Needs, Target, has_all, meets
from routing.types import AgentId, SkillId, SkillWish

NOBODY = 1 << 200
"""The head of an empty line: later than any contact."""
NEVER = NOBODY
"""Likewise when the longest-waiting one of an empty line came."""
MEMBERS_MAX = 256
"""Up to so many agents of one grade are compared one by one; more are searched by blocks of bits."""

Entry = tuple[int, int, ContactRecord]
"""(place, stamp, contact)."""


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
        "_heads",
        "_oldests",
        "agent",
        "aside",
        "channel_index",
        "grades",
        "head",
        "heap",
        "number",
        "oldest",
        "pool",
        "pool_size",
        "rate",
        "signature",
        "target",
        "waiting",
        "wishes",
    )  # fmt: skip

    def __init__(
        self, signature: Signature, agent: AgentId | None, heads: list[int], oldests: list[int]
    ) -> None:
        """heads, oldests: where both are kept as well, at `number`, beside those of other lines."""
        self.number = 0
        self._heads, self._oldests = heads, oldests
        self.signature = signature
        self.channel_index, self.target, self._barred, self.wishes, self.rate = signature
        self.agent = agent
        self.pool = 0
        """Bits of the agents who may serve it, by skill and name alone."""
        self.pool_size = 0
        """How many they are."""
        self.grades: list[GradePool] = []
        """The same agents by grade, best first."""
        self.heap: list[Entry] = []
        self.head = NOBODY
        self.waiting = 0
        self.aside: list[Entry] = []
        """Those with exclusions, in order of their places."""
        self.oldest = NEVER
        """When its longest-waiting one came, with the order of arrival; NEVER while the line is empty."""
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
            self.pool_size -= 1
        if not agent.removed and self.agent in (None, agent.agent) and self.suits(agent.skills):
            self.pool |= bit
            self.pool_size += 1
            grade = self._grade(grade_of(agent, self.target, self.wishes))
            grade.bits |= bit
            grade.members.append(agent.index)

    def suits(self, skills: dict[SkillId, int]) -> bool:
        """Whether the skills qualify."""
        return meets(skills, self.target) and not (self._barred is not None and has_all(skills, self._barred))

    def first(self) -> ContactRecord:
        """The contact at the head of a line that is not empty."""
        return self.heap[0][2]

    def longest(self) -> ContactRecord:
        """The contact that came first, of a line that is not empty."""
        return self._arrivals[0][2]

    def contacts(self) -> list[ContactRecord]:
        """Everyone in the line, in order of their places."""
        return [contact for _, stamp, contact in sorted(self.heap) if contact.stamp == stamp]

    def push(self, contact: ContactRecord, stamp: int) -> None:
        contact.stamp = stamp
        place = contact.place
        heapq.heappush(self.heap, (place, stamp, contact))
        arrival = place_of(contact.enqueued_at_ms, contact.seq)
        heapq.heappush(self._arrivals, (arrival, stamp, contact))
        self.waiting += 1
        if place < self.head:
            self.head = self._heads[self.number] = place
        if arrival < self.oldest:
            self.oldest = self._oldests[self.number] = arrival

    def remove(self, contact: ContactRecord) -> None:
        contact.stamp = 0
        self.waiting -= 1
        heap, arrivals = self.heap, self._arrivals
        if contact.place == self.head:
            self.head = self._heads[self.number] = _next(heap)
        if place_of(contact.enqueued_at_ms, contact.seq) == self.oldest:
            self.oldest = self._oldests[self.number] = _next(arrivals)
        most = 2 * self.waiting + 16
        if len(heap) > most:
            self.heap = [entry for entry in heap if entry[2].stamp == entry[1]]
            heapq.heapify(self.heap)
        if len(arrivals) > most:
            self._arrivals = [entry for entry in arrivals if entry[2].stamp == entry[1]]
            heapq.heapify(self._arrivals)

    def stand_aside(self, contact: ContactRecord, stamp: int) -> None:
        contact.stamp = stamp
        insort(self.aside, (contact.place, stamp, contact))

    def return_from_aside(self, contact: ContactRecord) -> None:
        at = bisect_left(self.aside, (contact.place, contact.stamp, contact))
        del self.aside[at]
        contact.stamp = 0

    def _grade(self, grade: Grade) -> GradePool:
        for pool in self.grades:
            if pool.grade == grade:
                return pool
        pool = GradePool(grade)
        insort(self.grades, pool, key=attrgetter("order"))
        return pool


def _next(heap: list[Entry]) -> int:
    """The place of the next one who still waits, after the one at the top has gone; NOBODY without one."""
    heapq.heappop(heap)
    while heap:
        place, stamp, contact = heap[0]
        if contact.stamp == stamp:
            return place
        heapq.heappop(heap)
    return NOBODY

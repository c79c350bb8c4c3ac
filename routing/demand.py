"""Lines of waiting contacts, one for each distinct demand, and who may serve which.

A demand is what a step asks for: channel, skills with least levels, perhaps one named agent. A hundred
thousand waiting contacts share a few thousand demands, so a freed agent looks at the heads of the lines that
it serves, not at contacts. A contact with exclusions stands aside from the line, because its head must be
good for everybody.
"""

import heapq
from operator import attrgetter
from weakref import WeakValueDictionary

from routing.records import CHANNELS, AgentRecord, ContactRecord
from routing.score import BANDS, Needs, meets, skill_band
from routing.types import AgentId, ContactId, SkillId

NOBODY = (1 << 62, 0)
"""The head of an empty line: later than any contact."""

_head = attrgetter("head")


class Demand:
    """One line: a heap with lazy deletion whose cached head is always a waiting contact, or NOBODY."""

    __slots__ = ("agent", "aside", "bands", "channel_index", "head", "heap", "needs", "pool", "waiting")

    def __init__(self, channel_index: int, needs: Needs, agent: AgentId | None) -> None:
        self.channel_index = channel_index
        self.needs = needs
        self.agent = agent
        self.pool = 0
        """Bits of the agents who may serve it, by skill and name alone."""
        self.bands = [0] * BANDS
        """The same bits by skill band, lowest first."""
        self.heap: list[tuple[int, int, int, ContactRecord]] = []
        self.head: tuple[int, int] = NOBODY
        self.waiting = 0
        self.aside = 0

    def admit(self, agent: AgentRecord) -> None:
        """Put the agent into the pool if it qualifies, else out of it."""
        bit = 1 << agent.index
        if self.pool & bit:
            self.pool ^= bit
            self.bands = [band & ~bit for band in self.bands]
        named = self.agent is None or self.agent == agent.agent
        if named and not agent.removed and meets(agent.skills, self.needs):
            self.pool |= bit
            self.bands[skill_band(agent.skills, self.needs)] |= bit

    def first(self) -> ContactRecord:
        """The contact at the head of a line that is not empty."""
        return self.heap[0][3]

    def contacts(self) -> list[ContactRecord]:
        """Everyone in the line, in order of their places."""
        live = [entry for entry in self.heap if entry[3].stamp == entry[2]]
        return [entry[3] for entry in sorted(live, key=lambda entry: entry[:2])]

    def push(self, contact: ContactRecord, stamp: int) -> None:
        contact.stamp = stamp
        place = contact.place
        heapq.heappush(self.heap, (*place, stamp, contact))
        self.waiting += 1
        if place < self.head:
            self.head = place

    def remove(self, contact: ContactRecord) -> None:
        contact.stamp = 0
        self.waiting -= 1
        if contact.place == self.head:
            self._drop_dead_heads()
        if len(self.heap) > 2 * self.waiting + 16:
            self.heap = [entry for entry in self.heap if entry[3].stamp == entry[2]]
            heapq.heapify(self.heap)

    def _drop_dead_heads(self) -> None:
        heap = self.heap
        while heap and heap[0][3].stamp != heap[0][2]:
            heapq.heappop(heap)
        self.head = heap[0][:2] if heap else NOBODY


class Profile:
    """A distinct set of skills, with the demands that it serves, learned as demands come up."""

    __slots__ = ("__weakref__", "epoch", "known", "seen", "served", "skills")

    def __init__(self, skills: dict[SkillId, int]) -> None:
        self.skills = skills
        self.start_over(0)

    def start_over(self, epoch: int) -> None:
        """Forget what was learned: the demands of an earlier epoch are gone."""
        self.epoch = epoch
        self.known: list[dict[SkillId | None, int]] = [{} for _ in CHANNELS]
        """How many demands of each first skill have been looked at."""
        self.seen = [0] * len(CHANNELS)
        """How many demands there were at the last look."""
        self.served: list[list[Demand]] = [[] for _ in CHANNELS]


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
    """All demands that are or were waited for since the last `clear`."""

    def __init__(self) -> None:
        self.aside: dict[ContactId, ContactRecord] = {}
        """Waiting contacts with live exclusions; few, so they are looked at one by one."""
        self._epoch = 1
        self._stamp = 0
        self._open: dict[tuple[int, Needs], Demand] = {}
        self._by_skill: list[dict[SkillId | None, list[Demand]]] = [{} for _ in CHANNELS]
        """Open demands by the first skill that they need."""
        self._counts = [0] * len(CHANNELS)
        self._named: dict[AgentId, dict[tuple[int, Needs], Demand]] = {}
        self._holders: dict[SkillId, dict[AgentId, AgentRecord]] = {}
        self._agents: dict[AgentId, AgentRecord] = {}

    def open(self, channel_index: int, needs: Needs) -> Demand:
        """The demand that anyone with the skills may serve."""
        demand = self._open.get((channel_index, needs))
        if demand is None:
            demand = Demand(channel_index, needs, None)
            for agent in self._likely(needs):
                demand.admit(agent)
            self._open[channel_index, needs] = demand
            first = needs[0][0] if needs else None
            self._by_skill[channel_index].setdefault(first, []).append(demand)
            self._counts[channel_index] += 1
        return demand

    def named(self, channel_index: int, needs: Needs, agent: AgentRecord) -> Demand:
        """The demand that only this agent may serve."""
        demands = self._named.setdefault(agent.agent, {})
        demand = demands.get((channel_index, needs))
        if demand is None:
            demand = demands[channel_index, needs] = Demand(channel_index, needs, agent.agent)
            demand.admit(agent)
        return demand

    def join(self, contact: ContactRecord, demand: Demand) -> None:
        """Put the contact in line, or aside when it has exclusions."""
        contact.demand = demand
        if contact.exclusions:
            demand.aside += 1
            self.aside[contact.contact] = contact
            return
        self._stamp += 1
        demand.push(contact, self._stamp)

    def leave(self, contact: ContactRecord) -> None:
        """Take the contact out of line; a no-op when it is in none."""
        demand = contact.demand
        if demand is None:
            return
        contact.demand = None
        if contact.stamp:
            demand.remove(contact)
        else:
            demand.aside -= 1
            del self.aside[contact.contact]
        if demand.agent is not None and not demand.waiting and not demand.aside:
            self._drop_named(demand, demand.agent)

    def agent_changed(self, agent: AgentRecord) -> None:
        """An agent is new, has other skills, or was removed: correct every pool."""
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

    def served_by(self, agent: AgentRecord, channel_index: int) -> list[Demand]:
        """Demands on the channel that anyone with the agent's skills may serve."""
        profile = agent.profile
        if profile.epoch != self._epoch:
            profile.start_over(self._epoch)
        served = profile.served[channel_index]
        if profile.seen[channel_index] != self._counts[channel_index]:
            profile.seen[channel_index] = self._counts[channel_index]
            known = profile.known[channel_index]
            for skill in (None, *profile.skills):
                demands = self._by_skill[channel_index].get(skill, [])
                served += [d for d in demands[known.get(skill, 0) :] if meets(profile.skills, d.needs)]
                known[skill] = len(demands)
        return served

    def best_line(self, agent: AgentRecord, channel_index: int) -> Demand | None:
        """The line whose head comes first among those that the agent serves on the channel."""
        served = self.served_by(agent, channel_index)
        best = min(served, key=_head) if served else None
        for demand in self._named.get(agent.agent, {}).values():
            if (
                demand.channel_index == channel_index
                and demand.pool
                and (not best or demand.head < best.head)
            ):
                best = demand
        return best if best is not None and best.head != NOBODY else None

    def waiting_for(self, agent: AgentId) -> list[ContactRecord]:
        """Contacts in a line for this agent by name, in order of their places."""
        found = [contact for d in self._named.get(agent, {}).values() for contact in d.contacts()]
        return sorted(found, key=attrgetter("place"))

    def clear(self) -> None:
        """Forget every demand. All contacts must have left first."""
        self._epoch += 1
        self._open.clear()
        self._by_skill = [{} for _ in CHANNELS]
        self._counts = [0] * len(CHANNELS)
        self._named.clear()

    def _likely(self, needs: Needs) -> list[AgentRecord]:
        """Agents who hold the rarest of the needed skills."""
        if not needs:
            return list(self._agents.values())
        rarest = min((self._holders.get(skill, {}) for skill, _ in needs), key=len)
        return list(rarest.values())

    def _drop_named(self, demand: Demand, agent: AgentId) -> None:
        demands = self._named.get(agent, {})
        if demands.get((demand.channel_index, demand.needs)) is demand:
            del demands[demand.channel_index, demand.needs]
            if not demands:
                del self._named[agent]

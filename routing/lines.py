"""All lines: which demand a contact waits for, which line a freed agent looks at, who is first of all."""

import heapq
from operator import attrgetter

from routing.demand import NEVER, NOBODY, Demand, Signature
from routing.order import normal_place
from routing.records import AgentRecord, ContactRecord
from routing.target import Target
from routing.types import AgentId, SkillId


class Lines:
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
        self.heads: list[int] = []
        """The heads of the open demands by number, side by side: a freed agent compares some of them."""
        self.oldests: list[int] = []
        """Likewise when the longest-waiting one of each came."""
        self._numbered: list[Demand] = []
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
            demand = Demand(signature, None, self.heads, self.oldests)
            for agent in self._likely(signature.target):
                demand.admit(agent)
            self._list(signature, demand)
        return demand

    def since(self, opened: int) -> list[Demand]:
        """The open demands that have come up since there were `opened` of them."""
        return self._numbered[opened:]

    def named(self, signature: Signature, agent: AgentRecord) -> Demand:
        """The demand that only this agent may serve."""
        demand = self._named.get(agent.agent, {}).get(signature)
        if demand is None:
            demand = Demand(signature, agent.agent, [NOBODY], [NEVER])
            demand.admit(agent)
        return demand

    def join(self, contact: ContactRecord, demand: Demand) -> None:
        """Put the contact in line, or aside when it has exclusions."""
        contact.demand = demand
        if demand.agent is not None:
            # Only a line in which somebody waits is kept for one agent.
            self._named.setdefault(demand.agent, {})[demand.signature] = demand
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
        self.heads.clear()
        self.oldests.clear()
        self._numbered.clear()
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

    def best_line(self, agent: AgentRecord, mask: int, now_ms: int) -> tuple[Demand | None, int]:
        """The line whose head comes first among those that the agent serves, and that place.

        The place is as one of the common rate. mask: bits of the channels that count.
        """
        served = agent.profile.served(self, mask, agent.index)
        place, number = served.first(self.heads)
        best = self._numbered[number] if place != NOBODY else None
        for demand in served.aged:
            if demand.head != NOBODY:
                other = normal_place(demand.head, demand.rate, now_ms)
                if other < place:
                    best, place = demand, other
        if agent.agent in self._named:
            for demand in self._named[agent.agent].values():
                if demand.head != NOBODY and demand.pool and mask >> demand.channel_index & 1:
                    other = normal_place(demand.head, demand.rate, now_ms)
                    if other < place:
                        best, place = demand, other
        return best, place

    def longest_waiting(self, agent: AgentRecord, mask: int) -> ContactRecord | None:
        """Who came first of all that the agent serves on the channels of `mask`, apart from those aside."""
        served = agent.profile.served(self, mask, agent.index)
        oldest, number = served.first(self.oldests)
        line = self._numbered[number] if oldest != NEVER else None
        for demand in served.aged:
            if demand.oldest < oldest:
                oldest, line = demand.oldest, demand
        return line.longest() if line is not None else None

    def first(self, count: int, now_ms: int) -> list[ContactRecord]:
        """The first `count` of all who wait, in order. Looks at every line, but only at so many contacts.

        A heap is a tree whose children come after their parents, so the first ones are found from the roots
        on; of those aside, who are in order, the next one follows.
        """
        ends: list[tuple[int, int, Demand, bool, int]] = []
        lines = [*self._open.values(), *(d for named in self._named.values() for d in named.values())]
        for number, line in enumerate(lines):
            for aside, entries in ((False, line.heap), (True, line.aside)):
                if entries:
                    place = normal_place(entries[0][0], line.rate, now_ms)
                    heapq.heappush(ends, (place, 2 * number + aside, line, aside, 0))
        found: list[ContactRecord] = []
        while ends and len(found) < count:
            _, number, line, aside, at = heapq.heappop(ends)
            entries = line.aside if aside else line.heap
            if entries[at][2].stamp == entries[at][1]:
                found.append(entries[at][2])
            for following in (at + 1,) if aside else (2 * at + 1, 2 * at + 2):
                if following < len(entries):
                    place = normal_place(entries[following][0], line.rate, now_ms)
                    heapq.heappush(ends, (place, number, line, aside, following))
        return found

    def waiting_for(self, agent: AgentId) -> list[ContactRecord]:
        """Contacts in a line for this agent by name, in order of arrival."""
        lines = self._named.get(agent, {}).values()
        found = [contact for line in lines for contact in (*line.contacts(), *(e[2] for e in line.aside))]
        return sorted(found, key=attrgetter("seq"))

    def aside_of(self, agent: AgentRecord) -> list[ContactRecord]:
        """Contacts that stand aside in lines that the agent may serve, in order of arrival."""
        bit = 1 << agent.index
        found = [e[2] for line in self.with_aside if line.pool & bit for e in line.aside]
        return sorted(found, key=attrgetter("seq"))

    def _list(self, signature: Signature, demand: Demand) -> None:
        demand.number = len(self._numbered)
        self._numbered.append(demand)
        self.heads.append(demand.head)
        self.oldests.append(demand.oldest)
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

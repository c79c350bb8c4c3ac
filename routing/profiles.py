"""Distinct sets of skills, and the demands that each serves.

Agents of equal skills share a profile. It learns its demands as they come up, so a freed agent need not ask
every line whether it may serve it.
"""

from operator import itemgetter
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from routing.demand import NOBODY, Demand
from routing.types import SkillId

if TYPE_CHECKING:
    from routing.lines import Lines


class Served:
    """The demands that some skills serve on some channels.

    `numbers` are of those of the common rate, whose heads stand side by side with those of all lines.
    """

    __slots__ = ("_pick", "aged", "numbers")

    def __init__(self, demands: list[Demand]) -> None:
        common = [demand.number for demand in demands if demand.rate == 100]
        self.numbers = (*common, *common[:1])
        """The first is there twice, because of one alone `_pick` would make no tuple."""
        self._pick = itemgetter(*self.numbers) if common else None
        self.aged = [demand for demand in demands if demand.rate != 100]
        """Those of other rates."""

    def first(self, marks: list[int]) -> tuple[int, int]:
        """(the least mark, the number of its demand) of those of the common rate; NOBODY without any.

        marks: one for each line, by number.
        """
        if self._pick is None:
            return NOBODY, -1
        own = self._pick(marks)
        least = min(own)
        return least, self.numbers[own.index(least)]


class Profile:
    """A distinct set of skills, with the demands that it serves, learned as demands come up."""

    __slots__ = ("__weakref__", "_by_mask", "_epoch", "_known", "_seen", "_served", "skills")

    def __init__(self, skills: dict[SkillId, int]) -> None:
        self.skills = skills
        self._start_over(0)

    def _start_over(self, epoch: int) -> None:
        """Forget what was learned: the demands of an earlier epoch are gone."""
        self._epoch = epoch
        self._known: dict[SkillId | None, int] = {}
        """How many demands of each first skill have been looked at."""
        self._seen = 0
        """How many demands there were at the last look."""
        self._served: dict[Demand, None] = {}
        self._by_mask: dict[int, Served] = {}

    def served(self, index: "Lines", mask: int, slot: int) -> "Served":
        """Demands on the channels of `mask` that these skills may serve.

        slot: that of any agent with these skills; the pools tell whether it belongs to them.
        """
        if self._seen != index.opened or self._epoch != index.epoch:
            self._learn(index, slot)
        served = self._by_mask.get(mask)
        if served is None:
            found = [demand for demand in self._served if mask >> demand.channel_index & 1]
            served = self._by_mask[mask] = Served(found)
        return served

    def _learn(self, index: "Lines", slot: int) -> None:
        if self._epoch != index.epoch:
            self._start_over(index.epoch)
        served = len(self._served)
        for demand in self._unknown(index):
            if demand.pool >> slot & 1:
                self._served[demand] = None
        self._seen = index.opened
        if len(self._served) > served:
            self._by_mask.clear()

    def _unknown(self, index: "Lines") -> list[Demand]:
        """Demands that have come up since the last look: all of them while they are few, else those whose
        first skill is among these skills.
        """
        if index.opened - self._seen <= len(self.skills):
            return index.since(self._seen)
        found: list[Demand] = []
        for skill in (None, *self.skills):
            demands = index.by_skill.get(skill, [])
            found += demands[self._known.get(skill, 0) :]
            self._known[skill] = len(demands)
        return found


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

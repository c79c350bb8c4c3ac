"""A rule set while it is read: who reports mistakes, which names it defines, and where its queues lead."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from routing.rules.facts import Slots
from routing.rules.problems import Reader, pointer, shown
from routing.types import QueueId, SkillId

DAY_S = 86_400
MONTH_S = 30 * DAY_S

Kind = Literal["skill", "queue", "calendar"]


class Lead(NamedTuple):
    """Queue `source` may pass a contact on to queue `to`; it says so at pointer `at`."""

    source: QueueId
    to: QueueId
    at: str


@dataclass(slots=True)
class Draft:
    """Names are known from the start, so that whatever is read may name what comes later in the body."""

    reader: Reader
    skills: dict[str, str] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)
    calendars: dict[str, str] = field(default_factory=dict)
    leads: list[Lead] = field(default_factory=list)
    slots: Slots = field(default_factory=Slots)

    def skill(self, value: object, at: str) -> SkillId | None:
        name = self._named("skill", self.skills, value, at)
        return None if name is None else SkillId(name)

    def queue(self, value: object, at: str) -> QueueId | None:
        name = self._named("queue", self.queues, value, at)
        return None if name is None else QueueId(name)

    def calendar(self, value: object, at: str) -> str | None:
        return self._named("calendar", self.calendars, value, at)

    def onward(
        self, source: QueueId | None, entry: Any, key: str, at: str, *, wanted: bool
    ) -> QueueId | None:
        """The queue that `entry[key]` leads to from `source`; it must be there if `wanted`, else not."""
        place = pointer(at, key)
        if not wanted:
            if entry.get(key) is not None:
                self.reader.report(place, "This is only for overflow: nothing leads there.")
            return None
        to = self.queue(entry.get(key), place)
        if to is not None and to == source:
            self.reader.report(place, f"The queue {to} cannot pass contacts on to itself.")
            return None
        if to is not None and source is not None:
            self.leads.append(Lead(source, to, place))
        return to

    def _named(self, what: Kind, known: dict[str, str], value: object, at: str) -> str | None:
        if isinstance(value, str) and value in known:
            return value
        self.reader.report(at, f"There is no {what} called {shown(value)}.")
        return None

"""A described day: who comes when, how long it takes, how long they wait, and who works. Values only.

`scenario_reading.py` makes one from JSON. Spans are in ms, instants of the day in ms since its midnight; the
clocks of the day are those of the company.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from routing.simulate.spread import Spread
from routing.types import AgentSkill, Capacity, Channel, SkillId

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Interval:
    """From `from_ms` to `to_ms` contacts come at random, `per_hour` on average."""

    from_ms: int
    to_ms: int
    per_hour: float


@dataclass(frozen=True, slots=True)
class Worth:
    """How much customers are worth. `pareto` with `alpha` 1.16: a fifth of them brings four fifths.

    The value is the percentile of the worth; under `uniform` (from `low` to `high`) the worth is the value.
    """

    kind: Literal["uniform", "pareto"]
    low: int = 50
    high: int = 50
    alpha: float = 1.16

    def draw(self, u: float) -> tuple[int, int]:
        """(value 0-100, worth in cents or points)."""
        if self.kind == "uniform":
            value = self.low + int(u * (self.high - self.low + 1))
            return value, value
        return int(u * 101), int(100 * (1 - u) ** (-1 / self.alpha))


@dataclass(frozen=True, slots=True)
class Customers:
    """A part of those who come: `share` of the stream's contacts (all shares together: 1)."""

    share: float
    facts: Mapping[str, object]
    tier: str | None
    """None: by the bands of the scenario."""
    worth: Worth
    loyalty: Worth


@dataclass(frozen=True, slots=True)
class Pace:
    """Handle times are multiplied by `at_1` at level 1 of `skill`, `at_100` at level 100, evenly between."""

    skill: SkillId
    at_1: float
    at_100: float

    def factor(self, level: int) -> float:
        return self.at_1 + (self.at_100 - self.at_1) * (max(level, 1) - 1) / 99


@dataclass(frozen=True, slots=True)
class Stream:
    """Contacts of one kind. `patience` None: nobody leaves. `wrap_up` None: the queue's whole time."""

    stream: str
    channel: Channel
    facts: Mapping[str, object]
    arrivals: tuple[Interval, ...]
    customers: tuple[Customers, ...]
    handle: Spread
    pace: Pace | None
    patience: Spread | None
    wrap_up: Spread | None


@dataclass(frozen=True, slots=True)
class Habit:
    """How agents answer offers. `accept` None: at once. `reject` and `miss`: shares of the offers."""

    accept: Spread | None = None
    reject: float = 0.0
    miss: float = 0.0
    back_after_ms: int = 60_000
    """How long until one who missed an offer says that they are there."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Agent n of the group has `each` neighbouring skills of the ring `skills`, beginning with the n-th."""

    skills: tuple[SkillId, ...]
    each: int
    level: int


@dataclass(frozen=True, slots=True)
class Group:
    """Agents who are alike. `shifts` are (from, to) in ms of the day."""

    group: str
    count: int
    skills: tuple[AgentSkill, ...]
    capacity: Capacity
    tier: int
    chain: Chain | None
    shifts: tuple[tuple[int, int], ...]
    habit: Habit

    def skills_of(self, number: int) -> tuple[AgentSkill, ...]:
        """What the agent of this number (from 0) can do."""
        chain = self.chain
        if chain is None:
            return self.skills
        ring = len(chain.skills)
        return (
            *self.skills,
            *(AgentSkill(chain.skills[(number + step) % ring], chain.level) for step in range(chain.each)),
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """The whole day. `tiers`: (least value, tier), highest first. Who comes before `count_from_ms` of the day
    is served, but not counted: until then the day warms up.
    """

    name: str
    starts_at_ms: int
    """Midnight of the date in epoch ms, as if the company's clocks showed UTC."""
    count_from_ms: int
    tiers: tuple[tuple[int, str], ...]
    streams: tuple[Stream, ...]
    groups: tuple[Group, ...]

    def tier_of(self, value: int) -> str:
        """The band that a value falls in; "" below all of them."""
        for least, tier in self.tiers:
            if value >= least:
                return tier
        return ""

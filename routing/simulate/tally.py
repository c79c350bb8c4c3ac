"""What one run is counted into: whole numbers only, so that days add up and equal runs are equal.

Spans are in ms. A contact counts in its first queue, under its customer's tier.
"""

from dataclasses import dataclass, field, fields

SHORT_MS = 5_000
"""Who leaves within it was often a wrong number: part of the abandoned, and shown apart."""
LOW_VALUE = 50
"""Below it is the low half of the customers."""


@dataclass(slots=True)
class Row:
    """One queue and tier. T is the service-level target."""

    queue: str
    tier: str
    target_ms: int
    bound_ms: int | None
    """The most that anybody here may be overtaken by; None: no bound."""
    offered: int = 0
    answered: int = 0
    answered_in: int = 0
    """Within T."""
    abandoned: int = 0
    abandoned_in: int = 0
    short: int = 0
    turned_away: int = 0
    """The queue was full, or the plan ended in a voicemail."""
    wait_ms: int = 0
    """Of the answered."""
    excess_ms: int = 0
    """Of the answered: what they waited beyond T."""
    handle_ms: int = 0
    """From connected to wrapped up."""
    worth: int = 0
    worth_in: int = 0
    """Of those answered within T."""
    worth_lost: int = 0
    """Of those who left or were turned away."""
    overtake_ms: int = 0
    """The largest that one of these suffered: by how much another, who was served before, came later."""
    low_wait_ms: int = 0
    """The longest wait of an answered customer of the low half."""
    waits_ms: list[int] = field(default_factory=list)
    """Of the answered, each."""

    def add(self, other: "Row") -> None:
        """Take the counts of another row in; the greatest of what is a greatest."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.overtake_ms = max(self.overtake_ms, other.overtake_ms)
        self.low_wait_ms = max(self.low_wait_ms, other.low_wait_ms)
        self.waits_ms.extend(other.waits_ms)


_NO_SUMS = ("queue", "tier", "target_ms", "bound_ms", "overtake_ms", "low_wait_ms", "waits_ms")
_SUMS = tuple(part.name for part in fields(Row) if part.name not in _NO_SUMS)


@dataclass(slots=True)
class Pool:
    """Agents who are alike. `idle_low` and `idle_high`: the least and the greatest share of idle time in an
    agent's time at work, in millionths, among those who were there at all.
    """

    pool: str
    agents: int = 0
    busy_ms: int = 0
    idle_ms: int = 0
    idle_low: int = 0
    idle_high: int = 0


@dataclass(slots=True)
class Tally:
    """One run. `events` is how many the engine was told; `overtakes` what it says of the largest overtake of
    each queue, over all tiers and whoever the overtaker was.
    """

    seed: int
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    overtakes: dict[str, int] = field(default_factory=dict)
    events: int = 0

    def total(self, queue: str | None = None, tier: str | None = None) -> Row:
        """The rows of a queue, of a tier, of both or (None, None) all of them, added up."""
        found = [row for row in self.rows.values() if queue in (None, row.queue) and tier in (None, row.tier)]
        bounds = [row.bound_ms for row in found if row.bound_ms is not None]
        bound_ms = max(bounds, default=0) if len(bounds) == len(found) else None
        sum_ = Row(queue or "", tier or "", max((row.target_ms for row in found), default=0), bound_ms)
        for row in found:
            sum_.add(row)
        if tier is None:
            told = [ms for own, ms in self.overtakes.items() if queue in (None, own)]
            sum_.overtake_ms = max(sum_.overtake_ms, *told, 0)
        return sum_

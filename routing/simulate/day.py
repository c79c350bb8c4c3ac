"""A day as the simulator plays it: who comes, drawn lazily and alike under every rule set, and who works.

A described day becomes one by `described`, a recorded one by `recorded.py`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log1p
from random import Random

from msgspec import Struct

from routing.events import AgentUpserted, Event, PresenceSet, ReachabilitySet
from routing.simulate.scenario import DAY_MS, Group, Habit, Pace, Scenario, Stream
from routing.types import AgentId, Channel, ContactId, Presence

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What many visits have in common. `index` is unique in the day."""

    index: int
    channel: Channel
    facts: Mapping[str, object]
    """All that rules may ask for, but the customer's tier, value and loyalty and the time."""
    pace: Pace | None = None


class Visit(Struct, eq=False):
    """One contact before anything has happened to it: the same whatever the rules are.

    `patience_ms` None: never leaves. `wrap_up_ms` None: the queue's whole time. `fate` and `delay` in [0, 1)
    decide how the first agent who is asked answers.
    """

    contact: ContactId
    at_ms: int
    kind: Kind
    tier: str
    value: int
    loyalty: int
    worth: int
    handle_ms: int
    patience_ms: int | None
    wrap_up_ms: int | None
    fate: float
    delay: float
    last_agent: AgentId | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """`staff`: events about agents, in order of time. `pools`: by agent, those who are alike. `zone_ms`: what
    the company's clocks are ahead of UTC. `visits(seed)`: streams of visits, each in order of arrival.
    """

    name: str
    starts_at_ms: int
    count_from_ms: int
    zone_ms: int
    staff: Sequence[Event]
    habits: Mapping[AgentId, Habit]
    pools: Mapping[AgentId, str]
    visits: Callable[[int], list[Iterator[Visit]]]


def described(scenario: Scenario, zone_ms: int = 0) -> Day:
    """The day of a scenario. zone_ms: what the company's clocks are ahead of UTC on that day."""
    midnight_ms = scenario.starts_at_ms - zone_ms
    staff: list[Event] = []
    habits: dict[AgentId, Habit] = {}
    pools: dict[AgentId, str] = {}
    for group in scenario.groups:
        for number in range(group.count):
            agent = AgentId(f"{group.group}-{number + 1}")
            staff += _shifts(agent, group, number, midnight_ms)
            habits[agent] = group.habit
            pools[agent] = group.group
    staff.sort(key=lambda event: event.at_ms)

    def visits(seed: int) -> list[Iterator[Visit]]:
        first = list(accumulate((len(stream.customers) for stream in scenario.streams), initial=0))
        return [
            _come(scenario, stream, midnight_ms, seed, number, first[number])
            for number, stream in enumerate(scenario.streams)
        ]

    count_from_ms = midnight_ms + scenario.count_from_ms
    return Day(scenario.name, midnight_ms, count_from_ms, zone_ms, staff, habits, pools, visits)


def _shifts(agent: AgentId, group: Group, number: int, midnight_ms: int) -> Iterator[Event]:
    channels = tuple(channel for channel, most in group.capacity.caps if most)
    yield AgentUpserted(midnight_ms, agent, group.skills_of(number), group.capacity, group.tier)
    yield ReachabilitySet(midnight_ms, agent, channels)
    for start_ms, end_ms in group.shifts:
        yield PresenceSet(midnight_ms + start_ms, agent, Presence.AVAILABLE)
        yield PresenceSet(midnight_ms + end_ms, agent, Presence.OFFLINE, "", "shift_over")


def _come(
    scenario: Scenario, stream: Stream, midnight_ms: int, seed: int, number: int, first_kind: int
) -> Iterator[Visit]:
    """The stream's contacts by its arrival curve: a Poisson process whose rate is that of each interval.

    Nine numbers are drawn for each contact, whatever it turns out to need, so the n-th contact of a stream is
    the same under every rule set, staffing and distribution of the others.
    """
    random = Random(f"{seed}/{stream.stream}").random
    shares = list(accumulate(part.share for part in stream.customers))[:-1]
    kinds = [
        Kind(first_kind + index, stream.channel, {**stream.facts, **part.facts}, stream.pace)
        for index, part in enumerate(stream.customers)
    ]
    for count, at_ms in enumerate(_arrivals(stream, midnight_ms, random), 1):
        mix, worth_u, loyalty_u = random(), random(), random()
        handle, patience, wrap_up = random(), random(), random()
        fate, delay = random(), random()
        index = bisect_right(shares, mix)
        part = stream.customers[index]
        value, worth = part.worth.draw(worth_u)
        yield Visit(
            ContactId(f"{number}-{count}"),
            at_ms,
            kinds[index],
            scenario.tier_of(value) if part.tier is None else part.tier,
            value,
            part.loyalty.draw(loyalty_u)[0],
            worth,
            stream.handle(handle),
            None if stream.patience is None else stream.patience(patience),
            None if stream.wrap_up is None else stream.wrap_up(wrap_up),
            fate,
            delay,
        )


def _arrivals(stream: Stream, midnight_ms: int, random: Callable[[], float]) -> Iterator[int]:
    """Instants of arrival. One number each: the next unit of expected arrivals, laid along the curve."""
    intervals = iter(stream.arrivals)
    interval = next(intervals, None)
    now_ms = float(interval.from_ms) if interval else 0.0
    while interval is not None:
        ahead = -log1p(-random())
        while interval is not None:
            rest = (interval.to_ms - now_ms) * interval.per_hour / HOUR_MS
            if ahead < rest:
                now_ms += ahead * HOUR_MS / interval.per_hour
                yield midnight_ms + int(now_ms)
                break
            ahead -= rest
            interval = next(intervals, None)
            now_ms = float(interval.from_ms) if interval else now_ms


def weekday(at_ms: int) -> int:
    """0 Monday to 6 Sunday of an instant of the company's clock."""
    return (at_ms // DAY_MS + 3) % 7


def hour(at_ms: int) -> int:
    """0-23."""
    return at_ms // HOUR_MS % 24

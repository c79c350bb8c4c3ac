"""A real day as the simulator plays it: who came, as it was, and what is known of their patience.

Known of the day are the arrivals, the facts about them, the handle times of those who were answered and the
patience of those who left. Unknown, and drawn anew for each seed: how long those who were answered would have
waited on (from the day's own Kaplan-Meier curve, given that they had waited so long already), and how long it
would have taken to serve those who left (one of the day's handle times on that channel). Agents are there
when they were there, and answer offers as fast and as often as on the day.

Left out: contacts that came before the day and were still waiting, transfers (the whole time counts as one
handle time), and callbacks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from routing.events import AgentUpserted, Event
from routing.simulate.day import Day, Kind, Visit
from routing.simulate.scenario import Habit
from routing.simulate.spread import Patience, observed
from routing.types import AgentId, Channel, ContactId

LEAVERS_MIN = 20
"""Fewer abandonments on a channel say nothing of it alone: then the whole day's patience is used."""


@dataclass(frozen=True, slots=True)
class Met:
    """One contact of the day. `waited_ms`: until it was answered or left, or as long as it was watched.

    facts: without channel, tier, value, loyalty and time. `handle_ms` None: not known to have been served.
    `wrap_up_ms` None: the queue's whole time.
    """

    contact: ContactId
    at_ms: int
    channel: Channel
    facts: Mapping[str, object]
    tier: str
    value: int
    loyalty: int
    worth: int
    waited_ms: int
    left: bool
    handle_ms: int | None
    wrap_up_ms: int | None
    last_agent: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """How the day's offers went: what each accepted one took, and how many were rejected and missed."""

    accepted_ms: tuple[int, ...] = ()
    rejected: int = 0
    missed: int = 0

    def habit(self) -> Habit:
        """The same for every agent; at once where no offer was ever accepted, for then nothing is known."""
        if not self.accepted_ms:
            return Habit()
        count = len(self.accepted_ms) + self.rejected + self.missed
        return Habit(observed(self.accepted_ms), self.rejected / count, self.missed / count)


@dataclass(frozen=True, slots=True)
class Recording:
    """What a hub has kept of a day. `staff`: events about agents in order of time, what was so before the day
    told at its beginning. `zone_ms`: what the company's clocks are ahead of UTC.
    """

    name: str
    starts_at_ms: int
    zone_ms: int
    staff: tuple[Event, ...]
    met: tuple[Met, ...]
    answering: Answering


def recorded(recording: Recording) -> Day:
    """The day of a recording."""
    staff, habit = recording.staff, recording.answering.habit()
    pools: dict[AgentId, str] = {}
    for event in staff:
        if isinstance(event, AgentUpserted):
            pools[event.agent] = "+".join(sorted(skill.skill for skill in event.skills)) or "no skills"
    came = sorted(recording.met, key=lambda one: (one.at_ms, one.contact))
    kinds: dict[int, Kind] = {}
    seen: dict[tuple[Channel, tuple[tuple[str, object], ...]], Kind] = {}
    for index, one in enumerate(came):
        alike = (one.channel, tuple(sorted(one.facts.items())))
        kinds[index] = seen.setdefault(alike, Kind(len(seen), one.channel, one.facts))
    unknown = _Unknown(came)

    def visits(seed: int) -> list[Iterator[Visit]]:
        return [_come(came, kinds, unknown, seed)] if came else []

    habits = dict.fromkeys(pools, habit)
    starts_at_ms = recording.starts_at_ms
    return Day(recording.name, starts_at_ms, starts_at_ms, recording.zone_ms, staff, habits, pools, visits)


class _Unknown:
    """What the day says about what it does not say."""

    def __init__(self, came: Sequence[Met]) -> None:
        self._everywhere = Patience([(one.waited_ms, one.left) for one in came])
        self._patience: dict[Channel, Patience] = {}
        self._handles: dict[Channel, list[int]] = {}
        for channel in Channel:
            own = [one for one in came if one.channel is channel]
            if sum(one.left for one in own) >= LEAVERS_MIN:
                self._patience[channel] = Patience([(one.waited_ms, one.left) for one in own])
            self._handles[channel] = [one.handle_ms for one in own if one.handle_ms is not None]
        self._all_handles = [one.handle_ms for one in came if one.handle_ms is not None]

    def patience_ms(self, one: Met, u: float) -> int | None:
        """Known of who left; of the others it was longer than the wait."""
        if one.left:
            return one.waited_ms
        return self._patience.get(one.channel, self._everywhere).after(one.waited_ms, u)

    def handle_ms(self, one: Met, u: float) -> int:
        """Known of who was answered."""
        if one.handle_ms is not None:
            return one.handle_ms
        handles = self._handles[one.channel] or self._all_handles
        return handles[int(u * len(handles))] if handles else 0


def _come(came: Sequence[Met], kinds: Mapping[int, Kind], unknown: _Unknown, seed: int) -> Iterator[Visit]:
    random = Random(f"{seed}/recorded").random
    for index, one in enumerate(came):
        patience, handle, fate, delay = random(), random(), random(), random()
        yield Visit(
            one.contact,
            one.at_ms,
            kinds[index],
            one.tier,
            one.value,
            one.loyalty,
            one.worth,
            unknown.handle_ms(one, handle),
            unknown.patience_ms(one, patience),
            one.wrap_up_ms,
            fate,
            delay,
            one.last_agent,
        )

"""What an agent can still take: capacity, caps, interrupt matrix and return slots, worked out once each.

Agents of one capacity share one `Limits`, which remembers the answer for each load that occurs: an agent's
load is counted anew at each change, never kept as a running sum, so capacity cannot leak.
"""

from enum import IntEnum
from typing import NamedTuple

from routing.records import CHANNEL_INDEX, CHANNELS
from routing.types import Capacity, Channel

Counts = tuple[int, ...]
"""Contacts per channel."""


class Status(IntEnum):
    """Whether an agent can be offered something on one channel, and if not, why."""

    FREE = 0
    BUSY = 1
    INTERRUPT = 2
    """Holds something that does not go together with this channel."""
    SLOT = 3
    """The last place is kept for a parked contact."""
    RAMPING = 4
    """Just came back, and is given work slowly."""
    UNREACHABLE = 5
    PENDING = 6
    """Goes away after the present work."""
    NOT_RESPONDING = 7
    AUX = 8
    OFFLINE = 9
    NO_CHANNEL = 10


STAFFED = (Status.FREE, Status.BUSY, Status.INTERRUPT, Status.SLOT, Status.RAMPING)
"""At work and reachable, whether or not there is room just now."""


def default_weight(channel: Channel, units: int) -> int:
    """A call takes the whole agent, anything else one unit."""
    return units if channel is Channel.VOICE else 1


class Room(NamedTuple):
    """What follows from a load, for an agent who is at work."""

    statuses: tuple[int, ...]
    """Per channel FREE, or what is in the way."""
    free_mask: int
    """Bits of the channels that are FREE."""
    load_tenths: int
    """Share of the fuller pool that is in use, 0-10, rounded up."""


class Limits:
    """One capacity, with the room that each load leaves."""

    def __init__(self, capacity: Capacity) -> None:
        caps, weights = dict(capacity.caps), dict(capacity.weights)
        self.units = max(capacity.units, 0)
        self.second = max(capacity.interruptible_units, 0)
        self.return_slots = max(capacity.return_slots, 0)
        lies = [self.second > 0 and channel in capacity.interruptible for channel in CHANNELS]
        self.lies = lies
        """Per channel whether it draws on the second pool."""
        pools = [self.second if lie else self.units for lie in lies]
        self.weights = [
            max(weights.get(channel, default_weight(channel, pool)), 0)
            for channel, pool in zip(CHANNELS, pools, strict=True)
        ]
        # What weighs more than the whole agent never fits: as good as a channel without a cap.
        self.caps = [
            max(caps.get(channel, 0), 0) if 0 < pool >= weight else 0
            for channel, pool, weight in zip(CHANNELS, pools, self.weights, strict=True)
        ]
        blocked: list[set[int]] = [set() for _ in CHANNELS]
        for held, incoming in capacity.blocks:
            blocked[CHANNEL_INDEX[incoming]].add(CHANNEL_INDEX[held])
        self.blockers = [tuple(sorted(held)) for held in blocked]
        """Per incoming channel the channels that keep it away while something of them is held."""
        self._rooms: dict[tuple[Counts, Counts, tuple[Channel, ...]], Room] = {}

    def room(self, counts: Counts, parked: Counts, reachable: tuple[Channel, ...]) -> Room:
        """What an agent has room for who is at work, holds `counts` and is reachable on these channels."""
        key = (counts, parked, reachable)
        found = self._rooms.get(key)
        if found is None:
            statuses = [self._status(index, counts, parked) for index in range(len(CHANNELS))]
            for index, status in enumerate(statuses):
                if status != Status.NO_CHANNEL and CHANNELS[index] not in reachable:
                    statuses[index] = Status.UNREACHABLE
            mask = sum(1 << index for index, status in enumerate(statuses) if status == Status.FREE)
            found = self._rooms[key] = Room(tuple(statuses), mask, self._load_tenths(counts))
        return found

    def takes_back(self, index: int, counts: Counts) -> bool:
        """Whether a parked contact may come back: there is room, and slots kept for it count as room."""
        return self._status(index, counts, (0,) * len(CHANNELS)) == Status.FREE

    def _status(self, index: int, counts: Counts, parked: Counts) -> int:
        cap = self.caps[index]
        if cap <= 0:
            return Status.NO_CHANNEL
        weight, lie = self.weights[index], self.lies[index]
        units = self.second if lie else self.units
        used = self._used(counts, lie)
        if counts[index] >= cap or used + weight > units:
            return Status.BUSY
        if any(counts[held] for held in self.blockers[index]):
            return Status.INTERRUPT
        kept = min(self.return_slots, parked[index])
        if kept and counts[index] + kept >= cap:
            return Status.SLOT
        # Units must be there for the returning ones of every channel of the pool, too.
        back = sum(
            min(self.return_slots, parked[other]) * self.weights[other]
            for other in range(len(CHANNELS))
            if self.lies[other] == lie
        )
        return Status.SLOT if back and used + weight + back > units else Status.FREE

    def _load_tenths(self, counts: Counts) -> int:
        return max(
            min(-(-10 * self._used(counts, lie) // units), 10) if units > 0 else 0 if lie else 10
            for lie, units in ((False, self.units), (True, self.second))
        )

    def _used(self, counts: Counts, lie: bool) -> int:
        return sum(
            count * weight
            for count, weight, lies in zip(counts, self.weights, self.lies, strict=True)
            if lies == lie
        )

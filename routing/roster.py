"""Who could be asked right now: every agent's status per channel, as bit sets and as lines of free agents.

An agent's load is counted from the contacts that it holds, never kept as a running sum, so capacity cannot
leak. The bit of an agent is its `index`; a pool of agents is one int.
"""

from enum import IntEnum

from routing.demand import Profiles
from routing.freeline import FreeLine
from routing.records import CHANNEL_INDEX, CHANNELS, AgentRecord, FreeKey
from routing.types import AgentId, AgentSkill, Capacity, Channel, Presence

NO_STATUS = -1


class Status(IntEnum):
    """Whether an agent can be offered something on one channel, and if not, why."""

    FREE = 0
    BUSY = 1
    UNREACHABLE = 2
    NOT_RESPONDING = 3
    AUX = 4
    OFFLINE = 5
    NO_CHANNEL = 6


_UNAVAILABLE = {
    Presence.OFFLINE: Status.OFFLINE,
    Presence.AUX: Status.AUX,
    Presence.RONA: Status.NOT_RESPONDING,
}


def default_weight(channel: Channel, units: int) -> int:
    """A call takes the whole agent, anything else one unit."""
    return units if channel is Channel.VOICE else 1


class Roster:
    """All agents, and for each channel who is free in order of load, idleness and id."""

    def __init__(self) -> None:
        self.agents: dict[AgentId, AgentRecord] = {}
        self.slots: list[AgentRecord | None] = []
        self.everyone = 0
        """Bits of all agents that have not been removed."""
        self.bits: list[list[int]] = [[0] * len(Status) for _ in CHANNELS]
        self.free = [FreeLine() for _ in CHANNELS]
        self._profiles = Profiles()
        self._vacant: list[int] = []

    def upsert(self, agent: AgentId, skills: tuple[AgentSkill, ...], capacity: Capacity) -> AgentRecord:
        """Add the agent or change its skills and capacity; a running one keeps presence and load."""
        levels = {skill.skill: min(max(skill.level, 0), 100) for skill in skills}
        record = self.agents.get(agent)
        if record is None:
            record = AgentRecord(agent, self._take_slot(), levels, capacity, self._profiles.of(levels))
            record.status = [NO_STATUS] * len(CHANNELS)
            record.free_keys = [None] * len(CHANNELS)
            self.slots[record.index] = record
            self.agents[agent] = record
        record.skills = levels
        record.profile = self._profiles.of(levels)
        record.capacity = capacity
        caps, weights = dict(capacity.caps), dict(capacity.weights)
        record.weights = [
            max(weights.get(channel, default_weight(channel, capacity.units)), 0) for channel in CHANNELS
        ]
        # What weighs more than the whole agent never fits: as good as a channel without a cap.
        fits = [0 < capacity.units >= weight for weight in record.weights]
        record.caps = [
            caps.get(channel, 0) if fit else 0 for channel, fit in zip(CHANNELS, fits, strict=True)
        ]
        record.removed = False
        self.everyone |= 1 << record.index
        return record

    def retire(self, record: AgentRecord) -> None:
        """Take the agent out of every pool; it stays known while it still holds contacts."""
        record.removed = True
        self.everyone &= ~(1 << record.index)
        self.refresh(record)

    def forget(self, record: AgentRecord) -> None:
        """Drop a retired agent that holds nothing any more."""
        del self.agents[record.agent]
        self.slots[record.index] = None
        self._vacant.append(record.index)

    def refresh(self, record: AgentRecord) -> None:
        """Bring statuses and free lines up to date with presence, reachability and the contacts held."""
        counts = [0] * len(CHANNELS)
        for contact in record.contacts.values():
            counts[CHANNEL_INDEX[contact.channel]] += 1
        units = record.capacity.units
        used = sum(count * weight for count, weight in zip(counts, record.weights, strict=True))
        record.load_tenths = min(-(-10 * used // units), 10) if units > 0 else 10
        for index in range(len(CHANNELS)):
            status = self._status(record, index, counts[index], used)
            free_key = (
                (record.load_tenths, record.idle_since_ms, record.agent, record.index)
                if status == Status.FREE
                else None
            )
            self._set_status(record, index, status)
            self._set_free_key(record, index, free_key)

    def staffed(self, channel_index: int) -> int:
        """Bits of those at work and reachable on the channel, whether free or busy."""
        statuses = self.bits[channel_index]
        return statuses[Status.FREE] | statuses[Status.BUSY]

    def at(self, index: int) -> AgentRecord:
        """The agent behind a bit."""
        record = self.slots[index]
        assert record is not None, "a pool names a slot that nobody holds"
        return record

    def _status(self, record: AgentRecord, index: int, count: int, used: int) -> int:
        if record.removed:
            return NO_STATUS
        if record.caps[index] <= 0:
            return Status.NO_CHANNEL
        if record.presence is not Presence.AVAILABLE:
            return _UNAVAILABLE[record.presence]
        if CHANNELS[index] not in record.reachable:
            return Status.UNREACHABLE
        if count >= record.caps[index] or used + record.weights[index] > record.capacity.units:
            return Status.BUSY
        return Status.FREE

    def _set_status(self, record: AgentRecord, index: int, status: int) -> None:
        before = record.status[index]
        if before == status:
            return
        bit = 1 << record.index
        if before != NO_STATUS:
            self.bits[index][before] ^= bit
        if status != NO_STATUS:
            self.bits[index][status] |= bit
        record.status[index] = status

    def _set_free_key(self, record: AgentRecord, index: int, free_key: FreeKey | None) -> None:
        before = record.free_keys[index]
        if before == free_key:
            return
        line = self.free[index]
        if before is not None:
            line.remove(before)
        if free_key is not None:
            line.add(free_key)
        record.free_keys[index] = free_key

    def _take_slot(self) -> int:
        if self._vacant:
            return self._vacant.pop()
        self.slots.append(None)
        return len(self.slots) - 1

"""Who could be asked right now: every agent's status per channel, as bit sets, and the line of free agents.

The bit of an agent is its `index`; a pool of agents is one int. An agent's load is counted from the contacts
that it holds (`limits.py`).
"""

from itertools import zip_longest

from routing.freeline import FreeLine
from routing.limits import STAFFED, Limits, Status
from routing.profiles import Profiles
from routing.records import CHANNELS, AgentRecord, ContactRecord, FreeKey
from routing.types import AgentId, AgentSkill, Capacity, ContactId, Presence, SkillId

_AVAILABLE = Presence.AVAILABLE
NOBODY_FREE: FreeKey = (99, 0, AgentId(""), -1)
"""Comes after every free agent."""
QUARTER_MS = 90 * 86_400_000

_AWAY = {
    Presence.OFFLINE: Status.OFFLINE,
    Presence.AUX: Status.AUX,
    Presence.RONA: Status.NOT_RESPONDING,
}
_CHANNELS_OF = [
    tuple(index for index in range(len(CHANNELS)) if mask >> index & 1) for mask in range(1 << len(CHANNELS))
]
"""By bits of channels, which ones they are."""
_NOTHING = (0,) * len(CHANNELS)
_ONE = tuple(tuple(int(index == one) for index in range(len(CHANNELS))) for one in range(len(CHANNELS)))
"""The counts of an agent who holds one contact, by its channel."""


def level_now(skill: AgentSkill, now_ms: int) -> int:
    """The level after decay, whole, 0-100."""
    level = min(max(skill.level, 0), 100)
    if skill.as_of_ms is None or skill.decay_per_quarter <= 0:
        return level
    lost = skill.decay_per_quarter * max(now_ms - skill.as_of_ms, 0) // QUARTER_MS
    return max(min(skill.floor, level), level - lost, 0)


def next_decay_ms(skill: AgentSkill, now_ms: int) -> int | None:
    """When the level goes down next; None: never again."""
    if (
        skill.as_of_ms is None
        or skill.decay_per_quarter <= 0
        or level_now(skill, now_ms) <= max(skill.floor, 0)
    ):
        return None
    lost = skill.decay_per_quarter * max(now_ms - skill.as_of_ms, 0) // QUARTER_MS
    return skill.as_of_ms - (-(lost + 1) * QUARTER_MS // skill.decay_per_quarter)


class Roster:
    """All agents, and for each channel who is free in order of load, idleness and id."""

    def __init__(self) -> None:
        self.agents: dict[AgentId, AgentRecord] = {}
        self.slots: list[AgentRecord | None] = []
        self.everyone = 0
        """Bits of all agents that have not been removed."""
        self.headcount = 0
        """How many they are."""
        self.bits: list[list[int]] = [[0] * len(Status) for _ in CHANNELS]
        self.free_keys: list[list[FreeKey]] = [[] for _ in CHANNELS]
        """Per channel and slot the agent's place among the free ones, NOBODY_FREE while not free."""
        self._free: FreeLine | None = None
        """Agents who are free on some channel, in order; kept from the first search that needs it."""
        self._turns: dict[tuple[tuple[int, ...], tuple[int, ...]], list[tuple[list[int], int]]] = {}
        """By statuses before and after, where the agent's bit changes."""
        self._profiles = Profiles()
        self._limits: dict[Capacity, Limits] = {}
        self._vacant: list[int] = []

    def upsert(
        self, agent: AgentId, skills: tuple[AgentSkill, ...], capacity: Capacity, tier: int, now_ms: int
    ) -> AgentRecord:
        """Add the agent or change its skills and capacity; a running one keeps presence and load."""
        limits = self._limits.get(capacity)
        if limits is None:
            limits = self._limits[capacity] = Limits(capacity)
        levels = {skill.skill: level_now(skill, now_ms) for skill in skills}
        profile = self._profiles.of(levels)
        record = self.agents.get(agent)
        if record is None:
            record = AgentRecord(agent, self._take_slot(), skills, levels, capacity, limits, profile)
            self.slots[record.index] = record
            self.agents[agent] = record
        record.stated, record.skills, record.profile = skills, levels, profile
        record.capacity, record.limits = capacity, limits
        record.tier = min(max(tier, 1), 9)
        record.removed = False
        self.everyone |= 1 << record.index
        self.headcount = self.everyone.bit_count()
        return record

    def decay(self, record: AgentRecord, now_ms: int) -> bool:
        """Bring the levels up to date; whether any has changed."""
        levels = {skill.skill: level_now(skill, now_ms) for skill in record.stated}
        if levels == record.skills:
            return False
        self.set_levels(record, levels)
        return True

    def set_levels(self, record: AgentRecord, levels: dict[SkillId, int]) -> None:
        """The agent's levels are these."""
        record.skills, record.profile = levels, self._profiles.of(levels)

    def retire(self, record: AgentRecord) -> None:
        """Take the agent out of every pool; it stays known while it still holds contacts."""
        record.removed = True
        self.everyone &= ~(1 << record.index)
        self.headcount = self.everyone.bit_count()
        self.refresh(record)

    def forget(self, record: AgentRecord) -> None:
        """Drop a retired agent that holds nothing any more."""
        del self.agents[record.agent]
        self.slots[record.index] = None
        self._vacant.append(record.index)

    def could_take(self, record: AgentRecord) -> int:
        """Bits of the channels on which the agent has room, from what it holds right now.

        Its place among the free agents stays as it was until `settle`, which is needless while the agent
        takes one contact after the other.
        """
        counts = counted(record.contacts) if record.contacts else _NOTHING
        parked = counted(record.parked) if record.parked else _NOTHING
        statuses, mask, record.load_tenths = record.limits.room(counts, parked, record.reachable)
        if (
            record.presence is not _AVAILABLE
            or record.pending is not None
            or record.ramp_hold_ms
            or record.removed
        ):
            statuses, mask = _kept_away(record, statuses), 0
        record.due, record.due_mask = statuses, mask
        return mask

    def settle(self, record: AgentRecord) -> None:
        """Bring the agent's statuses and place to what `could_take` found."""
        status, mask = record.due, record.due_mask
        if status != record.status:
            self._set_status(record, status)
        if mask:
            key = (record.load_tenths, record.idle_since_ms, record.agent, record.index)
            if key != record.free_key or mask != record.free_mask:
                self._set_free(record, mask, key)
        elif record.free_key is not None:
            self._set_free(record, 0, None)

    def refresh(self, record: AgentRecord) -> None:
        """Bring statuses and place up to date with presence, reachability and the contacts held."""
        self.could_take(record)
        self.settle(record)

    def first_free(self, hits: int) -> AgentRecord:
        """The least loaded, then longest idle, then first by id of the free agents with these bits."""
        if self._free is None:
            self._free = FreeLine()
            for record in self.agents.values():
                if record.free_key is not None:
                    self._free.add(record.free_key)
        return self.at(self._free.first(hits))

    def staffed(self, channel_index: int) -> int:
        """Bits of those at work and reachable on the channel, whether free or busy."""
        statuses = self.bits[channel_index]
        found = 0
        for status in STAFFED:
            found |= statuses[status]
        return found

    def at(self, index: int) -> AgentRecord:
        """The agent behind a bit."""
        record = self.slots[index]
        assert record is not None, "a pool names a slot that nobody holds"
        return record

    def _set_status(self, record: AgentRecord, statuses: tuple[int, ...]) -> None:
        turn, bit = (record.status, statuses), 1 << record.index
        turned = self._turns.get(turn)
        if turned is None:
            turned = self._turns[turn] = [
                (bits, status)
                for bits, *change in zip_longest(self.bits, *turn)
                for status in change
                if status is not None and change[0] != change[1]
            ]
        for bits, status in turned:
            bits[status] ^= bit
        record.status = statuses

    def _set_free(self, record: AgentRecord, mask: int, key: FreeKey | None) -> None:
        before, was = record.free_key, record.free_mask
        if self._free is not None and before != key:
            if before is not None:
                self._free.remove(before)
            if key is not None:
                self._free.add(key)
        for index in _CHANNELS_OF[was & ~mask]:
            self.free_keys[index][record.index] = NOBODY_FREE
        if key is not None:
            for index in _CHANNELS_OF[mask]:
                self.free_keys[index][record.index] = key
        record.free_key, record.free_mask = key, mask

    def _take_slot(self) -> int:
        if self._vacant:
            return self._vacant.pop()
        self.slots.append(None)
        for keys in self.free_keys:
            keys.append(NOBODY_FREE)
        return len(self.slots) - 1


def _kept_away(record: AgentRecord, statuses: tuple[int, ...]) -> tuple[int, ...]:
    """The statuses of one who takes no work now, whatever room there is."""
    if record.removed:
        return ()
    if record.presence is not Presence.AVAILABLE:
        gate = _AWAY[record.presence]
    elif record.pending is not None:
        gate = Status.PENDING
    else:
        return tuple(Status.RAMPING if status == Status.FREE else status for status in statuses)
    return tuple(status if status == Status.NO_CHANNEL else gate for status in statuses)


def counted(contacts: dict[ContactId, ContactRecord]) -> tuple[int, ...]:
    """Contacts per channel."""
    if len(contacts) == 1:
        [contact] = contacts.values()
        return _ONE[contact.channel_index]
    counts = [0] * len(CHANNELS)
    for contact in contacts.values():
        counts[contact.channel_index] += 1
    return tuple(counts)

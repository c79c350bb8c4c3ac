"""What a queue knows of those who wait in it: how many, since when, how fast it goes, whether it needs help.

Overflow and fullness are asked on arrival, from facts that cost nothing to have. The reserve opens and closes
by thresholds with hysteresis; it is looked at after each event that moved somebody in or out.
"""

import heapq
from math import sqrt

from routing.commands import Expected
from routing.limits import Status
from routing.order import ahead
from routing.ranks import Ranks
from routing.records import CHANNEL_INDEX, CHANNELS, ContactRecord, QueueRecord
from routing.state import State
from routing.target import has_all, meets
from routing.types import Channel, Overflow, QueueId

SMOOTHING = 8.0
"""Each service counts for an eighth of the smoothed interval."""
Z80 = 1.2815515655446004
"""Four fifths of a normal distribution lie within so many standard deviations."""


def enter(state: State, contact: ContactRecord) -> None:
    """The contact is in line now; its key and rate are set."""
    queue = contact.queue
    queue.waiting[contact.contact] = contact
    if queue.ranks is not None:
        queue.ranks.setdefault(contact.rate, Ranks()).add(contact.place)
    heapq.heappush(queue.arrivals, (contact.enqueued_at_ms, contact.stamp, contact))
    if queue.spec.reserve is not None:
        state.stirred[queue.ident] = queue


def depart(state: State, contact: ContactRecord) -> None:
    """The contact leaves the line; called before its key, rate or queue changes."""
    queue = contact.queue
    del queue.waiting[contact.contact]
    if queue.ranks is not None:
        queue.ranks[contact.rate].remove(contact.place)
    if len(queue.arrivals) > 2 * len(queue.waiting) + 64:
        queue.arrivals = [a for a in queue.arrivals if a[2].stamp == a[1] and a[2].queue is queue]
        heapq.heapify(queue.arrivals)
    if queue.spec.reserve is not None:
        state.stirred[queue.ident] = queue


def oldest_at_ms(queue: QueueRecord) -> int | None:
    """When the longest-waiting contact of the queue came."""
    arrivals = queue.arrivals
    while arrivals and not _waits(queue, arrivals[0]):
        heapq.heappop(arrivals)
    return arrivals[0][0] if arrivals else None


def _waits(queue: QueueRecord, arrival: tuple[int, int, ContactRecord]) -> bool:
    return arrival[2].stamp == arrival[1] and arrival[2].queue is queue


def staffed(state: State, queue: QueueRecord, channel: Channel | None = None) -> int:
    """Agents of the pool who are at work and reachable, on one channel or on any."""
    target = queue.pool
    found = 0
    for index in range(len(CHANNELS)) if channel is None else (CHANNEL_INDEX[channel],):
        found |= state.roster.staffed(index)
    if target == ((),):
        return found.bit_count()
    return sum(
        1
        for agent in state.roster.agents.values()
        if found >> agent.index & 1 and meets(agent.skills, target)
    )


def served(queue: QueueRecord, now_ms: int) -> None:
    """Somebody from the queue found an agent: learn how fast the line moves."""
    if queue.busy and queue.served_at_ms:
        interval = float(now_ms - queue.served_at_ms)
        if queue.interval_ms == 0.0:
            queue.interval_ms = max(interval, 1.0)
        else:
            queue.interval_ms += (interval - queue.interval_ms) / SMOOTHING
    queue.served_at_ms = now_ms
    queue.busy = bool(queue.waiting)


def expected(queue: QueueRecord, position: int) -> Expected | None:
    """How long the one at `position` (1: the head) still waits; None when nothing is known yet.

    The wait for the n-th service is a sum of n intervals; taken as exponential it has a gamma distribution,
    whose tenth and ninetieth percentiles follow by Wilson and Hilferty's cube.
    """
    if queue.interval_ms <= 0.0 or position < 1:
        return None
    spread = Z80 / (3.0 * sqrt(position))
    middle = 1.0 - 1.0 / (9.0 * position)
    whole = position * queue.interval_ms
    return Expected(
        low_ms=round(whole * max(middle - spread, 0.0) ** 3),
        likely_ms=round(whole),
        high_ms=round(whole * (middle + spread) ** 3),
    )


def expected_of(state: State, contact: ContactRecord) -> Expected | None:
    """How long a waiting contact still waits, by its position in its queue."""
    return expected(contact.queue, ahead(contact.queue, contact, state.now_ms) + 1)


def overflow_of(state: State, queue: QueueRecord) -> tuple[QueueId, str] | None:
    """Where a new contact of the queue goes instead, and why; None: it may stay."""
    for overflow in queue.spec.overflows:
        reason = _overflows(state, queue, overflow)
        if reason:
            return overflow.to, reason
    return None


def is_full(queue: QueueRecord, channel: Channel) -> bool:
    """Whether a call or chat finds no place. Mail and texts wait by nature."""
    length_max = queue.spec.length_max
    return (
        length_max is not None
        and channel in (Channel.VOICE, Channel.CHAT)
        and len(queue.waiting) >= length_max
    )


def reserve_verdict(queue: QueueRecord, now_ms: int) -> tuple[bool, str] | None:
    """Whether the reserve is to be opened or closed now, and by what; None: as it is."""
    reserve = queue.spec.reserve
    if reserve is None:
        return (False, "no reserve") if queue.reserve_open else None
    oldest = oldest_at_ms(queue)
    waits_ms = now_ms - oldest if oldest is not None else 0
    count = len(queue.waiting)
    if not queue.reserve_open:
        if count >= max(reserve.open_waiting, 1):
            return True, "waiting"
        if oldest is not None and waits_ms >= reserve.open_wait_ms:
            return True, "oldest_wait"
    elif count <= reserve.close_waiting and waits_ms <= reserve.close_wait_ms:
        return False, "recovered"
    return None


def reserve_turns_ms(queue: QueueRecord) -> int | None:
    """When the reserve opens by time alone, if nobody is served before."""
    if queue.spec.reserve is None or queue.reserve_open:
        return None
    oldest = oldest_at_ms(queue)
    return None if oldest is None else oldest + queue.spec.reserve.open_wait_ms


def in_reserve(state: State, queue: QueueRecord) -> int:
    """How many agents at work would join if the reserve opened."""
    target, barred = queue.pool, queue.reserve
    if barred is None:
        return 0
    found = 0
    for agent in state.roster.agents.values():
        at_work = any(status <= Status.RAMPING for status in agent.status)
        if at_work and has_all(agent.skills, barred) and meets(agent.skills, target):
            found += 1
    return found


def _overflows(state: State, queue: QueueRecord, overflow: Overflow) -> str:
    if overflow.waiting_over is not None and len(queue.waiting) > overflow.waiting_over:
        return "waiting"
    if overflow.staffed_below is not None and staffed(state, queue) < overflow.staffed_below:
        return "staffed"
    if overflow.oldest_wait_over_ms is not None:
        oldest = oldest_at_ms(queue)
        if oldest is not None and state.now_ms - oldest > overflow.oldest_wait_over_ms:
            return "oldest_wait"
    if overflow.expected_wait_over_ms is not None and queue.waiting:
        found = expected(queue, len(queue.waiting) + 1)
        if found is not None and found.likely_ms > overflow.expected_wait_over_ms:
            return "expected_wait"
    return ""

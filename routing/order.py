"""Where a contact stands in line, as a static key, and how far anybody may be overtaken.

A contact's *lead* is how much earlier it counts as having come: `lead(age) = min(base + (rate − 100 %) × age,
cap)`, never below nothing. Who has the greatest `age + lead − target` is served first. While the rate holds,
that order is the order of a key that does not change with time; when the lead reaches its cap the contact
goes on at the common rate with another such key (`full_at_ms`). The kinds of order differ in what `base`,
`rate` and `cap` are.

The bound: somebody who came `d` later is served first only if its lead, less its target, is greater by more
than `d`; leads lie between 0 and the cap, so `d` is less than the greatest cap plus the difference of the
targets. STRICT has no bound.
"""

from collections.abc import Iterable

from routing.ranks import Ranks
from routing.records import ContactRecord, QueueRecord
from routing.types import Order, QueueSpec

_HEAD_START, _STRICT = Order.HEAD_START, Order.STRICT
STRICT_MS = 10**12
"""What one point of value weighs under STRICT: some thirty years."""
RATE_MAX = 1_000
SEQ_BITS = 40
"""A place is a key and, in its last bits, the order of arrival."""


def rank(contact: ContactRecord, now_ms: int) -> int | None:
    """Set the contact's place and rate; returns when its lead is full, None if that changes nothing."""
    queue, enqueued_at_ms = contact.queue, contact.enqueued_at_ms
    spec = queue.spec
    base, rate, cap = _terms(contact, queue)
    began = enqueued_at_ms + target_ms(contact) if spec.by_target else enqueued_at_ms
    full_at_ms = None
    if spec.order is _STRICT:
        base += contact.value * STRICT_MS
    elif rate > 100 and base < cap:
        full_at_ms = enqueued_at_ms - (-100 * (cap - base) // (rate - 100))
        if full_at_ms <= now_ms:
            base, full_at_ms = cap, None
    if full_at_ms is None:
        rate, key = 100, 100 * (began - base)
    else:
        key = rate * enqueued_at_ms + 100 * (began - enqueued_at_ms - base)
    contact.rate, contact.place = rate, (key << SEQ_BITS) | contact.seq
    return full_at_ms


def lead_ms(contact: ContactRecord, now_ms: int) -> int:
    """How much earlier the contact counts as having come, now."""
    return standing_ms(contact, now_ms)[0]


def standing_ms(contact: ContactRecord, now_ms: int) -> tuple[int, int]:
    """(the contact's lead now, the greatest lead that it may ever have)."""
    base, rate, cap = _terms(contact, contact.queue)
    if rate == 100 or base >= cap:
        return base, cap
    return min(base + (rate - 100) * max(now_ms - contact.enqueued_at_ms, 0) // 100, cap), cap


def target_ms(contact: ContactRecord) -> int:
    """The service-level target for this customer in this queue."""
    spec = contact.queue.spec
    if spec.targets:
        return dict(spec.targets).get(contact.tier, spec.sl_target_ms)
    return spec.sl_target_ms


def reach_ms(queues: Iterable[QueueSpec]) -> int | None:
    """How far back the leads of these queues reach, their targets counted; None: without bound."""
    specs = list(queues)
    if any(spec.order is Order.STRICT for spec in specs):
        return None
    return max((max(spec.head_start_max_ms, 0) - _least_target_ms(spec) for spec in specs), default=0)


def bound_ms(queue: QueueSpec, reach: int | None) -> int | None:
    """By how much a later one may be served before somebody of `queue`; None: there is no bound.

    reach: of all queues that share agents with it, its own among them.
    """
    return None if reach is None else max(reach + _greatest_target_ms(queue), 0)


def normal_place(place: int, rate: int, now_ms: int) -> int:
    """A place of any rate as one of the common rate, at this moment: so places of all rates compare."""
    return place if rate == 100 else place - ((rate - 100) * now_ms << SEQ_BITS)


def key_of(place: int) -> int:
    """The key of a place."""
    return place >> SEQ_BITS


def in_order(contacts: Iterable[ContactRecord], now_ms: int) -> list[ContactRecord]:
    """The contacts by their places, first in line first."""
    return sorted(contacts, key=lambda contact: normal_place(contact.place, contact.rate, now_ms))


def ahead(queue: QueueRecord, contact: ContactRecord, now_ms: int) -> int:
    """How many of the queue's waiting contacts come before a waiting one."""
    if queue.ranks is None:
        queue.ranks = {}
        for waiting in in_order(queue.waiting.values(), now_ms):
            queue.ranks.setdefault(waiting.rate, Ranks()).add(waiting.place)
    place = normal_place(contact.place, contact.rate, now_ms)
    return sum(
        ranks.before(place + ((rate - 100) * now_ms << SEQ_BITS)) for rate, ranks in queue.ranks.items()
    )


def place_of(key: int, seq: int) -> int:
    """The place of a key (hundredths of a ms) and an order of arrival: one number, being often compared."""
    return (key << SEQ_BITS) | seq


def _terms(contact: ContactRecord, queue: QueueRecord) -> tuple[int, int, int]:
    """(base, rate, cap): the lead at once, how a wait weighs in percent, and the greatest lead."""
    cap, order = queue.cap_ms, queue.spec.order
    if order is _HEAD_START:
        base = contact.head_start_ms + contact.boost_ms
        return (cap if base > cap else base if base > 0 else 0), queue.rate, cap
    boost = min(max(contact.boost_ms, 0), cap)
    if order is _STRICT:
        return boost, 100, cap
    cap = min(max(contact.head_start_ms + contact.boost_ms, 0), cap)
    return min(boost, cap), queue.rate, cap


def _least_target_ms(spec: QueueSpec) -> int:
    return min((spec.sl_target_ms, *(ms for _, ms in spec.targets))) if spec.by_target else 0


def _greatest_target_ms(spec: QueueSpec) -> int:
    return max((spec.sl_target_ms, *(ms for _, ms in spec.targets))) if spec.by_target else 0

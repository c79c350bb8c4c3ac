"""Queues as a rule set states them: pool, order, promises, what happens when it is full or closed, reserve.

`{id, name, needs?, any_of?, policy?, head_start_max_s?, sl_target_s?, order?, ageing_percent?, by_target?,
targets?: [{tier, sl_target_s}], length_max?, full?, full_to?, overflows?: [{to, waiting_over?,
oldest_wait_over_s?, expected_wait_over_s?, staffed_below?}], reserve?, plan?, callback?, calendar?,
when_closed?: {end, to?}}`. `plan` is for contacts from other queues; see `plans.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from routing.rules.draft import DAY_S, MONTH_S, Draft
from routing.rules.plans import PLAN_KEYS, read_plan
from routing.rules.problems import pointer
from routing.rules.targets import as_needs, read_needs, read_target
from routing.target import Target
from routing.types import (
    CallbackPolicy,
    Full,
    OfferPolicy,
    Order,
    Overflow,
    QueueId,
    QueueSpec,
    Reserve,
    RoutePlan,
)

LENGTH_MAX = 100_000
OVERFLOWS_MAX = 10
TIERS_MAX = 20
AGEING_PERCENT_MAX = 1_000

_POLICY_S = {
    "ring_s": (1, DAY_S),
    "delivery_s": (0, 600),
    "setup_s": (1, 600),
    "wrap_up_s": (0, DAY_S),
    "exclusion_s": (1, DAY_S),
}
_CALLBACK_S = {"gap_s": (1, DAY_S), "dial_s": (5, 600), "window_s": (60, DAY_S)}
_QUEUE_S = {"head_start_max_s": (0, MONTH_S), "sl_target_s": (1, MONTH_S)}
_OVERFLOW_S = {"oldest_wait_over_s": (0, MONTH_S), "expected_wait_over_s": (0, MONTH_S)}
_RESERVE_KEYS = ("needs", "open_waiting", "close_waiting", "open_wait_s", "close_wait_s")
_KEYS = (
    "id",
    "name",
    "needs",
    "any_of",
    "policy",
    *_QUEUE_S,
    "order",
    "ageing_percent",
    "by_target",
    "targets",
    "length_max",
    "full",
    "full_to",
    "overflows",
    "reserve",
    "plan",
    "callback",
    "calendar",
    "when_closed",
)


class ClosedEnd(StrEnum):
    """What becomes of a contact that comes while its queue is not open.

    Mail and texts wait in any case, unless they are led on.
    """

    HOLD = "hold"
    OVERFLOW = "overflow"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    TURN_AWAY = "turn_away"


@dataclass(frozen=True, slots=True)
class Hours:
    """The calendar of a queue, and what happens when it does not say open. `to` is there with OVERFLOW."""

    calendar: str
    end: ClosedEnd
    to: QueueId | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What the engine is told of a queue, and the hours, which are looked at before it is told anything."""

    spec: QueueSpec
    pool: Target
    hours: Hours | None


def read_queue(item: object, at: str, draft: Draft) -> Queue | None:
    """Read one queue; None without an id. Its leads to other queues go to the draft."""
    reader = draft.reader
    entry = reader.mapping(item, at, _KEYS)
    ident = reader.ident(entry.get("id"), pointer(at, "id"))
    name = reader.text(entry.get("name"), pointer(at, "name"))
    queue = None if ident is None else QueueId(ident)
    pool = read_target(entry, at, draft)
    needs, any_of = as_needs(pool)
    order = _order(entry, at, draft)
    changes: dict[str, Any] = {
        "needs": needs,
        "any_of": any_of,
        "policy": OfferPolicy(
            **reader.spans_ms(_part(entry, "policy", at, _POLICY_S, draft), pointer(at, "policy"), _POLICY_S)
        ),
        "targets": _targets(entry.get("targets", []), pointer(at, "targets"), draft),
        "overflows": _overflows(entry.get("overflows", []), pointer(at, "overflows"), queue, draft),
        "callback": _callback(entry, at, draft),
        **reader.spans_ms(entry, at, _QUEUE_S),
        **order,
        **_full(entry, at, queue, draft),
    }
    if entry.get("reserve") is not None:
        changes["reserve"] = _reserve(entry["reserve"], pointer(at, "reserve"), draft)
    plan = _plan(entry, at, queue, pool, draft)
    if plan is not None:
        changes["plan"] = plan
    hours = _hours(entry, at, queue, draft)
    if queue is None:
        return None
    spec = QueueSpec(queue, name or queue)
    return Queue(msgspec.structs.replace(spec, **changes), pool, hours)


def _part(
    entry: Mapping[str, Any], key: str, at: str, allowed: Mapping[str, object], draft: Draft
) -> Mapping[str, Any]:
    return draft.reader.mapping(entry.get(key, {}), pointer(at, key), allowed)


def _order(entry: Mapping[str, Any], at: str, draft: Draft) -> dict[str, Any]:
    """Order, ageing and targets in the order, as far as they go together."""
    reader = draft.reader
    order: Order | None = Order.HEAD_START
    if "order" in entry:
        order = reader.choice(entry["order"], pointer(at, "order"), Order)
    percent: int | None = 100
    if "ageing_percent" in entry:
        percent = reader.whole(
            entry["ageing_percent"], pointer(at, "ageing_percent"), 100, AGEING_PERCENT_MAX
        )
    by_target = reader.flag(entry.get("by_target", False), pointer(at, "by_target"))
    if order is Order.ACCUMULATING and percent == 100:
        reader.report(
            pointer(at, "ageing_percent"),
            "In the order accumulating a lead grows by ageing: more than 100 percent are needed.",
        )
    if order is Order.STRICT and percent not in (100, None):
        reader.report(
            pointer(at, "ageing_percent"), "The order strict goes by value; ageing says nothing in it."
        )
    if order is Order.STRICT and by_target:
        reader.report(pointer(at, "by_target"), "The order strict goes by value; targets say nothing in it.")
    return {"order": order or Order.HEAD_START, "ageing_percent": percent or 100, "by_target": by_target}


def _targets(items: object, at: str, draft: Draft) -> tuple[tuple[str, int], ...]:
    reader = draft.reader
    found: dict[str, int] = {}
    for index, item in enumerate(reader.listing(items, at, count_max=TIERS_MAX)):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("tier", "sl_target_s"))
        tier = reader.text(entry.get("tier"), pointer(place, "tier"))
        target_ms = reader.span_ms(entry.get("sl_target_s"), pointer(place, "sl_target_s"), 1, MONTH_S)
        if tier is not None and target_ms is not None:
            if tier.casefold() in found:
                reader.report(pointer(place, "tier"), f"There are two targets for the tier {tier}.")
            found[tier.casefold()] = target_ms
    return tuple(sorted(found.items()))


def _full(entry: Mapping[str, Any], at: str, queue: QueueId | None, draft: Draft) -> dict[str, Any]:
    reader = draft.reader
    found: dict[str, Any] = {}
    if entry.get("length_max") is not None:
        found["length_max"] = reader.whole(entry["length_max"], pointer(at, "length_max"), 1, LENGTH_MAX)
    full = None
    if entry.get("full") is not None:
        full = reader.choice(entry["full"], pointer(at, "full"), Full)
        if "length_max" not in found:
            reader.report(pointer(at, "full"), "Without length_max the queue is never full.")
    found["full_to"] = draft.onward(queue, entry, "full_to", at, wanted=full is Full.OVERFLOW)
    if full is not None:
        found["full"] = full
    return found


def _overflows(items: object, at: str, queue: QueueId | None, draft: Draft) -> tuple[Overflow, ...]:
    reader = draft.reader
    found = []
    for index, item in enumerate(reader.listing(items, at, count_max=OVERFLOWS_MAX)):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("to", "waiting_over", "staffed_below", *_OVERFLOW_S))
        limits = reader.spans_ms(entry, place, _OVERFLOW_S)
        for key, low in (("waiting_over", 0), ("staffed_below", 1)):
            if key in entry:
                count = reader.whole(entry[key], pointer(place, key), low, LENGTH_MAX)
                if count is not None:
                    limits[key] = count
        if isinstance(item, dict) and not set(entry) - {"to"}:
            reader.report(place, "At least one condition is needed, or every contact would be led on.")
        to = draft.onward(queue, entry, "to", place, wanted=True)
        if to is not None:
            found.append(Overflow(to, **limits))
    return tuple(found)


def _reserve(item: object, at: str, draft: Draft) -> Reserve | None:
    reader = draft.reader
    entry = reader.mapping(item, at, _RESERVE_KEYS)
    needs = read_needs(entry.get("needs", []), pointer(at, "needs"), draft)
    if not entry.get("needs"):
        reader.report(pointer(at, "needs"), "Who is in reserve must be said by at least one skill.")
    open_waiting = reader.whole(entry.get("open_waiting"), pointer(at, "open_waiting"), 1, LENGTH_MAX)
    close_waiting = reader.whole(entry.get("close_waiting"), pointer(at, "close_waiting"), 0, LENGTH_MAX)
    open_wait_ms = reader.span_ms(entry.get("open_wait_s"), pointer(at, "open_wait_s"), 1, MONTH_S)
    close_wait_ms = reader.span_ms(entry.get("close_wait_s"), pointer(at, "close_wait_s"), 0, MONTH_S)
    pairs = (("waiting", close_waiting, open_waiting), ("wait_s", close_wait_ms, open_wait_ms))
    for key, close, opens in pairs:
        if close is not None and opens is not None and close >= opens:
            reader.report(
                pointer(at, f"close_{key}"),
                f"This must be less than open_{key}, or the reserve would open and close all the time.",
            )
    if open_waiting is None or close_waiting is None or open_wait_ms is None or close_wait_ms is None:
        return None
    return Reserve(needs, open_waiting, close_waiting, open_wait_ms, close_wait_ms)


def _callback(entry: Mapping[str, Any], at: str, draft: Draft) -> CallbackPolicy:
    reader, place = draft.reader, pointer(at, "callback")
    callback = reader.mapping(entry.get("callback", {}), place, ("attempts_max", *_CALLBACK_S))
    found = reader.spans_ms(callback, place, _CALLBACK_S)
    if "attempts_max" in callback:
        attempts = reader.whole(callback["attempts_max"], pointer(place, "attempts_max"), 1, 20)
        found["attempts_max"] = attempts or 1
    return CallbackPolicy(**found)


def _plan(
    entry: Mapping[str, Any], at: str, queue: QueueId | None, pool: Target, draft: Draft
) -> RoutePlan | None:
    if entry.get("plan") is None:
        return None
    place = pointer(at, "plan")
    plan = draft.reader.mapping(entry["plan"], place, PLAN_KEYS)
    template = read_plan(plan, place, queue, pool, draft, of_queue=True)
    return None if template is None else template.whole


def _hours(entry: Mapping[str, Any], at: str, queue: QueueId | None, draft: Draft) -> Hours | None:
    reader, place = draft.reader, pointer(at, "when_closed")
    if entry.get("calendar") is None:
        if entry.get("when_closed") is not None:
            reader.report(place, "Without a calendar the queue is always open.")
        return None
    calendar = draft.calendar(entry["calendar"], pointer(at, "calendar"))
    if entry.get("when_closed") is None:
        reader.report(place, "What happens to a contact that comes outside the hours must be said.")
        return None
    closed = reader.mapping(entry["when_closed"], place, ("end", "to"))
    end = reader.choice(closed.get("end"), pointer(place, "end"), ClosedEnd)
    to = draft.onward(queue, closed, "to", place, wanted=end is ClosedEnd.OVERFLOW)
    return None if calendar is None or end is None else Hours(calendar, end, to)

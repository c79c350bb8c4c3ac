"""Parts of a rule set as phrases: conditions, outcomes, queues, calendars, of bodies that passed `check`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from routing.rules.schema import CHOICE_WORDS, OPERATOR_WORDS, Kind, Operator, field_named
from routing.rules.vocabulary import (
    AND,
    ANYONE,
    DAYS,
    DEFAULT,
    ENDS,
    NO,
    NONE,
    OR,
    ORDERS,
    STEP_AGENTS,
    YES,
    Words,
    listed,
    phrases,
    same,
    seconds,
)

Body = Mapping[str, Any]

_POLICY = ("ring_s", "delivery_s", "setup_s", "wrap_up_s", "exclusion_s")
_CALLBACK = ("gap_s", "dial_s", "window_s")
_OPEN_PAREN, _CLOSE_PAREN = Words(" (", "（"), Words(")", "）")


def condition(tree: Body | None) -> Words:
    """A condition as a phrase: `customer tier is gold and customer value is at least 80`."""
    if tree is None:
        return Words("anything comes", "任何联系")
    if "rules" in tree:
        joiner = AND if tree["combinator"] == "and" else OR
        members = [_member(item) for item in tree["rules"]]
        phrase = members[0]
        for member in members[1:]:
            phrase = phrase + joiner + member
        return phrase.within(Words("not (", "并非（"), Words(")", "）")) if tree.get("not") else phrase
    field = field_named(tree["field"])
    operator = Operator(tree["operator"])
    words = (field.label if field else same(tree["field"])) + Words(" ", "") + OPERATOR_WORDS[operator]
    if operator in (Operator.NULL, Operator.NOT_NULL):
        return words
    return words + " " + _value(tree.get("value"), field is not None and field.kind is Kind.CHOICE)


def _member(tree: Body) -> Words:
    several = "rules" in tree and len(tree["rules"]) > 1 and not tree.get("not")
    return condition(tree).within(Words("(", "（"), Words(")", "）")) if several else condition(tree)


def _value(value: object, choice: bool) -> Words:
    if isinstance(value, str) and choice:
        value = [part.strip() for part in value.split(",")]
    if isinstance(value, list):
        return listed(
            CHOICE_WORDS.get(str(item).casefold(), same(item)) if choice else same(item) for item in value
        )
    return same(value)


def outcome(then: Body) -> Words:
    """What a rule does, as a phrase: queue, skills, preferences, steps, end, offers, head start."""
    words = [Words("queue ", "队列 ") + then["queue"], *_plan_phrases(then)]
    if then.get("head_start_cap_s") is not None:
        words.append(Words("head start at most ", "提前量最多 ") + seconds(then["head_start_cap_s"]))
    return phrases(words)


def outcome_aspects(then: Body) -> dict[str, Words]:
    """The same by aspect (`OUTCOME_ASPECTS`), to see which one changes."""
    cap_s = then.get("head_start_cap_s")
    return {
        "queue": same(then["queue"]),
        **_plan_aspects(then),
        "head_start_cap_s": DEFAULT if cap_s is None else seconds(cap_s),
    }


def _plan_aspects(plan: Body) -> dict[str, Words]:
    offers = plan.get("offers_max")
    return {
        "skills": _skills(plan),
        "prefers": _wishes(plan) or NONE,
        "steps": phrases(_step(step) for step in plan["steps"]) if plan.get("steps") else ANYONE,
        "end": _end(plan["end"], plan.get("overflow_to")),
        "offers_max": NONE if offers is None else same(offers),
    }


def _plan_phrases(plan: Body) -> list[Words]:
    words = []
    if plan.get("needs") or plan.get("any_of"):
        words.append(Words("skills ", "技能 ") + _skills(plan))
    wishes = _wishes(plan)
    if wishes is not None:
        words.append(Words("rather ", "优先 ") + wishes)
    words += [_step(step) for step in plan.get("steps", [])]
    words.append(_end(plan["end"], plan.get("overflow_to")))
    if plan.get("offers_max") is not None:
        words.append(
            Words("after at most ", "最多派单 ") + str(plan["offers_max"]) + Words(" offers", " 次后")
        )
    return words


def _end(end: str, to: str | None) -> Words:
    return ENDS[end] + (to or "")


def _needs(needs: Sequence[Body]) -> Words:
    return listed(
        same(need["skill"])
        if need.get("min_level", 1) == 1
        else same(need["skill"]) + Words(" from ", " 不低于 ") + str(need["min_level"])
        for need in needs
    )


def _skills(entry: Body) -> Words:
    """`english from 30, and (vip or orders, billing)`."""
    words = _needs(entry.get("needs", []))
    if entry.get("any_of"):
        first, *others = (_needs(needs) for needs in entry["any_of"])
        for other in others:
            first = first + OR + other
        words = words + AND + first.within(Words("(", "（"), Words(")", "）")) if words.en else first
    return words if words.en else Words("open to all", "不限")


def _wishes(entry: Body) -> Words | None:
    if not entry.get("prefers"):
        return None
    return listed(
        _needs([wish]) + _OPEN_PAREN + f"+{wish.get('points', 20)}" + _CLOSE_PAREN
        for wish in entry["prefers"]
    )


def _step(step: Body) -> Words:
    who = STEP_AGENTS.get(step.get("agent") or "", ANYONE)
    if step.get("narrow"):
        who = Words("only ", "仅限") + who
    if step.get("needs") or step.get("any_of"):
        who = who + Words(" with ", "，具备 ") + _skills(step)
    wishes = _wishes(step)
    if wishes is not None:
        who = who + Words(", rather ", "，优先 ") + wishes
    return who if step.get("for_s") is None else who + Words(" for ", "，持续 ") + seconds(step["for_s"])


def queue_aspects(queue: Body) -> dict[str, Words]:
    """What a queue says, by aspect (`QUEUE_ASPECTS`)."""
    policy, callback = queue.get("policy", {}), queue.get("callback", {})
    overflows = [_overflow(item) for item in queue.get("overflows", [])]
    attempts = callback.get("attempts_max")
    return {
        "name": same(queue["name"]),
        "pool": _skills(queue),
        "order": ORDERS[queue.get("order", "head_start")],
        "ageing_percent": same(f"{queue.get('ageing_percent', 100)} %"),
        "by_target": YES if queue.get("by_target") else NO,
        "head_start_max_s": _span(queue, "head_start_max_s"),
        "sl_target_s": _span(queue, "sl_target_s"),
        "targets": _or_none([_target(item) for item in queue.get("targets", [])]),
        "length_max": same(queue["length_max"]) if queue.get("length_max") is not None else NONE,
        "full": _way_out(queue.get("full", "turn_away"), queue.get("full_to")),
        "overflows": _or_none(overflows),
        "reserve": _reserve(queue["reserve"]) if queue.get("reserve") else NONE,
        "plan": phrases(_plan_phrases(queue["plan"])) if queue.get("plan") else DEFAULT,
        "calendar": same(queue["calendar"]) if queue.get("calendar") else NONE,
        "when_closed": _when_closed(queue.get("when_closed")),
        **{key: _span(policy, key) for key in _POLICY},
        "attempts_max": DEFAULT if attempts is None else same(attempts),
        **{key: _span(callback, key) for key in _CALLBACK},
    }


def _span(entry: Body, key: str) -> Words:
    return seconds(entry[key]) if key in entry else DEFAULT


def _or_none(items: list[Words]) -> Words:
    return phrases(items) if items else NONE


def _target(item: Body) -> Words:
    return same(f"{item['tier']} ") + seconds(item["sl_target_s"])


def _when_closed(item: Body | None) -> Words:
    return NONE if item is None else _way_out(item["end"], item.get("to"))


def _way_out(end: str, to: str | None) -> Words:
    """A plan's end without its “then”, as nothing came before."""
    words = _end(end, to)
    return Words(words.en.removeprefix("then ").removeprefix("and "), words.zh.removeprefix("然后"))


def _overflow(item: Body) -> Words:
    counts: dict[str, tuple[Words, Callable[[Any], Words]]] = {
        "waiting_over": (Words("more wait than ", "等待数超过 "), same),
        "oldest_wait_over_s": (Words("one waits longer than ", "最长等待超过 "), seconds),
        "expected_wait_over_s": (Words("the expected wait is over ", "预计等待超过 "), seconds),
        "staffed_below": (Words("fewer are at work than ", "在岗人数少于 "), same),
    }
    words: Words | None = None
    for key, (label, shown) in counts.items():
        if key in item:
            phrase = label + shown(item[key])
            words = phrase if words is None else words + OR + phrase
    to = Words("to queue ", "转到队列 ") + str(item["to"])
    return to if words is None else to + Words(" when ", "，当 ") + words


def _reserve(item: Body) -> Words:
    return (
        _needs(item["needs"])
        + Words(", opened at ", "，启用条件：等待 ")
        + str(item["open_waiting"])
        + Words(" waiting or ", " 个或 ")
        + seconds(item["open_wait_s"])
        + Words(", closed at ", "；停用条件：等待 ")
        + str(item["close_waiting"])
        + Words(" and ", " 个且 ")
        + seconds(item["close_wait_s"])
    )


def calendar_aspects(calendar: Body) -> dict[str, Words]:
    """What a calendar says, by aspect (`CALENDAR_ASPECTS`)."""
    return {
        "name": same(calendar["name"]),
        "time_zone": same(calendar["time_zone"]),
        "open": phrases(_opening(item) for item in calendar["open"]),
        "holidays": _or_none([_holiday(item) for item in calendar.get("holidays", [])]),
        "emergencies": _or_none([_emergency(item) for item in calendar.get("emergencies", [])]),
    }


def _opening(item: Body) -> Words:
    words = listed(DAYS[day] for day in item["days"]) + f" {item['from']}-{item['to']}"
    if item.get("first_day") is not None:
        words = words + Words(" from ", "，自 ") + item["first_day"]
    if item.get("last_day") is not None:
        words = words + Words(" until ", "，至 ") + item["last_day"]
    return words


def _holiday(item: Body) -> Words:
    hours = f" {item['from']}-{item['to']}" if "from" in item else ""
    return same(f"{item['date']} {item['name']}{hours}")


def _emergency(item: Body) -> Words:
    return same(f"{item['from']}-{item['until']} {item['reason']}")


def weights(item: Body | None) -> Words:
    """What value and loyalty count for the head start."""
    entry = item or {}
    value, loyalty = entry.get("value", 1), entry.get("loyalty", 0)
    return Words("value ", "价值 ") + f"{value:g}" + Words(", loyalty ", "，忠诚度 ") + f"{loyalty:g}"

"""Rule sets in plain words, English and Chinese: what one says, and what changes for whom between two.

Bodies must have passed `check`. `differences` has each sentence in both languages; `describe` and `diff` give
the lines of one.
"""

from collections.abc import Callable, Mapping, Sequence

from routing.rules.phrases import (
    Body,
    calendar_aspects,
    condition,
    outcome,
    outcome_aspects,
    queue_aspects,
    weights,
)
from routing.rules.vocabulary import (
    CALENDAR_ASPECTS,
    OUTCOME_ASPECTS,
    QUEUE_ASPECTS,
    Language,
    Words,
    listed,
    quoted,
    same,
)

WHOM_MAX = 6
"""So many rules are named as concerned by a queue's change; of the others only the number is told."""

_DEFAULT = Words("The default", "默认规则")
_FULL_STOP = Words(".", "。")
_COLON = Words(": ", "：")

Aspects = Callable[[Body], Mapping[str, Words]]


def describe(body: Body, language: Language = "en") -> list[str]:
    """The rules in order, one line each, the default last."""
    lines = []
    for number, rule in enumerate(body.get("rules", []), 1):
        said = condition(rule.get("when")).within(Words("when ", "当"), Words(", ", "时，"))
        lines.append(same(f"{number}. {rule['name']}") + Words(": ", "：") + said + outcome(rule["then"]))
    lines.append(Words("Otherwise ", "否则，") + outcome(body["default"]))
    return [line.in_language(language) for line in lines]


def diff(old: Body, new: Body, language: Language = "en") -> list[str]:
    """What changes from one body to the other, a sentence each; empty when nothing that matters does."""
    return [sentence.in_language(language) for sentence in differences(old, new)]


def differences(old: Body, new: Body) -> list[Words]:
    """What changes from one body to the other and for whom, a sentence each."""
    return [
        *_diff_skills(old, new),
        *_diff_calendars(old, new),
        *_diff_queues(old, new),
        *_changed(
            Words("The head start: ", "提前量："),
            Words("weights", "权重"),
            weights(old.get("weights")),
            weights(new.get("weights")),
        ),
        *_diff_rules(old, new),
        *_diff_aspects(_DEFAULT + _COLON, old["default"], new["default"], outcome_aspects, OUTCOME_ASPECTS),
    ]


def _diff_skills(old: Body, new: Body) -> list[Words]:
    before, after = _by_id(old, "skills"), _by_id(new, "skills")
    kind = Words("Skill ", "技能 ")
    lines = _added_and_removed(kind, before, after)
    for ident in _kept(before, after):
        names = (same(before[ident]["name"]), same(after[ident]["name"]))
        lines += _changed(kind + ident + _COLON, QUEUE_ASPECTS["name"], *names)
    return lines


def _diff_calendars(old: Body, new: Body) -> list[Words]:
    before, after = _by_id(old, "calendars"), _by_id(new, "calendars")
    kind = Words("Calendar ", "日历 ")
    lines = _added_and_removed(kind, before, after)
    for ident in _kept(before, after):
        queues = [queue["id"] for queue in new["queues"] if queue.get("calendar") == ident]
        whom = _whom(Words("queues ", "队列 "), queues, "")
        said = kind + ident + whom + _COLON
        lines += _diff_aspects(said, before[ident], after[ident], calendar_aspects, CALENDAR_ASPECTS)
    return lines


def _diff_queues(old: Body, new: Body) -> list[Words]:
    before, after = _by_id(old, "queues"), _by_id(new, "queues")
    kind = Words("Queue ", "队列 ")
    lines = _added_and_removed(kind, before, after)
    outcomes = [(rule["id"], rule["then"]) for rule in new.get("rules", [])]
    outcomes.append(("default", new["default"]))
    for ident in _kept(before, after):
        rules = [rule for rule, then in outcomes if then["queue"] == ident]
        whom = _whom(Words("contacts of ", "规则 "), rules, " 的联系")
        said = kind + ident + whom + _COLON
        lines += _diff_aspects(said, before[ident], after[ident], queue_aspects, QUEUE_ASPECTS)
    return lines


def _diff_rules(old: Body, new: Body) -> list[Words]:
    before, after = _by_id(old, "rules"), _by_id(new, "rules")
    kind = Words("Rule ", "规则 ")
    lines = []
    for ident in after:
        if ident not in before:
            said = condition(after[ident].get("when")).within(
                Words(" is new: when ", " 是新增的：当"), Words(", ", "时，")
            )
            lines.append(kind + ident + said + outcome(after[ident]["then"]) + _FULL_STOP)
    for ident in before:
        if ident not in after:
            lines.append(_gone(kind, ident))
    kept = _kept(before, after)
    for ident in kept:
        was, now = before[ident], after[ident]
        said = kind + ident + _COLON
        lines += _changed(said, QUEUE_ASPECTS["name"], same(was["name"]), same(now["name"]))
        conditions = (condition(was.get("when")), condition(now.get("when")))
        lines += _changed(said, Words("condition", "条件"), *conditions)
        whom = conditions[1].within(Words(" (contacts where ", "（"), Words(")", "的联系）"))
        if now.get("when") is None:
            whom = Words("", "")
        said = kind + ident + whom + _COLON
        lines += _diff_aspects(said, was["then"], now["then"], outcome_aspects, OUTCOME_ASPECTS)
    if kept != [ident for ident in before if ident in after]:
        order = listed(same(ident) for ident in after)
        lines.append(Words("The rules are tried in another order: ", "规则的顺序改为：") + order + _FULL_STOP)
    return lines


def _by_id(body: Body, key: str) -> dict[str, Body]:
    return {entry["id"]: entry for entry in body.get(key, [])}


def _kept(before: Mapping[str, Body], after: Mapping[str, Body]) -> list[str]:
    return [ident for ident in after if ident in before]


def _whom(kind: Words, names: Sequence[str], after_zh: str) -> Words:
    """Whom a change concerns, in brackets; nothing if nobody."""
    if not names:
        return Words("", "")
    said = listed(same(name) for name in names[:WHOM_MAX])
    more = len(names) - WHOM_MAX
    if more > 0:
        said = said + Words(f" and {more} more", f"等 {len(names)} 个")
    return (kind + said + Words("", after_zh)).within(Words(" (", "（"), Words(")", "）"))


def _diff_aspects(
    subject: Words, was: Body, now: Body, aspects: Aspects, labels: Mapping[str, Words]
) -> list[Words]:
    before, after = aspects(was), aspects(now)
    return [line for key in after for line in _changed(subject, labels[key], before[key], after[key])]


def _changed(subject: Words, aspect: Words, was: Words, now: Words) -> list[Words]:
    if was == now:
        return []
    changes = Words(" from ", "由") + quoted(was) + Words(" to ", "改为") + quoted(now)
    return [subject + aspect + changes + _FULL_STOP]


def _added_and_removed(kind: Words, before: Mapping[str, Body], after: Mapping[str, Body]) -> list[Words]:
    added = [kind + ident + Words(" is new.", " 是新增的。") for ident in after if ident not in before]
    return added + [_gone(kind, ident) for ident in before if ident not in after]


def _gone(kind: Words, ident: str) -> Words:
    return kind + ident + Words(" is gone.", " 已删除。")

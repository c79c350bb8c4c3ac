"""Rule sets in plain words: what one says, and what changed between two. Bodies must have passed `check`."""

from collections.abc import Mapping, Sequence
from typing import Any

from routing.rules.schema import OPERATOR_WORDS, Operator, field_named

_QUEUE_SPANS = {"head_start_max_s": "greatest head start", "sl_target_s": "service-level target"}
_POLICY_WORDS = {
    "ring_s": "ring time",
    "delivery_s": "delivery time",
    "setup_s": "set-up time",
    "wrap_up_s": "wrap-up time",
    "exclusion_s": "exclusion after a rejection",
}

Body = Mapping[str, Any]


def describe(body: Body) -> list[str]:
    """The rules in order, one line each, the default last."""
    lines = [
        f"{number}. {rule['name']}: when {condition(rule.get('when'))}, {outcome(rule['then'])}"
        for number, rule in enumerate(body.get("rules", []), 1)
    ]
    return [*lines, f"Otherwise {outcome(body['default'])}"]


def condition(tree: Body | None) -> str:
    """A condition as a phrase: `customer tier is gold and customer value is at least 80`."""
    if tree is None:
        return "anything comes"
    if "rules" in tree:
        members = [
            f"({condition(item)})" if "rules" in item and len(item["rules"]) > 1 else condition(item)
            for item in tree["rules"]
        ]
        phrase = f" {tree['combinator']} ".join(members)
        return f"not ({phrase})" if tree.get("not") else phrase
    field = field_named(tree["field"])
    words = [field.label.en if field else tree["field"], OPERATOR_WORDS[Operator(tree["operator"])].en]
    if tree["operator"] not in (Operator.NULL, Operator.NOT_NULL):
        words.append(_value(tree.get("value")))
    return " ".join(words)


def outcome(then: Body) -> str:
    """What a rule does, as a phrase: queue, skills, steps, end, head start."""
    words = [f"queue {then['queue']}"]
    if then.get("needs"):
        words.append(f"skills {_needs(then['needs'])}")
    for step in then.get("steps", []):
        words.append(_step(step))
    words.append("then anyone in the queue" if then["end"] == "any_in_queue" else "and hold")
    if then.get("head_start_cap_s") is not None:
        words.append(f"head start at most {then['head_start_cap_s']:g} s")
    return ", ".join(words)


def diff(old: Body, new: Body) -> list[str]:
    """What changes from one body to the other, a sentence each; empty when nothing that matters does."""
    return [
        *_diff_skills(old, new),
        *_diff_queues(old, new),
        *_diff_rules(old, new),
        *_changed("The default", outcome(old["default"]), outcome(new["default"])),
    ]


def _diff_skills(old: Body, new: Body) -> list[str]:
    before = {skill["id"]: skill["name"] for skill in old.get("skills", [])}
    after = {skill["id"]: skill["name"] for skill in new.get("skills", [])}
    lines = _added_and_removed("Skill", before, after)
    for ident in (ident for ident in after if ident in before):
        lines += _changed(f"Skill {ident}: the name", before[ident], after[ident])
    return lines


def _diff_queues(old: Body, new: Body) -> list[str]:
    before = {queue["id"]: queue for queue in old["queues"]}
    after = {queue["id"]: queue for queue in new["queues"]}
    lines = _added_and_removed("Queue", before, after)
    for ident in (ident for ident in after if ident in before):
        was, now = before[ident], after[ident]
        lines += _changed(f"Queue {ident}: the name", was["name"], now["name"])
        needs = (_needs(was.get("needs", [])), _needs(now.get("needs", [])))
        lines += _changed(f"Queue {ident}: its pool", *needs)
        for key, words in _QUEUE_SPANS.items():
            lines += _changed(f"Queue {ident}: the {words}", _span(was, key), _span(now, key))
        for key, words in _POLICY_WORDS.items():
            spans = (_span(was.get("policy", {}), key), _span(now.get("policy", {}), key))
            lines += _changed(f"Queue {ident}: the {words}", *spans)
    return lines


def _diff_rules(old: Body, new: Body) -> list[str]:
    before = {rule["id"]: rule for rule in old.get("rules", [])}
    after = {rule["id"]: rule for rule in new.get("rules", [])}
    lines = _added_and_removed("Rule", before, after)
    kept = [ident for ident in after if ident in before]
    for ident in kept:
        was, now = before[ident], after[ident]
        lines += _changed(f"Rule {ident}: the name", was["name"], now["name"])
        conditions = (condition(was.get("when")), condition(now.get("when")))
        lines += _changed(f"Rule {ident}: the condition", *conditions)
        lines += _changed(f"Rule {ident}: the outcome", outcome(was["then"]), outcome(now["then"]))
    if kept != [ident for ident in before if ident in after]:
        lines.append(f"The rules are tried in another order: {', '.join(after)}.")
    return lines


def _added_and_removed(what: str, before: Body, after: Body) -> list[str]:
    added = [f"{what} {ident} is new." for ident in after if ident not in before]
    return added + [f"{what} {ident} is gone." for ident in before if ident not in after]


def _changed(what: str, was: str, now: str) -> list[str]:
    return [] if was == now else [f"{what} changes from “{was}” to “{now}”."]


def _span(entry: Body, key: str) -> str:
    return f"{entry[key]:g} s" if key in entry else "the default"


def _needs(needs: Sequence[Body]) -> str:
    phrases = []
    for need in needs:
        level = need.get("min_level", 1)
        phrases.append(need["skill"] if level == 1 else f"{need['skill']} from {level}")
    return ", ".join(phrases) or "open to all"


def _step(step: Body) -> str:
    who = {"last": "the agent who served last", "preferred": "the preferred agent"}.get(
        step.get("agent") or ""
    )
    needs = _needs(step["needs"]) if step.get("needs") else ""
    target = " with ".join(part for part in (who or "anyone", needs) if part)
    return f"{target} for {step['for_s']:g} s" if step.get("for_s") is not None else target


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)

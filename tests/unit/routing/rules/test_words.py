"""What a rule set says and what changes for whom, as sentences in English and Chinese."""

import copy
from typing import Any

import pytest

from routing.rules.words import describe, diff, differences
from tests.unit.routing.rules.bodies import GOLD, OFFICE, body, clause, full, problems, queue, rule


def test_a_rule_set_reads_as_sentences() -> None:
    assert describe(full()) == [
        "1. Gold: when customer tier is gold and channel is one of call, chat, queue vip, "
        "skills english from 30, rather chinese (+30), the agent who served last for 10 s, "
        "the owner of the case, anyone with vip from 60 for 30 s, only anyone with vip or chinese for 30 s, "
        "anyone for 60 s, then the offer of a callback, after at most 6 offers, head start at most 300 s",
        "Otherwise queue a, and hold",
    ]
    assert describe(full(), "zh") == [
        "1. Gold：当客户等级是 gold 且 渠道属于 电话、网页聊天时，队列 vip，技能 english 不低于 30，"
        "优先 chinese（+30），上次服务的坐席，持续 10 秒，案件负责人，"
        "任何坐席，具备 vip 不低于 60，持续 30 秒，仅限任何坐席，具备 vip 或 chinese，持续 30 秒，"
        "任何坐席，持续 60 秒，然后提供回电，最多派单 6 次后，提前量最多 300 秒",
        "否则，队列 a，然后继续等待",
    ]


@pytest.mark.parametrize(
    ("tree", "phrase"),
    [
        (None, "anything comes"),
        (clause("address", "null"), "sender is unknown"),
        (clause("ivr.reason", "contains", "x"), "menu answer “reason” contains x"),
        (clause("calendar.office", "!=", "open"), "calendar office is not open"),
        (clause("tier", "in", "gold, silver"), "customer tier is one of gold, silver"),
        ({"combinator": "or", "not": True, "rules": [GOLD, GOLD]}, "not (customer tier is gold or "),
        (
            {"combinator": "and", "rules": [GOLD, {"combinator": "or", "rules": [GOLD, GOLD]}]},
            "customer tier is gold and (customer tier is gold or customer tier is gold)",
        ),
    ],
)
def test_a_condition_reads_as_a_phrase(tree: Any, phrase: str) -> None:
    made = body(rules=[{**rule("one"), "when": tree}])
    assert problems(made) == {}
    assert phrase in describe(made)[0]


def changed(change: Any) -> list[str]:
    """The sentences of one change to the full body."""
    old, new = full(), full()
    change(new)
    assert problems(new) == {}
    assert diff(old, old) == diff(new, copy.deepcopy(new)) == []
    return diff(old, new)


def vip(**keys: Any) -> Any:
    return lambda new: new["queues"][1].update(keys)


def gold(**keys: Any) -> Any:
    return lambda new: new["rules"][0]["then"].update(keys)


GOLD_CONTACTS = "Rule gold (contacts where customer tier is gold and channel is one of call, chat)"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            vip(name="Premium"),
            "Queue vip (contacts of gold): name from “Queue vip” to “Premium”.",
        ),
        (vip(any_of=[]), "pool from “vip or english from 80” to “open to all”."),
        (vip(order="strict"), "order from “head start” to “strictly by value”."),
        (vip(ageing_percent=150), "ageing from “100 %” to “150 %”."),
        (vip(by_target=True), "order by targets from “no” to “yes”."),
        (vip(targets=[]), "targets by tier from “gold 10 s” to “none”."),
        (vip(length_max=60), "greatest length from “50” to “60”."),
        (
            vip(full="callback", full_to=None),
            "way out when full from “on to queue a” to “the offer of a callback”.",
        ),
        (
            vip(overflows=[{"to": "a", "staffed_below": 2}]),
            "overflow from “to queue a when more wait than 5 or one waits longer than 60 s” "
            "to “to queue a when fewer are at work than 2”.",
        ),
        (
            vip(reserve=None),
            "reserve from “english, opened at 8 waiting or 60 s, closed at 2 and 20 s” to",
        ),
        (
            vip(plan={"end": "hold"}),
            "own plan from “anyone for 20 s, then on to queue a” to “and",
        ),
        (vip(calendar="always"), "calendar from “office” to “always”."),
        (
            vip(when_closed={"end": "overflow", "to": "a"}),
            "way out when closed from “voicemail” to “on to queue a”.",
        ),
        (vip(policy={"ring_s": 25}), "ring time from “the default” to “25 s”."),
        (
            vip(callback={"attempts_max": 2}),
            "number of callback attempts from “the default” to “2”.",
        ),
        (gold(queue="a"), GOLD_CONTACTS + ": queue from “vip” to “a”."),
        (gold(needs=[]), "skills from “english from 30” to “open to all”."),
        (gold(prefers=[]), "preferences from “chinese (+30)” to “none”."),
        (
            gold(end="overflow", overflow_to="a"),
            "from “then the offer of a callback” to “then on to queue a”.",
        ),
        (gold(offers_max=None), "greatest number of offers from “6” to “none”."),
        (gold(head_start_cap_s=20), "cap of the head start from “300 s” to “20 s”."),
        (
            lambda new: new.update(weights={"loyalty": 0.5}),
            "The head start: weights from “value 0.7, loyalty 0.3” to “value 1, loyalty 0.5”.",
        ),
        (
            lambda new: new.update(default={"queue": "vip", "end": "hold"}),
            "The default: queue from “a” to “vip”.",
        ),
    ],
)
def test_a_change_is_told_in_words(change: Any, sentence: str) -> None:
    lines = changed(change)
    assert len(lines) == 1
    assert sentence in lines[0]


def test_a_calendar_says_for_which_queues_it_changes() -> None:
    lines = changed(
        lambda new: new.update(
            calendars=[
                new["calendars"][0],
                {
                    **OFFICE,
                    "open": [{"days": ["sat"], "from": "10:00", "to": "12:00", "first_day": "2026-01-01"}],
                    "holidays": [{"date": "2026-12-24", "name": "Eve", "from": "11:00", "to": "12:00"}],
                    "emergencies": [
                        {"from": "2026-01-01T10:00", "until": "2026-01-01T11:00", "reason": "Fire"}
                    ],
                },
            ]
        )
    )
    assert lines == [
        "Calendar office (queues vip): opening hours from “Monday, Tuesday, Wednesday, Thursday, "
        "Friday 09:00-17:30” to “Saturday 10:00-12:00 from 2026-01-01”.",
        "Calendar office (queues vip): holidays from “none” to “2026-12-24 Eve 11:00-12:00”.",
        "Calendar office (queues vip): emergencies from “none” to “2026-01-01T10:00-2026-01-01T11:00 Fire”.",
    ]


def test_what_is_new_gone_or_in_another_order_is_told() -> None:
    old = body(rules=[rule("one", GOLD), rule("two", clause("value", ">", 5))])
    new = body(
        skills=[skill for skill in old["skills"] if skill["id"] != "vip"] + [{"id": "french", "name": "F"}],
        rules=[rule("two", clause("value", ">", 5)), rule("one", GOLD), rule("three", GOLD)],
    )
    assert diff(old, new) == [
        "Skill french is new.",
        "Skill vip is gone.",
        "Rule three is new: when customer tier is gold, queue a, and hold.",
        "The rules are tried in another order: two, one, three.",
    ]
    assert diff(new, old, "zh") == [
        "技能 vip 是新增的。",
        "技能 french 已删除。",
        "规则 three 已删除。",
        "规则的顺序改为：one、two。",
    ]


def test_both_languages_come_from_one_structure() -> None:
    old, new = full(), full()
    vip(policy={"ring_s": 25})(new)
    (sentence,) = differences(old, new)
    assert sentence.zh == "队列 vip（规则 gold 的联系）：振铃时长由“默认值”改为“25 秒”。"
    assert [sentence.en] == diff(old, new, "en")


def test_of_many_rules_only_the_number_is_told() -> None:
    old = body(rules=[rule(f"r{number}", clause("value", "=", number)) for number in range(20)])
    new = {**old, "queues": [queue("a", sl_target_s=5), *old["queues"][1:]]}
    assert "(contacts of r0, r1, r2, r3, r4, r5 and 15 more)" in diff(old, new)[0]

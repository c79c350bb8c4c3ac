"""Decisions in sentences, from the engine's trace and names alone; golden in both languages."""

from typing import Any

import msgspec
import pytest

from hub import wire
from hub.console.why import decision
from hub.console.why.names import Names
from routing.commands import DecisionTrace
from tests.unit.hub.console.why.traces import HASH, MIA, NAMES, WEI, decided, lead, scored


def facts(explained: wire.Explanation, language: str) -> dict[str, str]:
    return {fact.kind: fact.text[language] for fact in explained.facts}


def test_an_arrival_that_picks_its_agent_is_told_in_english() -> None:
    explained = decision.explain(decided(), NAMES)
    assert explained.headline["en"] == (
        "Best match of the free agents: knows the customer; 74 points ahead of 陈伟."
    )
    assert facts(explained, "en") == {
        "rule": "Routed by the rule “Premium customer” of rule set “Shop” (3f2a91c0).",
        "plan": "Step 2 of its plan in Orders.",
        "lead": "Waited 1 min 12 s; counts as 45 s more"
        " (30 s for customer value 90 and loyalty 64, 15 s moved by hand).",
        "overtaking": "It overtook somebody who had come 40 s earlier; at most 2 min is possible here.",
        "agent": "74 points ahead of 陈伟: knows the customer +150, work in hand −40, fit of skills −20,"
        " expertise for a valuable customer −9, time without work −7.",
        "excluded": "Could not be asked: 2 busy, 1 offline.",
        "unfit": "9 agents do not have the skills asked for.",
    }


def test_and_in_chinese() -> None:
    explained = decision.explain(decided(), NAMES)
    assert explained.headline["zh"] == "空闲坐席中最合适：了解客户；领先 陈伟 74 分。"
    assert facts(explained, "zh") == {
        "rule": "依据规则“Premium customer”（规则集“Shop” 3f2a91c0）。",
        "plan": "Orders 中路由计划的第 2 步。",
        "lead": "已等待 1 分 12 秒；折合提前 45 秒（客户价值 90 与忠诚度 64 计 30 秒、人工调整 15 秒）。",
        "overtaking": "超越了早到 40 秒的客户；此处上限为 2 分钟。",
        "agent": "领先 陈伟 74 分：了解客户 +150、手头工作量 −40、技能匹配 −20、"
        "高价值客户专长 −9、空闲时长 −7。",
        "excluded": "无法询问：2 位忙碌、1 位离线。",
        "unfit": "9 位坐席不具备所需技能。",
    }


def test_a_freed_agent_takes_the_first_in_line_although_somebody_else_would_have_fitted_better() -> None:
    ben = scored("c", skill_fit=100)
    explained = decision.explain(
        decided(
            regime="agent_picks_contact",
            chosen=ben,
            candidates=(WEI, ben),
            margin=ben.score - WEI.score,
            calendar=("holiday", "Spring Festival"),
            reserve=True,
            excluded=(),
        ),
        NAMES,
    )
    assert explained.headline["en"] == (
        "First in line when the agent became free: waited 1 min 12 s, counts as 45 s more."
    )
    assert explained.headline["zh"] == "坐席空闲时排在首位：已等待 1 分 12 秒，折合提前 45 秒。"
    said = facts(explained, "en")
    assert said["agent"] == (
        "陈伟 would have fitted better by 171 points: expertise for a valuable customer −81,"
        " fit of skills −80, time without work −10; the line came first."
    )
    assert said["hours"] == "When it came, the queue had a holiday: Spring Festival."
    assert said["reserve"] == "The queue's reserve was open."
    assert "excluded" not in said
    said = facts(explained, "zh")
    assert said["agent"].startswith("陈伟 本可高出 171 分：高价值客户专长 −81")
    assert said["agent"].endswith("；但以排队顺序为先。")
    assert said["hours"] == "到达时队列处于假日：Spring Festival。"
    assert [each.chosen for each in explained.candidates] == [False, True]


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        (
            {"lead": lead(bound_ms=None)},
            "It overtook nobody; no bound holds here: a queue with the same agents goes by value alone.",
            "没有超越任何人；此处没有上限：共用坐席的队列只按价值排序。",
        ),
        (
            {"lead": lead()},
            "It overtook nobody; at most 2 min is possible here.",
            "没有超越任何人；此处上限为 2 分钟。",
        ),
    ],
)
def test_overtaking_is_told_with_its_bound(changes: dict[str, Any], en: str, zh: str) -> None:
    explained = decision.explain(decided(**changes), NAMES)
    assert facts(explained, "en")["overtaking"] == en
    assert facts(explained, "zh")["overtaking"] == zh


@pytest.mark.parametrize(
    ("place", "en", "zh"),
    [
        (
            lead(lead_ms=60_000, head_start_ms=30_000, boost_ms=0),
            "; counts as 1 min more (30 s for customer value 90 and loyalty 64,"
            " 30 s as waiting weighs more here).",
            "；折合提前 1 分钟（客户价值 90 与忠诚度 64 计 30 秒、等待加权 30 秒）。",
        ),
        (
            lead(lead_ms=120_000, head_start_ms=100_000, boost_ms=50_000),
            "; counts as 2 min more (1 min 40 s for customer value 90 and loyalty 64, 50 s moved by hand,"
            " −30 s over the most that is possible).",
            "；折合提前 2 分钟（客户价值 90 与忠诚度 64 计 1 分 40 秒、人工调整 50 秒、"
            "超出上限的部分 −30 秒）。",
        ),
        (
            lead(lead_ms=10_000, head_start_ms=30_000, boost_ms=0, target_ms=20_000),
            "; counts as 10 s more (30 s for customer value 90 and loyalty 64,"
            " −20 s that does not count so far); its service-level target is 20 s.",
            "；折合提前 10 秒（客户价值 90 与忠诚度 64 计 30 秒、目前不计入 −20 秒）；服务目标 20 秒。",
        ),
        (
            lead(lead_ms=0, head_start_ms=5_000, boost_ms=-15_000),
            ".",
            "。",
        ),
        (lead(lead_ms=0, head_start_ms=0, boost_ms=0), ".", "。"),
    ],
)
def test_the_place_in_line_is_told_in_parts_that_add_up(place: Any, en: str, zh: str) -> None:
    explained = decision.explain(decided(lead=place), NAMES)
    assert facts(explained, "en")["lead"] == "Waited 1 min 12 s" + en
    assert facts(explained, "zh")["lead"] == "已等待 1 分 12 秒" + zh
    assert explained.lead is not None
    assert sum(part.amount for part in explained.lead.parts) == place.lead_ms


def test_candidates_come_with_their_parts_and_the_margin() -> None:
    explained = decision.explain(decided(), NAMES)
    first, second = explained.candidates
    assert (first.agent_name, first.chosen, first.score) == ("Mia Ortiz", True, 345)
    assert {part.name: part.amount for part in second.parts} == {
        "skill_fit": 180,
        "value_expertise": 81,
        "idleness": 10,
    }
    assert (explained.margin, second.chosen) == (74, False)


def test_equal_points_are_told_as_what_they_are() -> None:
    twin = scored("e", **{part.name: part.points for part in MIA.parts})
    explained = decision.explain(decided(runner_up=twin, candidates=(MIA, twin), margin=0), NAMES)
    assert explained.headline["en"].endswith("; level with Kai Berg, and free for longer.")
    assert facts(explained, "en")["agent"] == "The same points as Kai Berg."
    assert facts(explained, "zh")["agent"] == "与 Kai Berg 分数相同。"


def test_one_point_is_one_point() -> None:
    ahead = scored("a", skill_fit=101)
    explained = decision.explain(
        decided(chosen=ahead, runner_up=scored("b", skill_fit=100), candidates=(), margin=None), NAMES
    )
    assert explained.headline["en"] == "Best match of the free agents: fit of skills; 1 point ahead of 陈伟."


def test_a_trace_of_an_older_version_is_still_explained() -> None:
    new = {"candidates", "margin", "lead", "calendar", "reserve"}
    stored = {k: v for k, v in msgspec.to_builtins(decided()).items() if k not in new}
    explained = decision.explain(msgspec.convert(stored, DecisionTrace), NAMES)
    assert explained.headline["en"].endswith("74 points ahead of 陈伟.")
    said = facts(explained, "en")
    assert said["lead"] == "Waited 1 min 12 s; customer value 90 and loyalty 64 count as 30 s more."
    assert "overtaking" not in said
    assert explained.lead is None
    assert [each.agent_name for each in explained.candidates] == ["Mia Ortiz", "陈伟"]
    assert explained.margin == 74


def test_nobody_else_was_free_and_the_default_rule_decided() -> None:
    explained = decision.explain(
        decided(runner_up=None, candidates=(MIA,), margin=None, rule="default"), NAMES
    )
    assert explained.headline["en"] == (
        "Best match of the free agents: fit of skills, knows the customer; nobody else was free."
    )
    assert facts(explained, "en")["rule"] == "Routed by the default rule of rule set “Shop” (3f2a91c0)."
    assert facts(explained, "zh")["rule"] == "依据默认规则（规则集“Shop” 3f2a91c0）。"


def test_what_has_no_name_any_more_is_shown_by_its_id_and_words_of_the_future_as_they_are() -> None:
    strange = scored("zoe", moon_phase=7)
    explained = decision.explain(
        decided(chosen=strange, runner_up=MIA, candidates=(), excluded=(("on_strike", 3),)), Names()
    )
    assert facts(explained, "en")["rule"] == f"Routed by the rule “vip” of rule set ({HASH[:8]})."
    assert facts(explained, "zh")["rule"] == f"依据规则“vip”（规则集 {HASH[:8]}）。"
    assert facts(explained, "en")["excluded"] == "Could not be asked: 3 on strike."
    assert explained.candidates[0].agent_name == "zoe"
    assert explained.candidates[0].parts[0].label == {"en": "moon phase", "zh": "moon phase"}


def test_reasons_come_by_their_count_and_those_who_were_never_meant_last() -> None:
    counts = (("busy", 2), ("not_in_target", 50), ("offline", 11), ("ramping", 2))
    assert [(each.reason, each.count) for each in decision.excluded(counts)] == [
        ("offline", 11),
        ("busy", 2),
        ("ramping", 2),
        ("not_in_target", 50),
    ]

"""Decisions in sentences, from the engine's trace alone."""

from hub.console import why
from routing.commands import Candidate, DecisionTrace, ScorePart
from routing.types import AgentId, QueueId


def trace(**changes: object) -> DecisionTrace:
    chosen = Candidate(AgentId("a"), 130, (ScorePart("skill_fit", 100), ScorePart("continuity", 30)))
    values: dict[str, object] = {
        "regime": "contact_picks_agent",
        "rule_set": "hash",
        "rule": "vip",
        "queue": QueueId("q"),
        "step": 0,
        "waited_ms": 72_000,
        "head_start_ms": 30_000,
        "key_ms": 0,
        "value": 90,
        "loyalty": 50,
        "chosen": chosen,
        "runner_up": Candidate(AgentId("b"), 112, ()),
        "excluded": (("busy", 2), ("not_in_target", 9), ("offline", 1)),
    }
    return DecisionTrace(**{**values, **changes})  # type: ignore[arg-type]


def test_the_best_agent_is_explained_by_merits_and_the_next_best() -> None:
    said = why.chosen(trace(), {"b": "Mia Ortiz"}.__getitem__)
    assert said["en"] == (
        "Best match among the free agents: fits the skills, knows the customer"
        " (130 points, next Mia Ortiz 112). Could not be asked: 2 busy, 1 offline. Rule vip."
    )
    assert said["zh"] == (
        "空闲坐席中最合适：技能匹配、了解该客户（130 分，其次 Mia Ortiz 112 分）。"
        "无法询问：2 位忙碌、1 位离线。规则 vip。"
    )


def test_the_first_in_line_is_explained_by_waiting_and_value() -> None:
    said = why.chosen(trace(regime="agent_picks_contact", excluded=()), str)
    assert said["en"] == (
        "First in line when the agent became free: waited 1 min 12 s,"
        " customer value 90 counts as 30 s more. Rule vip."
    )
    assert "已等待 1 分 12 秒" in said["zh"]


def test_a_waiting_contact_is_told_what_keeps_everybody() -> None:
    assert why.waiting({"busy": 2, "aux": 1}, 0)["en"] == "Nobody who could help is free: 1 away, 2 busy."
    assert why.waiting({"free": 1}, 3)["en"] == "3 before it in line."
    assert why.waiting({}, 0)["zh"] == "没有具备所需技能的坐席。"

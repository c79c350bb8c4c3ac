"""Why nobody yet, and what would have to change; golden in both languages."""

from typing import Any

import pytest

from hub.console.why import wait
from hub.console.why.words import FREED, REASONS
from routing.commands import Change, Expected
from tests.unit.hub.console.why.traces import HASH, NAMES, NOW_MS, lead, waits


def test_a_waiting_contact_is_told_in_full() -> None:
    explained = wait.explain(waits(expected=Expected(130_000, 170_000, 290_000)), NAMES, NOW_MS)
    assert explained.headline == {
        "en": "Nobody who could help is free: 2 busy, 1 away.",
        "zh": "可服务的坐席均不空闲：2 位忙碌、1 位小休。",
    }
    assert [(fact.kind, fact.text["en"]) for fact in explained.facts] == [
        ("place", "Number 3 of 7 in Orders."),
        ("expected", "Probably 2–5 min more (true in four of five cases)."),
        (
            "lead",
            "Waited 1 min 12 s; counts as 45 s more"
            " (30 s for customer value 90 and loyalty 64, 15 s moved by hand).",
        ),
        ("bound", "Nobody who comes more than 2 min later is served first."),
        ("rule", "Routed by the rule “Premium customer” of rule set “Shop” (3f2a91c0)."),
        ("plan", "Step 1 of 3 of its plan, for 25 s more; 3 agents have what is asked for."),
        ("unfit", "1 agent does not have the skills asked for."),
    ]
    assert [fact.text["zh"] for fact in explained.facts] == [
        "Orders：第 3 位，共 7 位。",
        "预计还需 2–5 分钟（五次中有四次如此）。",
        "已等待 1 分 12 秒；折合提前 45 秒（客户价值 90 与忠诚度 64 计 30 秒、人工调整 15 秒）。",
        "晚到超过 2 分钟的客户不会先得到服务。",
        "依据规则“Premium customer”（规则集“Shop” 3f2a91c0）。",
        "路由计划第 1 步，共 3 步，还剩 25 秒；3 位坐席符合要求。",
        "1 位坐席不具备所需技能。",
    ]


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        ({"target": 0}, "Nobody has the skills that are asked for now.", "目前没有坐席具备所需技能。"),
        ({"target": 4}, "2 contacts come first.", "前面还有 2 位客户。"),
        ({"target": 4, "ahead": 1}, "1 contact comes first.", "前面还有 1 位客户。"),
        ({"target": 4, "ahead": 0}, "An agent is being found.", "正在分配坐席。"),
    ],
)
def test_the_headline_says_what_keeps_it(changes: dict[str, Any], en: str, zh: str) -> None:
    assert wait.headline(waits(**changes)) == {"en": en, "zh": zh}


@pytest.mark.parametrize(
    ("what", "en", "zh"),
    [
        (
            Change("agent_freed", 5, ("a", "b", "c", "d"), reason="busy"),  # type: ignore[arg-type]
            "One of 5 agents (Mia Ortiz, 陈伟, Ben Okafor and 2 more) finishes something in hand.",
            "5 位坐席（Mia Ortiz、陈伟、Ben Okafor 等）中有一位完成手头工作。",
        ),
        (
            Change("agent_freed", 2, ("a", "b"), reason="offline"),  # type: ignore[arg-type]
            "One of 2 agents (Mia Ortiz, 陈伟) comes to work.",
            "2 位坐席（Mia Ortiz、陈伟）中有一位上线。",
        ),
        (
            Change("agent_freed", 1, ("e",), reason="aux"),  # type: ignore[arg-type]
            "Kai Berg comes back from being away.",
            "Kai Berg 结束小休。",
        ),
        (Change("agent_freed", 1), "One agent becomes free.", "1 位坐席变为空闲。"),
        (
            Change("step", 3, at_ms=NOW_MS + 25_000),
            "In 25 s its plan goes on: 3 more agents who are free now can then be asked.",
            "25 秒后路由计划进入下一步：可再询问 3 位空闲坐席。",
        ),
        (
            Change("step", 1, at_ms=NOW_MS + 65_000),
            "In 1 min 5 s its plan goes on: 1 more agent who is free now can then be asked.",
            "1 分 5 秒后路由计划进入下一步：可再询问 1 位空闲坐席。",
        ),
        (
            Change("step", 0, at_ms=NOW_MS + 5_000),
            "In 5 s its plan goes on; nobody more is free for it now.",
            "5 秒后路由计划进入下一步；目前没有更多空闲坐席。",
        ),
        (
            Change("skill", 2, skill="french", level=60),
            "With the skill “French” at level 60, 2 agents who are free now could be asked.",
            "若具备技能“French”（60 级），现在可询问 2 位空闲坐席。",
        ),
        (
            Change("skill", 1, skill="klingon", level=1),
            "With the skill “klingon”, 1 agent who is free now could be asked.",
            "若具备技能“klingon”，现在可询问 1 位空闲坐席。",
        ),
        (
            Change("cooled", 1, ("b",), at_ms=NOW_MS + 40_000),  # type: ignore[arg-type]
            "In 40 s 陈伟, who was asked before, can be asked again.",
            "40 秒后可再次询问 陈伟。",
        ),
        (
            Change("cooled", 2, ("a", "b"), at_ms=NOW_MS - 1),  # type: ignore[arg-type]
            "Now the first of 2 agents who were asked before (Mia Ortiz, 陈伟) can be asked again.",
            "现在可再次询问 2 位询问过的坐席（Mia Ortiz、陈伟）中的第一位。",
        ),
        (
            Change("cooled", 1),
            "Later an agent who was asked before can be asked again.",
            "之后可再次询问 1 位询问过的坐席。",
        ),
        (
            Change("reserve", 4, at_ms=NOW_MS + 60_000),
            "The queue's reserve opens, in 1 min at the latest: 4 agents help out.",
            "该队列启用预备组（最迟 1 分钟后）：增加 4 位坐席。",
        ),
        (
            Change("reserve", 1),
            "The queue's reserve opens: 1 agent helps out.",
            "该队列启用预备组：增加 1 位坐席。",
        ),
        (
            Change("end", 0, at_ms=NOW_MS + 3_900_000, reason="callback"),
            "In 1 h 5 min its plan ends: the customer is asked whether to be called back.",
            "1 小时 5 分后路由计划结束：询问客户是否需要回电。",
        ),
        (Change("ahead", 1), "The one before it is served.", "前面的 1 位客户得到服务。"),
        (Change("ahead", 3), "The 3 before it are served.", "前面的 3 位客户得到服务。"),
    ],
)
def test_every_change_is_a_sentence(what: Change, en: str, zh: str) -> None:
    assert wait.change(what, NAMES, HASH, NOW_MS).text == {"en": en, "zh": zh}


def test_every_reason_that_keeps_an_agent_has_a_way_out_of_it() -> None:
    assert set(REASONS) - set(FREED) == {"asked_before", "channel", "not_in_target", "reserve"}


def test_the_changes_keep_their_order_and_name_their_kind() -> None:
    changes = (Change("ahead", 2), Change("step", 1, at_ms=NOW_MS + 1_000))
    explained = wait.explain(waits(changes=changes), NAMES, NOW_MS)
    assert [each.kind for each in explained.changes] == ["ahead", "step"]


def test_a_plan_that_is_over_and_a_queue_without_a_bound() -> None:
    explained = wait.explain(
        waits(step=3, step_until_ms=None, lead=lead(bound_ms=None), calendar=("closed", "")), NAMES, NOW_MS
    )
    said = {fact.kind: fact.text for fact in explained.facts}
    assert said["plan"]["en"] == (
        "Its plan is over: anyone of the queue may be asked; 3 agents have what is asked for."
    )
    assert said["bound"] == {
        "en": "No bound: this queue, or one with the same agents, goes by value alone;"
        " whoever comes later may be served first, however late.",
        "zh": "没有上限：该队列或共用坐席的队列只按价值排序，无论多晚到的客户都可能先得到服务。",
    }
    assert said["expected"]["en"] == "How long it will take cannot be foreseen."
    assert said["hours"] == {
        "en": "When it came, the queue was closed.",
        "zh": "到达时队列不在服务时间。",
    }

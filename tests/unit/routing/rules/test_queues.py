"""Queues: what is said of one reaches the engine, what does not go together is refused, hours are kept."""

from datetime import UTC, datetime
from typing import Any

import pytest

from routing.rules.queues import ClosedEnd
from routing.rules.ruleset import Routing, RuleSet
from routing.types import (
    AgentId,
    CallbackPolicy,
    Full,
    OfferPolicy,
    Order,
    Overflow,
    PlanEnd,
    QueueId,
    QueueSpec,
    Reserve,
    RoutePlan,
    SkillId,
    SkillNeed,
    Step,
)
from tests.unit.routing.rules.bodies import body, clause, problems, queue, queues, rule

B = QueueId("b")
VIP = SkillNeed(SkillId("vip"), 40)
RESERVE = {
    "needs": [{"skill": "vip", "min_level": 40}],
    "open_waiting": 8,
    "close_waiting": 2,
    "open_wait_s": 60,
    "close_wait_s": 20.5,
}


def spec(**keys: Any) -> QueueSpec:
    made = queues(**keys)
    assert problems(made) == {}
    return RuleSet(made).queue_specs()[0]


def test_what_is_not_said_is_the_engine_s_default() -> None:
    assert spec() == QueueSpec(QueueId("a"), "Queue a")


def test_everything_that_is_said_reaches_the_engine() -> None:
    found = spec(
        needs=[{"skill": "english"}],
        any_of=[[{"skill": "vip", "min_level": 40}], [{"skill": "chinese"}]],
        policy={"ring_s": 15, "delivery_s": 0, "setup_s": 5, "wrap_up_s": 0, "exclusion_s": 30},
        head_start_max_s=90,
        sl_target_s=12.5,
        order="accumulating",
        ageing_percent=150,
        by_target=True,
        targets=[{"tier": "Gold", "sl_target_s": 10}, {"tier": "bronze", "sl_target_s": 60}],
        length_max=40,
        full="overflow",
        full_to="b",
        overflows=[
            {"to": "c", "waiting_over": 10, "staffed_below": 2},
            {"to": "b", "oldest_wait_over_s": 90, "expected_wait_over_s": 120},
        ],
        reserve=RESERVE,
        plan={"steps": [{"for_s": 20}], "end": "any_in_queue", "offers_max": 4},
        callback={"attempts_max": 2, "gap_s": 60, "dial_s": 20, "window_s": 900},
    )
    assert found == QueueSpec(
        queue=QueueId("a"),
        name="Queue a",
        needs=(SkillNeed(SkillId("english")),),
        any_of=((SkillNeed(SkillId("chinese")),), (VIP,)),
        policy=OfferPolicy(15_000, 0, 5_000, 0, 30_000),
        head_start_max_ms=90_000,
        sl_target_ms=12_500,
        order=Order.ACCUMULATING,
        ageing_percent=150,
        by_target=True,
        targets=(("bronze", 60_000), ("gold", 10_000)),
        length_max=40,
        full=Full.OVERFLOW,
        full_to=B,
        overflows=(
            Overflow(QueueId("c"), waiting_over=10, staffed_below=2),
            Overflow(B, oldest_wait_over_ms=90_000, expected_wait_over_ms=120_000),
        ),
        reserve=Reserve((VIP,), 8, 2, 60_000, 20_500),
        plan=RoutePlan((Step((), None, 20_000),), PlanEnd.ANY_IN_QUEUE, None, 4),
        callback=CallbackPolicy(2, 60_000, 20_000, 900_000),
    )


def test_strict_is_an_order_like_any_other() -> None:
    assert spec(order="strict").order is Order.STRICT
    assert spec(order="head_start", ageing_percent=200).ageing_percent == 200


@pytest.mark.parametrize(
    ("keys", "pointer", "words"),
    [
        ({"order": "random"}, "/order", "“head_start”, “accumulating” or “strict”"),
        ({"order": "accumulating"}, "/ageing_percent", "more than 100 percent"),
        ({"order": "accumulating", "ageing_percent": 100}, "/ageing_percent", "more than 100 percent"),
        ({"order": "strict", "ageing_percent": 150}, "/ageing_percent", "ageing says nothing"),
        ({"order": "strict", "by_target": True}, "/by_target", "targets say nothing"),
        ({"ageing_percent": 50}, "/ageing_percent", "from 100 to 1000"),
        ({"ageing_percent": float("inf")}, "/ageing_percent", "from 100 to 1000"),
        ({"by_target": 1}, "/by_target", "true or false"),
        ({"targets": [{"tier": "gold"}]}, "/targets/0/sl_target_s", "seconds from 1"),
        (
            {"targets": [{"tier": "gold", "sl_target_s": 5}, {"tier": "GOLD", "sl_target_s": 6}]},
            "/targets/1/tier",
            "two",
        ),
        ({"targets": [{"tier": 3, "sl_target_s": 5}]}, "/targets/0/tier", "A text is needed"),
        ({"length_max": 0}, "/length_max", "from 1"),
        ({"length_max": -4}, "/length_max", "from 1"),
        ({"full": "voicemail"}, "/full", "never full"),
        ({"length_max": 5, "full": "explode"}, "/full", "“turn_away”"),
        ({"length_max": 5, "full": "overflow"}, "/full_to", "no queue called None"),
        ({"length_max": 5, "full_to": "b"}, "/full_to", "only for overflow"),
        ({"overflows": [{"to": "b"}]}, "/overflows/0", "At least one condition"),
        ({"overflows": [{"waiting_over": 5}]}, "/overflows/0/to", "no queue called None"),
        ({"overflows": [{"to": "b", "staffed_below": 0}]}, "/overflows/0/staffed_below", "from 1"),
        ({"overflows": [{"to": "b", "oldest_wait_over_s": -1}]}, "/overflows/0/oldest_wait_over_s", "from 0"),
        ({"overflows": [{"to": "b", "waiting_over": 1e400}]}, "/overflows/0/waiting_over", "not inf"),
        ({"reserve": {**RESERVE, "needs": []}}, "/reserve/needs", "at least one skill"),
        (
            {"reserve": {**RESERVE, "needs": [{"skill": "x"}]}},
            "/reserve/needs/0/skill",
            "no skill called 'x'",
        ),
        ({"reserve": {**RESERVE, "close_waiting": 8}}, "/reserve/close_waiting", "less than open_waiting"),
        ({"reserve": {**RESERVE, "close_wait_s": 60}}, "/reserve/close_wait_s", "less than open_wait_s"),
        ({"reserve": {"needs": RESERVE["needs"]}}, "/reserve/open_waiting", "from 1"),
        ({"reserve": 3}, "/reserve", "must be an object"),
        ({"callback": {"attempts_max": 0}}, "/callback/attempts_max", "from 1 to 20"),
        ({"callback": {"gap_s": 1e30}}, "/callback/gap_s", "seconds from 1"),
        ({"policy": []}, "/policy", "must be an object"),
        ({"calendar": "moon", "when_closed": {"end": "hold"}}, "/calendar", "no calendar called 'moon'"),
        ({"calendar": "office"}, "/when_closed", "must be said"),
        ({"when_closed": {"end": "hold"}}, "/when_closed", "always open"),
        ({"calendar": "office", "when_closed": {"end": "sleep"}}, "/when_closed/end", "“turn_away”"),
        ({"calendar": "office", "when_closed": {"end": "overflow"}}, "/when_closed/to", "no queue called"),
        (
            {"calendar": "office", "when_closed": {"end": "hold", "to": "b"}},
            "/when_closed/to",
            "only for overflow",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(keys: dict[str, Any], pointer: str, words: str) -> None:
    assert words in problems(queues(**keys))[f"/queues/0{pointer}"]


NIGHT_MS = round(datetime(2026, 1, 5, 3, tzinfo=UTC).timestamp() * 1000)
DAY_MS = round(datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp() * 1000)


def at_night(closed: dict[str, Any], channel: str = "voice", **others: Any) -> Routing:
    made = body(
        queues=[
            queue("a", calendar="office", when_closed=closed),
            queue("b", head_start_max_s=30, plan={"steps": [{"for_s": 20}], "end": "any_in_queue"}, **others),
            queue("c"),
        ]
    )
    assert problems(made) == {}
    return RuleSet(made).route({"channel": channel}, None, now_ms=NIGHT_MS)


def test_in_its_hours_a_queue_is_as_without_a_calendar() -> None:
    made = queues(calendar="office", when_closed={"end": "turn_away"})
    plain = Routing(rule="default", queue="a", plan=RoutePlan((Step(),)), head_start_cap_ms=120_000)  # type: ignore[arg-type]
    assert RuleSet(made).route({}, None, now_ms=DAY_MS) == plain
    assert RuleSet(made).route({}, None) == plain, "without an instant every queue counts as open"
    assert RuleSet(made).hours(QueueId("a"), NIGHT_MS) == ("closed", "Office hours")
    assert RuleSet(made).hours(B, NIGHT_MS) == ("open", "")


@pytest.mark.parametrize(
    ("end", "plan"),
    [
        ("hold", RoutePlan((Step(),))),
        ("voicemail", RoutePlan((Step(duration_ms=0),), PlanEnd.VOICEMAIL)),
        ("callback", RoutePlan((Step(duration_ms=0),), PlanEnd.CALLBACK)),
        ("turn_away", RoutePlan((Step(),))),
    ],
)
def test_outside_its_hours_a_queue_does_what_it_says(end: str, plan: RoutePlan) -> None:
    routing = at_night({"end": end})
    assert (routing.queue, routing.closed, routing.plan) == ("a", ClosedEnd(end), plan)
    assert routing.calendar == ("closed", "Office hours")


@pytest.mark.parametrize("channel", ["email", "SMS"])
@pytest.mark.parametrize("end", ["voicemail", "callback", "turn_away"])
def test_mail_and_texts_wait_for_the_hours(channel: str, end: str) -> None:
    routing = at_night({"end": end}, channel)
    assert (routing.closed, routing.plan) == (ClosedEnd.HOLD, RoutePlan((Step(),)))


def test_a_closed_queue_leads_on_to_another_one_by_that_one_s_plan() -> None:
    routing = at_night({"end": "overflow", "to": "b"})
    assert (routing.rule, routing.queue, routing.closed) == ("default", B, None)
    assert routing.plan == RoutePlan((Step((), None, 20_000),), PlanEnd.ANY_IN_QUEUE)
    assert routing.head_start_cap_ms == 30_000
    assert routing.calendar == ("closed", "Office hours"), "why it is not where the rule sent it"


def test_the_other_queue_s_own_hours_hold_too() -> None:
    onward = {"calendar": "office", "when_closed": {"end": "overflow", "to": "c"}}
    assert at_night({"end": "overflow", "to": "b"}, **onward).queue == "c"
    away = {"calendar": "office", "when_closed": {"end": "turn_away"}}
    routing = at_night({"end": "overflow", "to": "b"}, **away)
    assert (routing.queue, routing.closed) == (B, ClosedEnd.TURN_AWAY)
    night = {"calendar": "always", "when_closed": {"end": "turn_away"}}
    assert at_night({"end": "overflow", "to": "b"}, **night).closed is None


def test_rules_may_ask_what_a_calendar_says() -> None:
    made = body(
        rules=[
            rule("night", clause("calendar.office", "=", "closed"), queue="b"),
            rule("odd", clause("calendar.office", "in", ["holiday", "emergency"]), queue="c"),
        ]
    )
    rule_set = RuleSet(made)
    assert rule_set.route({}, None, now_ms=NIGHT_MS).rule == "night"
    assert rule_set.route({}, None, now_ms=DAY_MS).rule == "default"
    assert rule_set.route({"calendar.office": "closed"}, None).rule == "default", "nobody outside can say so"
    unknown = body(rules=[rule("x", clause("calendar.moon", "=", "open"))])
    assert "no field called 'calendar.moon'" in problems(unknown)["/rules/0/when/rules/0/field"]
    wrong = body(rules=[rule("x", clause("calendar.office", "=", "shut"))])
    assert "one of open, closed, holiday, emergency" in problems(wrong)["/rules/0/when/rules/0/value"]


def test_steps_for_agents_are_kept_within_the_hours() -> None:
    made = queues(calendar="always", when_closed={"end": "turn_away"})
    made["default"] = {"queue": "a", "steps": [{"agent": "last", "for_s": 5}, {}], "end": "hold"}
    routing = RuleSet(made).route({}, AgentId("ann"), now_ms=NIGHT_MS)
    assert [step.agent for step in routing.plan.steps] == ["ann", None]
    assert routing.calendar == ("open", "")

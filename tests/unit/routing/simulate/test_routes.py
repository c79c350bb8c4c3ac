"""Remembered decisions are the decisions: asking each time gives the same."""

from typing import Any

from routing.rules.ruleset import RuleSet
from routing.simulate.day import Visit, hour, weekday
from routing.simulate.routes import Router
from tests.unit.routing.simulate.days import body, day, stream


def rule(name: str, field: str, operator: str, value: Any, then: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "when": {"combinator": "or", "rules": [{"field": field, "operator": operator, "value": value}]},
        "then": {"queue": then, "end": "hold"},
    }


def rules(*, fields: bool = True) -> dict[str, Any]:
    whole = body(cap_s=100)
    names = ("tier", "value", "loyalty", "hour", "language", "channel")
    whole["queues"] += [{**whole["queues"][0], "id": name} for name in names]
    if fields:
        whole["rules"] = [
            rule("tier", "tier", "=", "gold", "tier"),
            rule("value", "value", ">", 80, "value"),
            rule("loyalty", "loyalty", "<", 10, "loyalty"),
            rule("hour", "hour", "=", 9, "hour"),
            rule("language", "language", "beginsWith", "zh", "language"),
            rule("channel", "channel", "=", "chat", "channel"),
        ]
    return whole


def visits() -> list[Visit]:
    everybody = [
        {"share": 0.1, "tier": "gold"},
        {"share": 0.4, "value": {"from": 0, "to": 100}, "loyalty": {"from": 0, "to": 100}},
        {"share": 0.5, "facts": {"language": "zh-CN"}, "loyalty": {"from": 0, "to": 100}},
    ]
    curve = [{"from": "08:00", "to": "10:00", "per_hour": 200}]
    busy = day(
        stream("calls", arrivals=curve, customers=everybody),
        stream(
            "chats", channel="chat", arrivals=curve, customers=[{"share": 1, "value": {"from": 40, "to": 60}}]
        ),
    )
    return [visit for source in busy.visits(1) for visit in source]


def test_what_is_remembered_is_what_the_rule_set_says() -> None:
    rule_set = RuleSet(rules())
    router = Router(rule_set, 0)
    seen = set()
    for visit in visits():
        route = router.route(visit)
        asked = rule_set.route(
            {
                **visit.kind.facts,
                "channel": str(visit.kind.channel),
                "tier": visit.tier or None,
                "value": visit.value,
                "loyalty": visit.loyalty,
                "hour": hour(visit.at_ms),
                "weekday": weekday(visit.at_ms),
            },
            None,
            now_ms=visit.at_ms,
        )
        assert route.routing == asked
        cap_ms = asked.head_start_cap_ms
        assert router.head_start_ms(visit, route) == rule_set.head_start_ms(
            visit.value, visit.loyalty, cap_ms
        )
        seen.add(asked.queue)
    assert seen == {"tier", "value", "loyalty", "hour", "language", "channel", "all"}, "every rule was tried"


def test_contacts_of_one_plan_and_queue_stand_in_one_line() -> None:
    router = Router(RuleSet(rules(fields=False)), 0)
    lines = {id(router.route(visit).line) for visit in visits()}
    assert len(lines) == 2, "calls and chats"


def test_where_a_step_names_an_agent_nobody_is_compared() -> None:
    whole = rules(fields=False)
    whole["default"]["steps"] = [{"agent": "preferred", "for_s": 20}, {}]
    router = Router(RuleSet(whole), 0)
    curve = [{"from": "08:00", "to": "09:00", "per_hour": 10}]
    busy = day(stream(arrivals=curve, facts={"preferred_agent": "mia"}))
    assert all(router.route(visit).line is None for visit in busy.visits(1)[0])

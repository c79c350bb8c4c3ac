"""A good rule set to change in tests, and the problems of a bad one by pointer."""

from typing import Any

from routing.rules.ruleset import check

ALWAYS_OPEN: dict[str, Any] = {
    "id": "always",
    "name": "Day and night",
    "time_zone": "UTC",
    "open": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}],
}
OFFICE: dict[str, Any] = {
    "id": "office",
    "name": "Office hours",
    "time_zone": "Europe/London",
    "open": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:30"}],
}


def body(**changes: Any) -> dict[str, Any]:
    """Three skills, three queues, no rules, calendars `always` and `office`; keys replaced by `changes`."""
    made: dict[str, Any] = {
        "skills": [{"id": skill, "name": skill.title()} for skill in ("english", "chinese", "vip")],
        "calendars": [ALWAYS_OPEN, OFFICE],
        "queues": [queue("a"), queue("b"), queue("c")],
        "rules": [],
        "default": {"queue": "a", "end": "hold"},
    }
    return {**made, **changes}


def queue(ident: str, **keys: Any) -> dict[str, Any]:
    return {"id": ident, "name": f"Queue {ident}", **keys}


def queues(**keys: Any) -> dict[str, Any]:
    """The body with these keys in queue `a`."""
    return body(queues=[queue("a", **keys), queue("b"), queue("c")])


def then(**changes: Any) -> dict[str, Any]:
    """The body with another default."""
    return body(default={"queue": "a", "end": "hold", **changes})


def rule(ident: str, *clauses: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A rule that needs all clauses; it goes to queue `a` unless `keys` say otherwise."""
    outcome = {"queue": "a", "end": "hold", **keys}
    return {
        "id": ident,
        "name": ident.title(),
        "when": {"combinator": "and", "rules": list(clauses)} if clauses else None,
        "then": outcome,
    }


def clause(field: str, operator: str, value: object = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def problems(made: object) -> dict[str, str]:
    """Message by pointer."""
    return {problem.pointer: problem.message for problem in check(made)}


GOLD = clause("tier", "=", "gold")


def full() -> dict[str, Any]:
    """A body that uses the whole grammar."""
    return body(
        queues=[
            queue("a"),
            queue(
                "vip",
                any_of=[[{"skill": "vip"}], [{"skill": "english", "min_level": 80}]],
                targets=[{"tier": "gold", "sl_target_s": 10}],
                length_max=50,
                full="overflow",
                full_to="a",
                overflows=[{"to": "a", "waiting_over": 5, "oldest_wait_over_s": 60}],
                reserve={
                    "needs": [{"skill": "english"}],
                    "open_waiting": 8,
                    "close_waiting": 2,
                    "open_wait_s": 60,
                    "close_wait_s": 20,
                },
                plan={"steps": [{"for_s": 20}], "end": "overflow", "overflow_to": "a"},
                calendar="office",
                when_closed={"end": "voicemail"},
            ),
        ],
        rules=[
            rule(
                "gold",
                GOLD,
                clause("channel", "in", ["voice", "chat"]),
                queue="vip",
                needs=[{"skill": "english", "min_level": 30}],
                prefers=[{"skill": "chinese", "points": 30}],
                steps=[
                    {"agent": "last", "for_s": 10},
                    {"agent": "owner"},
                    {"needs": [{"skill": "vip", "min_level": 60}], "for_s": 30},
                    {"any_of": [[{"skill": "vip"}], [{"skill": "chinese"}]], "narrow": True, "for_s": 30},
                    {"for_s": 60},
                ],
                end="callback",
                offers_max=6,
                head_start_cap_s=300,
            )
        ],
        weights={"value": 0.7, "loyalty": 0.3},
    )

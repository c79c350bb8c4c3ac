"""Rule sets: the first match decides, all mistakes are told together, the hash is the content's."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.problems import PROBLEMS_MAX
from routing.rules.ruleset import RuleSet, RuleSetError, check, content_hash
from routing.rules.words import describe, diff
from routing.types import AgentId, OfferPolicy, PlanEnd, QueueId, SkillNeed, Step
from tests.unit.routing.rules.bodies import full

DEMO = Path(__file__).resolve().parents[4] / "hub" / "demo" / "ruleset.json"
ANN = AgentId("ann")


def body(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "skills": [{"id": "english", "name": "English"}, {"id": "vip", "name": "Premium"}],
        "queues": [
            {"id": "general", "name": "General"},
            {
                "id": "vip",
                "name": "Premium",
                "needs": [{"skill": "vip", "min_level": 10}],
                "policy": {"ring_s": 15, "wrap_up_s": 0},
                "head_start_max_s": 90,
                "sl_target_s": 12.5,
            },
        ],
        "rules": [
            {
                "id": "gold",
                "name": "Gold customers",
                "when": {"combinator": "and", "rules": [{"field": "tier", "operator": "=", "value": "gold"}]},
                "then": {
                    "queue": "vip",
                    "needs": [{"skill": "english", "min_level": 30}],
                    "steps": [
                        {"agent": "last", "for_s": 10},
                        {"agent": "preferred"},
                        {"needs": [{"skill": "vip", "min_level": 60}], "for_s": 30},
                        {},
                    ],
                    "end": "hold",
                    "head_start_cap_s": 300,
                },
            },
        ],
        "default": {"queue": "general", "end": "hold"},
    }
    return {**made, **changes}


def then(**changes: Any) -> dict[str, Any]:
    return body(default={"queue": "general", "end": "hold", **changes})


def test_the_first_rule_that_matches_decides() -> None:
    routing = RuleSet(body()).route({"tier": "Gold", "preferred_agent": "ben"}, ANN)
    english = SkillNeed("english", 30)  # type: ignore[arg-type]
    vip = SkillNeed("vip", 60)  # type: ignore[arg-type]
    assert (routing.rule, routing.queue) == ("gold", "vip")
    assert routing.plan.steps == (
        Step((english,), ANN, 10_000),
        Step((english,), AgentId("ben"), None),
        Step((english, vip), None, 30_000),
        Step((english,), None, None),
    )
    assert routing.plan.end is PlanEnd.HOLD
    assert routing.head_start_cap_ms == 90_000, "the queue's own bound holds"


def test_steps_for_an_unknown_agent_are_left_out() -> None:
    routing = RuleSet(body()).route({"tier": "gold"}, None)
    assert [step.agent for step in routing.plan.steps] == [None, None]


def test_a_plan_of_unknown_agents_only_is_open_to_the_queue() -> None:
    rules = RuleSet(then(steps=[{"agent": "last"}], end="any_in_queue"))
    assert rules.route({}, None).plan.steps == (Step(),)


def test_what_no_rule_matches_goes_by_the_default() -> None:
    routing = RuleSet(body()).route({}, ANN)
    assert (routing.rule, routing.queue, routing.plan.steps) == ("default", "general", (Step(),))
    assert routing.head_start_cap_ms == 120_000


def test_queues_come_out_in_milliseconds() -> None:
    general, vip = RuleSet(body()).queue_specs()
    assert general.policy == OfferPolicy()
    assert vip.policy == OfferPolicy(ring_ms=15_000, wrap_up_ms=0)
    assert (vip.head_start_max_ms, vip.sl_target_ms) == (90_000, 12_500)
    assert RuleSet(body()).queue_spec(QueueId("nothing")) is None


def test_the_hash_is_of_the_content_not_of_its_spelling() -> None:
    made = body()
    respelled = json.loads(json.dumps(dict(reversed(made.items())), indent=4))
    assert RuleSet(made).hash == content_hash(respelled)
    assert content_hash(made) != content_hash(body(name="another"))
    assert len(content_hash(made)) == 64


@pytest.mark.parametrize(
    ("made", "pointer", "words"),
    [
        ([], "", "must be an object"),
        (body(extra=1), "/extra", "Unknown key"),
        (body(skills=[{"id": "a", "name": "A"}] * 2), "/skills/1/id", "two skills"),
        (body(skills=[{"id": "no spaces", "name": "A"}]), "/skills/0/id", "An id is needed"),
        (body(queues=[]), "/queues", "At least one queue"),
        (body(queues=[{"id": "q", "name": ""}]), "/queues/0/name", "A text is needed"),
        (
            body(queues=[{"id": "q", "name": "Q", "policy": {"ring_s": -3}}]),
            "/queues/0/policy/ring_s",
            "seconds from 1",
        ),
        (
            body(queues=[{"id": "q", "name": "Q", "head_start_max_s": 1e30}]),
            "/queues/0/head_start_max_s",
            "seconds from 0",
        ),
        (
            body(queues=[{"id": "q", "name": "Q", "needs": [{"skill": "x"}]}]),
            "/queues/0/needs/0/skill",
            "no skill",
        ),
        (then(queue="nowhere"), "/default/queue", "no queue called 'nowhere'"),
        (then(needs=[{"skill": "english", "min_level": 0}]), "/default/needs/0/min_level", "from 1 to 100"),
        (then(needs=[{"skill": "english"}] * 2), "/default/needs/1/skill", "asked for twice"),
        (then(end="voicemail box"), "/default/end", "“hold”, “any_in_queue”, “overflow”"),
        (then(steps=[]), "/default/steps", "at least one step"),
        (then(steps=[{}, {}]), "/default/steps/0/for_s", "never reached"),
        (
            then(steps=[{"agent": "boss", "for_s": 3}, {}]),
            "/default/steps/0/agent",
            "“last”, “preferred” or “owner”",
        ),
        (then(steps=[{"for_s": -1}]), "/default/steps/0/for_s", "seconds from 1"),
        (then(steps=[{"agent": "last", "for_s": 3}]), "/default/steps/0", "one agent alone"),
        (then(steps=[{}], end="any_in_queue"), "/default/steps/0/for_s", "never reached"),
        (
            then(steps=[{"for_s": 5}, {"needs": [{"skill": "vip"}]}]),
            "/default/steps/1",
            "asks nobody new",
        ),
        (then(head_start_cap_s="long"), "/default/head_start_cap_s", "seconds from 0"),
        (body(rules=[{**body()["rules"][0], "id": "default"}]), "/rules/0/id", "The default is called so"),
        (body(rules=[body()["rules"][0]] * 2), "/rules/1/id", "two rules"),
        (
            body(rules=[{**body()["rules"][0], "id": "all", "when": None}, body()["rules"][0]]),
            "/rules/1",
            "never reached",
        ),
        (
            {key: value for key, value in body().items() if key != "default"},
            "/default",
            "A default is needed",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(made: object, pointer: str, words: str) -> None:
    found = {problem.pointer: problem.message for problem in check(made)}
    assert pointer in found
    assert words in found[pointer]


def test_all_mistakes_are_told_at_once() -> None:
    made = body(
        skills=[{"id": 3, "name": 4}],
        default={"queue": "x", "needs": [{"skill": "y"}], "steps": [], "end": None},
    )
    with pytest.raises(RuleSetError) as failure:
        RuleSet(made)
    pointers = [problem.pointer for problem in failure.value.problems]
    for pointer in ("/skills/0/id", "/skills/0/name", "/default/queue", "/default/needs/0/skill"):
        assert pointer in pointers
    assert "/default/steps" in pointers
    assert "/default/end" in pointers


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**4000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def spoilt(data: st.DataObject, made: Any) -> None:
    """Put nonsense at one place of a body."""
    spot: Any = made
    while True:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(spot[key], dict | list) or not spot[key] or data.draw(st.booleans()):
            spot[key] = data.draw(anything)
            return
        spot = spot[key]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_body_with_anything_anywhere_never_raises(data: st.DataObject) -> None:
    """Checked, and if accepted, it routes and reads; whatever is refused has a place and a sentence."""
    made = copy.deepcopy(data.draw(st.sampled_from((body(), full()))))
    for _ in range(data.draw(st.integers(1, 3))):
        spoilt(data, made)
    found = check(made)
    assert all(problem.message.endswith(".") for problem in found)
    assert all(problem.pointer == "" or problem.pointer.startswith("/") for problem in found)
    if found:
        with pytest.raises(RuleSetError):
            RuleSet(made)
        return
    rules = RuleSet(made)
    for facts in ({"tier": "gold", "channel": "voice"}, {}):
        assert rules.route(facts, ANN, now_ms=0).queue in {spec.queue for spec in rules.queue_specs()}
    assert describe(made)
    for language in ("en", "zh"):
        assert diff(made, made, language) == []
        diff(full(), made, language)


@settings(deadline=None)
@given(made=anything)
def test_any_json_at_all_is_checked(made: object) -> None:
    assert check(made)


def test_a_deep_body_is_refused_and_not_followed() -> None:
    deep: Any = None
    for _ in range(100_000):
        deep = [deep]
    assert [problem.pointer for problem in check(body(name=deep))] == ["/name"]
    rule = {**body()["rules"][0]}
    for key in ("id", "path", "disabled"):
        clause = {"field": "tier", "operator": "=", "value": "gold", key: deep}
        made = body(rules=[{**rule, "when": {"combinator": "and", "rules": [clause]}}])
        assert [problem.pointer for problem in check(made)] == [f"/rules/0/when/rules/0/{key}"]


def test_what_the_editor_keeps_for_itself_is_let_through() -> None:
    clause = {"field": "tier", "operator": "=", "value": "gold", "id": "r-1", "path": [0], "disabled": False}
    tree = {"combinator": "and", "rules": [clause], "id": "g-1", "path": [], "not": False}
    assert check(body(rules=[{**body()["rules"][0], "when": tree}])) == []


def test_the_number_of_mistakes_told_is_bounded() -> None:
    assert len(check({f"key{number}": 1 for number in range(5_000)})) == PROBLEMS_MAX


def test_everything_counts_in_the_hash() -> None:
    hashes = {content_hash(full())}
    for key in ("skills", "calendars", "queues", "rules"):
        made = full()
        made[key][0]["name"] += "!"
        hashes.add(content_hash(made))
    hashes.add(content_hash({**full(), "weights": {"value": 1}}))
    assert len(hashes) == 6


def test_the_demo_rules_are_good_and_reach_every_queue() -> None:
    made = json.loads(DEMO.read_text(encoding="utf-8"))
    assert check(made) == []
    rules = RuleSet(made)
    facts: list[tuple[dict[str, object], str, str]] = [
        ({"channel": "voice", "tier": "platinum", "language": "en"}, "vip", "vip"),
        ({"channel": "voice", "tier": "gold", "ivr.language": "zh"}, "vip-chinese", "vip"),
        ({"channel": "voice", "ivr.reason": "order"}, "orders", "orders"),
        ({"channel": "voice", "ivr.reason": "order", "language": "zh"}, "orders-chinese", "orders"),
        ({"channel": "voice", "ivr.reason": "billing"}, "billing", "billing"),
        ({"channel": "email", "subject": "我要投诉", "language": "zh"}, "complaint-chinese", "complaints"),
        ({"channel": "voice", "ivr.reason": "other", "language": "zh"}, "chinese", "general"),
        ({"channel": "chat"}, "written", "general"),
        ({"channel": "voice", "ivr.reason": "other"}, "default", "general"),
    ]
    for given_facts, rule, queue in facts:
        routing = rules.route(given_facts, None)
        assert (routing.rule, routing.queue) == (rule, queue)
    assert rules.rule_name(rules.route({"channel": "chat"}, None).rule) == "Mail, chat and text messages"
    assert set(rules.skills()) == {"english", "chinese", "orders", "billing", "complaints", "vip"}

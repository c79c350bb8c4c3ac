"""Plans: steps widen unless they are narrow, named agents are filled in, and the end is always reached."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.ruleset import CASE_OWNER_FACT, PREFERRED_AGENT_FACT, RuleSet
from routing.target import meets, target_of
from routing.types import AgentId, PlanEnd, QueueId, RoutePlan, SkillId, SkillNeed, SkillWish, Step
from tests.unit.routing.rules.bodies import body, problems, queue, queues, then

ANN = AgentId("ann")
ENGLISH, CHINESE, VIP = (SkillId(skill) for skill in ("english", "chinese", "vip"))


def need(skill: str, level: int = 1) -> dict[str, Any]:
    return {"skill": skill, "min_level": level}


def plan_of(**changes: Any) -> RoutePlan:
    made = then(**changes)
    assert problems(made) == {}
    return RuleSet(made).route({}, ANN).plan


def test_a_step_asks_whom_the_steps_before_it_asked_as_well() -> None:
    plan = plan_of(
        needs=[need("english", 30)],
        steps=[
            {"agent": "last", "needs": [need("vip", 90)], "for_s": 5},
            {"needs": [need("vip", 60)], "for_s": 30},
            {"needs": [need("chinese")], "for_s": 30},
            {"for_s": 30},
            {"needs": [need("chinese", 50)], "narrow": True},
        ],
    )
    english = SkillNeed(ENGLISH, 30)
    assert plan.steps == (
        Step((english, SkillNeed(VIP, 90)), ANN, 5_000),
        Step((english, SkillNeed(VIP, 60)), None, 30_000),
        Step((english,), None, 30_000, ((SkillNeed(CHINESE, 1),), (SkillNeed(VIP, 60),))),
        Step((english,), None, 30_000),
        Step((SkillNeed(CHINESE, 50), english), None, None),
    )


def test_alternatives_that_ask_for_more_than_others_are_dropped() -> None:
    plan = plan_of(
        any_of=[[need("vip", 50)], [need("vip", 20)], [need("english")]],
        steps=[{"any_of": [[need("chinese")], [need("english", 40)]]}],
    )
    assert plan.steps == (
        Step(
            (),
            None,
            None,
            (
                (SkillNeed(CHINESE, 1), SkillNeed(ENGLISH, 1)),
                (SkillNeed(CHINESE, 1), SkillNeed(VIP, 20)),
                (SkillNeed(ENGLISH, 40),),
            ),
        ),
    )


def test_preferences_of_rule_and_step_are_joined() -> None:
    plan = plan_of(
        prefers=[{"skill": "vip"}, {"skill": "english", "points": 5}],
        steps=[
            {"for_s": 9},
            {"prefers": [{"skill": "english", "points": 50}, {"skill": "vip", "min_level": 9}]},
        ],
    )
    assert plan.steps[0].prefers == (SkillWish(VIP, 1, 20), SkillWish(ENGLISH, 1, 5))
    assert plan.steps[1].prefers == (SkillWish(VIP, 1, 20), SkillWish(ENGLISH, 1, 50), SkillWish(VIP, 9, 20))


def test_agents_are_filled_in_by_their_word() -> None:
    steps = [{"agent": word, "for_s": 9} for word in ("owner", "preferred", "last")]
    rule_set = RuleSet(then(steps=[*steps, {}]))
    facts = {CASE_OWNER_FACT: "ben", PREFERRED_AGENT_FACT: "cat"}
    assert [step.agent for step in rule_set.route(facts, ANN).plan.steps] == ["ben", "cat", "ann", None]
    assert [step.agent for step in rule_set.route({CASE_OWNER_FACT: "ben"}, None).plan.steps] == ["ben", None]
    for nobody in ({CASE_OWNER_FACT: ""}, {CASE_OWNER_FACT: 7, PREFERRED_AGENT_FACT: None}):
        assert [step.agent for step in rule_set.route(nobody, None).plan.steps] == [None]


@pytest.mark.parametrize("end", ["callback", "voicemail", "any_in_queue", "hold"])
def test_an_end_is_reached_by_time_or_by_offers(end: str) -> None:
    assert plan_of(steps=[{"for_s": 9}], end=end).end == end
    assert plan_of(offers_max=3, end=end) == RoutePlan((Step(),), PlanEnd(end), None, 3)


def test_overflow_names_its_queue() -> None:
    plan = plan_of(steps=[{"for_s": 9}], end="overflow", overflow_to="b")
    assert (plan.end, plan.overflow_to) == (PlanEnd.OVERFLOW, QueueId("b"))


def test_a_queue_has_a_plan_of_its_own() -> None:
    made = queues(plan={"needs": [need("vip")], "steps": [{"for_s": 20}], "end": "return"})
    assert problems(made) == {}
    spec = RuleSet(made).queue_spec(QueueId("a"))
    assert spec is not None
    assert spec.plan == RoutePlan((Step((SkillNeed(VIP, 1),), None, 20_000),), PlanEnd.RETURN)
    assert RuleSet(body()).queue_specs()[0].plan == RoutePlan((Step(),))


NARROWER = [{"for_s": 5}, {"needs": [need("vip")]}]
MANY = [[need(f"s{number}")] for number in range(16)]


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"end": "later"}, "/end", "“hold”, “any_in_queue”"),
        ({"end": "return", "steps": [{"for_s": 9}]}, "/end", "Nobody has passed this contact on"),
        ({"end": "overflow", "steps": [{"for_s": 9}]}, "/overflow_to", "no queue called None"),
        (
            {"end": "overflow", "steps": [{"for_s": 9}], "overflow_to": "x"},
            "/overflow_to",
            "no queue called 'x'",
        ),
        ({"end": "overflow", "steps": [{"for_s": 9}], "overflow_to": "a"}, "/overflow_to", "to itself"),
        ({"overflow_to": "b"}, "/overflow_to", "only for overflow"),
        ({"end": "voicemail"}, "/steps", "end voicemail is never reached"),
        ({"end": "voicemail", "steps": [{}]}, "/steps/0/for_s", "end voicemail is never reached"),
        ({"end": "callback", "steps": [{"for_s": 9}, {"agent": "last"}]}, "/steps/1", "one agent alone"),
        ({"end": "voicemail", "steps": [{"agent": "last", "for_s": 9}]}, "/steps", "for anybody is needed"),
        ({"steps": NARROWER}, "/steps/1", "Say “narrow”"),
        ({"steps": [{"agent": "last", "narrow": True}, {}]}, "/steps/0/narrow", "narrow already"),
        ({"steps": [{"narrow": "yes"}]}, "/steps/0/narrow", "true or false"),
        ({"offers_max": 0}, "/offers_max", "from 1 to 100"),
        ({"offers_max": 1e9}, "/offers_max", "from 1 to 100"),
        ({"any_of": [[]]}, "/any_of/0", "would be anybody"),
        ({"any_of": [[need("nothing")]]}, "/any_of/0/0/skill", "no skill called 'nothing'"),
        ({"any_of": [[need("vip", 101)]]}, "/any_of/0/0/min_level", "from 1 to 100"),
        ({"any_of": "vip"}, "/any_of", "must be a list"),
        ({"any_of": [[need("vip")]] * 17}, "/any_of", "at most 16"),
        ({"prefers": [{"skill": "vip", "points": -1}]}, "/prefers/0/points", "from 1 to 100"),
        ({"prefers": [{"skill": "vip"}] * 2}, "/prefers/1", "preferred twice"),
        ({"prefers": [{"skill": "x"}]}, "/prefers/0/skill", "no skill called 'x'"),
        ({"steps": [{"for_s": float("nan")}]}, "/steps/0/for_s", "seconds from 1"),
        ({"steps": [{"for_s": 10**5000}]}, "/steps/0/for_s", "not a huge number"),
        ({"steps": [{"for_s": 9}] * 11}, "/steps", "at most 10"),
    ],
)
def test_a_mistake_is_told_with_its_place(changes: dict[str, Any], pointer: str, words: str) -> None:
    assert words in problems(then(**changes))[f"/default{pointer}"]


def test_narrow_makes_the_same_step_good() -> None:
    assert problems(then(steps=[NARROWER[0], {**NARROWER[1], "narrow": True}])) == {}


@pytest.mark.parametrize(
    ("plan", "pointer", "words"),
    [
        ({"end": "hold", "steps": [{"agent": "last", "for_s": 9}, {}]}, "/steps/0/agent", "names no agent"),
        ({"end": "hold", "queue": "b"}, "/queue", "Unknown key"),
        ({}, "/end", "“hold”"),
        ("hold", "", "must be an object"),
    ],
)
def test_a_mistake_in_a_queue_s_own_plan_is_told(plan: Any, pointer: str, words: str) -> None:
    assert words in problems(queues(plan=plan))[f"/queues/0/plan{pointer}"]


def test_too_many_alternatives_are_refused_and_not_cut() -> None:
    skills = [{"id": f"s{number}", "name": "S"} for number in range(32)]
    others = [[need(f"s{number}")] for number in range(16, 32)]
    widened = {"steps": [{"any_of": MANY, "for_s": 5}, {"any_of": others[:1]}], "queue": "a", "end": "hold"}
    found = problems(body(skills=skills, default=widened))
    assert "asks for 17 alternatives" in found["/default/steps/1"]
    paired = {"any_of": MANY, "steps": [{"any_of": others}], "queue": "a", "end": "hold"}
    assert "more than 64 pairs" in problems(body(skills=skills, default=paired))["/default/steps/0/any_of"]
    pooled = body(
        skills=skills,
        queues=[queue("a", any_of=others)],
        default={"queue": "a", "end": "hold", "any_of": MANY},
    )
    assert "the queue's pool" in problems(pooled)["/default/steps/0"]


SKILLS = st.sampled_from(("english", "chinese", "vip"))
levels = st.dictionaries(SKILLS, st.integers(1, 4), max_size=2)
some_levels = st.dictionaries(SKILLS, st.integers(1, 4), min_size=1, max_size=2)
targets = st.fixed_dictionaries(
    {"needs": levels, "any_of": st.lists(some_levels, max_size=3), "narrow": st.booleans()}
)


@settings(deadline=None)
@given(rule=targets, steps=st.lists(targets, min_size=1, max_size=4), agent=levels)
def test_whoever_meets_what_the_words_say_meets_the_final_step(
    rule: dict[str, Any], steps: list[dict[str, Any]], agent: dict[SkillId, int]
) -> None:
    """A step is met by who has the rule's skills and those of it or, unless narrow, of a step before."""

    def written(who: dict[str, Any]) -> dict[str, Any]:
        return {
            "needs": [need(skill, level) for skill, level in who["needs"].items()],
            "any_of": [[need(skill, level) for skill, level in some.items()] for some in who["any_of"]],
        }

    def has(wanted: dict[str, int]) -> bool:
        return all(agent.get(SkillId(skill), 0) >= level for skill, level in wanted.items())

    def fits(who: dict[str, Any]) -> bool:
        return has(who["needs"]) and (not who["any_of"] or any(map(has, who["any_of"])))

    made = then(
        **written(rule), steps=[{**written(step), "narrow": step["narrow"], "for_s": 5} for step in steps]
    )
    if any("nobody new" not in message for message in problems(made).values()):
        raise AssertionError(problems(made))
    if problems(made):
        return
    before = False
    for step, final in zip(steps, RuleSet(made).route({}, None).plan.steps, strict=True):
        expected = fits(rule) and (fits(step) or (before and not step["narrow"]))
        assert meets(agent, target_of(final.needs, final.any_of)) == expected
        before = before or fits(step)

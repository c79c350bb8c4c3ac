"""Advice: what helps is said to help, what does not is not, and the day changes by just one thing."""

from routing.events import AgentUpserted
from routing.rules.ruleset import RuleSet
from routing.simulate.advice import CAPS_S, advice, variants
from routing.simulate.day import Day
from routing.simulate.report import Json
from routing.simulate.run import simulate
from routing.simulate.text import as_text
from routing.simulate.variants import TAUGHT_LEVEL, Variant, capped, make
from tests.unit.routing.simulate.days import body, day, exponential, group, play, stream
from tests.unit.routing.simulate.test_report import NAMES, report

BUSY = [{"from": "08:00", "to": "09:00", "per_hour": 200}]
SEEDS = (1, 2, 3, 4)


def two_skills() -> Json:
    """English and Chinese callers, each served by who speaks their language."""
    rules = body()
    rules["rules"] = [
        {
            "id": name,
            "name": name,
            "when": {"combinator": "and", "rules": [{"field": "language", "operator": "=", "value": name}]},
            "then": {"queue": "all", "needs": [{"skill": name}], "end": "hold"},
        }
        for name in ("english", "chinese")
    ]
    return rules


def unbalanced() -> Day:
    """Chinese callers wait for two agents; four who speak English have little to do."""
    return day(
        stream(
            "en", arrivals=[{"from": "08:00", "to": "09:00", "per_hour": 60}], facts={"language": "english"}
        ),
        stream("zh", arrivals=BUSY, facts={"language": "chinese"}, patience=exponential(120)),
        agents=[group("zh", 2, skills={"chinese": 80}), group("en", 4, skills={"english": 80})],
    )


def advised(topics: list[str], rules: Json, played: Day) -> Json:
    base = Variant("a")
    bodies = {"a": rules}
    wanted = [base, *variants(topics, "a", RuleSet(rules), played)]
    runs = {variant: [simulate(*make(variant, bodies, played), seed) for seed in SEEDS] for variant in wanted}
    return advice(runs, base)


def test_one_more_agent_helps_where_people_wait() -> None:
    found = advised(["agent"], two_skills(), unbalanced())
    assert [entry["group"] for entry in found["agent"]] == ["zh", "en"]
    assert found["agent"][0]["value_lost"]["word"] == "better"
    assert found["agent"][1]["value_lost"]["word"] == "same"


def test_the_skill_that_is_short_is_worth_teaching() -> None:
    found = advised(["skill"], two_skills(), unbalanced())
    best = found["skill"][0]
    assert (best["group"], best["skill"]) == ("en", "chinese")
    assert best["value_lost"]["word"] == "better"
    assert {(entry["group"], entry["skill"]) for entry in found["skill"]} == {
        ("en", "chinese"),
        ("zh", "english"),
    }


def test_the_smallest_cap_with_most_of_the_gain_is_proposed() -> None:
    skewed = day(
        stream(
            arrivals=BUSY,
            patience=exponential(120),
            customers=[{"share": 1, "value": {"from": 0, "to": 100}}],
        ),
        agents=[group(count=3)],
    )
    found = advised(["cap"], body(), skewed)["cap"]
    assert [entry["cap_s"] for entry in found["tried"]] == list(CAPS_S)
    lost = {entry["cap_s"]: entry["value_lost"]["value"] for entry in found["tried"]}
    gains = {cap_s: lost[0] - share for cap_s, share in lost.items()}
    proposed = found["proposed_s"]
    assert proposed in CAPS_S[1:]
    assert gains[proposed] >= 0.9 * max(gains.values())
    assert all(gains[cap_s] < 0.9 * max(gains.values()) for cap_s in CAPS_S if cap_s < proposed)


def test_no_cap_is_proposed_where_none_gains() -> None:
    """Everybody is worth the same."""
    plain = day(stream(arrivals=BUSY, patience=exponential(120)), agents=[group(count=3)])
    assert advised(["cap"], body(), plain)["cap"]["proposed_s"] is None


def test_advice_is_part_of_the_text() -> None:
    played = unbalanced()
    found = report("", {"a": NAMES["a"]}, {"a": [play(two_skills(), played, seed) for seed in SEEDS]})
    found["advice"] = advised(["agent", "skill", "cap"], two_skills(), played)
    text = as_text(found)
    for words in ("One more agent in", "en + chinese", "Cap of the head start", "600 s"):
        assert words in text
    assert "再培训一项技能" in as_text(found, "zh")


def test_one_more_agent_is_one_more_and_all_else_stays() -> None:
    played = unbalanced()
    _, more = make(Variant("a", "agent", "zh"), {"a": two_skills()}, played)
    assert len(more.pools) == len(played.pools) + 1
    known = [event for event in more.staff if getattr(event, "agent", "") != "zh-more"]
    assert known == list(played.staff)


def test_who_is_taught_learns_one_skill_and_nobody_else_does() -> None:
    played = unbalanced()
    _, taught = make(Variant("a", "skill", "en", "chinese"), {"a": two_skills()}, played)
    for before, after in zip(played.staff, taught.staff, strict=True):
        if isinstance(after, AgentUpserted) and after.agent.startswith("en"):
            assert [(skill.skill, skill.level) for skill in after.skills] == [
                ("english", 80),
                ("chinese", TAUGHT_LEVEL),
            ]
        else:
            assert after == before


def test_a_cap_holds_in_every_queue_and_rule() -> None:
    rules = two_skills()
    rules["rules"][0]["then"]["head_start_cap_s"] = 10
    changed = capped(rules, 300)
    assert "head_start_cap_s" not in changed["rules"][0]["then"]
    assert changed["queues"][0]["head_start_max_s"] == 300
    assert rules["rules"][0]["then"]["head_start_cap_s"] == 10, "the original stays"

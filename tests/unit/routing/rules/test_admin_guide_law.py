"""The administrator's guide has every key and word that a rule set may hold, and its examples are right."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from routing.rules.predicates import Operator
from routing.rules.ruleset import check
from routing.rules.schema import FIELDS

ROOT = Path(__file__).resolve().parents[4]
GUIDE = (ROOT / "docs" / "guides" / "admin.md").read_text(encoding="utf-8")
EDITORS_OWN = {"id", "path", "disabled", "valueSource"}
"""What the query builder stores with a condition and rules do not look at."""

ODD: dict[str, Any] = {"zz": 1}
STEP = {**ODD, "agent": "zz", "needs": [ODD], "any_of": [[ODD]], "prefers": [ODD]}
PLAN = {"needs": [ODD], "any_of": [[ODD]], "prefers": [ODD], "steps": [STEP], "end": "zz", **ODD}
BODY: dict[str, Any] = {
    **ODD,
    "skills": [ODD],
    "weights": ODD,
    "calendars": [{**ODD, "open": [ODD], "holidays": [ODD], "emergencies": [ODD]}],
    "queues": [
        {
            **ODD,
            "policy": ODD,
            "order": "zz",
            "targets": [ODD],
            "length_max": 1,
            "full": "zz",
            "overflows": [ODD],
            "reserve": ODD,
            "callback": ODD,
            "plan": PLAN,
            "calendar": "zz",
            "when_closed": {**ODD, "end": "zz"},
        }
    ],
    "rules": [{**ODD, "when": {"combinator": "and", "rules": [ODD], **ODD}, "then": PLAN}],
    "default": PLAN,
}
"""Wrong everywhere, so that each refusal says what would be right."""


def words() -> list[str]:
    """Every key and every word of a choice that the grammar names when it refuses something else."""
    found: set[str] = set()
    for problem in check(BODY):
        if keys := re.search(r"expected one of (.*)\.$", problem.message):
            own = set(keys[1].split(", "))
            found |= own - EDITORS_OWN if "combinator" in own or "operator" in own else own
        elif problem.message.startswith("This must be “"):
            found |= set(re.findall(r"“(\w+)”", problem.message.partition(", not ")[0]))
    return sorted(found)


def test_the_odd_body_meets_the_whole_grammar() -> None:
    """One key of each kind of object and one word of each choice: else this test would look at less."""
    everywhere = {"weights", "loyalty", "holidays", "first_day", "until", "staffed_below", "open_waiting"}
    everywhere |= {"attempts_max", "exclusion_s", "narrow", "points", "min_level", "head_start_cap_s", "when"}
    everywhere |= {"combinator", "operator", "accumulating", "turn_away", "owner", "any_in_queue", "tier"}
    assert everywhere <= set(words())


@pytest.mark.parametrize("word", words())
def test_the_guide_knows(word: str) -> None:
    spans = re.findall(r"`([^`\n]+)`", GUIDE)
    assert any(re.search(rf"(?<![\w-]){word}(?!\w)", span) for span in spans), f"{word} is not in the guide"


def test_the_guide_has_every_field_and_operator() -> None:
    for name in [field.name for field in FIELDS] + [str(operator) for operator in Operator]:
        assert f"`{name}`" in GUIDE, name


def test_the_example_of_steps_is_right() -> None:
    [steps] = re.findall(r'^"steps": (\[.*\])$', GUIDE, re.MULTILINE)
    body = json.loads((ROOT / "docs" / "examples" / "rules.json").read_text(encoding="utf-8"))
    assert not check(body)
    assert not check({**body, "default": {**body["default"], "steps": json.loads(steps)}})

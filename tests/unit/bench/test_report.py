"""A measurement is one line of JSON, and its goal is judged as it is written."""

import json

import pytest

from bench.report import show

KEYS = ["name", "unit", "ours", "reference", "ratio", "goal", "met"]


@pytest.mark.parametrize(
    ("ours", "reference", "goal", "of_ratio", "met"),
    [
        (30.0, 100.0, ">= 0.3", True, True),
        (29.0, 100.0, ">= 0.3", True, False),
        (2.5, 1.0, "<= 2.5", True, True),
        (2.6, 1.0, "<= 2.5", True, False),
        (4.0, 5.0, "<= 5 s", False, True),
        (6.0, 5.0, "<= 5 s", False, False),
    ],
)
def test_line(
    capsys: pytest.CaptureFixture[str], ours: float, reference: float, goal: str, of_ratio: bool, met: bool
) -> None:
    """The keys are those of the contract, in its order, and `met` follows the goal."""
    assert show("a_bench", "things/s", ours, reference, goal, of_ratio=of_ratio) is met
    line = json.loads(capsys.readouterr().out)
    assert list(line) == KEYS
    assert (line["goal"], line["met"]) == (goal, met)

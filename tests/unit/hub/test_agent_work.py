"""Skills and capacity as people write them: what is not understood is refused with its place."""

from typing import Any

import pytest

from hub.agent_work import read_work

PLAIN: dict[str, Any] = {"units": 4, "caps": {"voice": 1}}


@pytest.mark.parametrize(
    ("skills", "capacity", "words"),
    [
        ({"english": 0}, PLAIN, ["skill 'english'"]),
        ({"english": "high"}, PLAIN, ["skill 'english'"]),
        ({"english": {"level": 50, "as_of": "yesterday"}}, PLAIN, ["skill 'english'", "as_of"]),
        ({"english": {"level": 50, "fades": 3}}, PLAIN, ["skill 'english'", "fades"]),
        ({"english": {"level": 50, "decay_per_quarter": -1}}, PLAIN, ["decay_per_quarter"]),
        ({}, {"units": 0, "caps": {}}, ["capacity", "units"]),
        ({}, {"units": 4}, ["capacity", "caps"]),
        ({}, {**PLAIN, "tier": 10}, ["tier"]),
        ({}, {**PLAIN, "blocks": [["voice"]]}, ["blocks"]),
        ({}, {**PLAIN, "blocks": [["voice", "fax"]]}, ["blocks", "fax"]),
        ({}, {**PLAIN, "ramp": {"gap_s": 0, "span_s": 60}}, ["ramp.gap_s"]),
        ({}, {**PLAIN, "interruptible": ["email"]}, ["interruptible_units"]),
        ({"english": 0, "orders": 101}, {"units": 0, "caps": {}}, ["english", "orders", "units"]),
    ],
)
def test_a_mistake_is_told_with_its_place(
    skills: dict[str, Any], capacity: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ValueError, match=words[0]) as refused:
        read_work(skills, capacity)
    for word in words:
        assert word in str(refused.value)


def test_the_short_form_means_a_skill_that_never_fades() -> None:
    [skill] = read_work({"english": 70}, PLAIN).skills
    assert (skill.level, skill.as_of_ms, skill.decay_per_quarter) == (70, None, 0)

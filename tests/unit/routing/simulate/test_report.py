"""The report: numbers as the glossary defines them, differences with a word, text that lines up."""

import json
from unicodedata import east_asian_width

from routing.simulate.report import Json, report, summary
from routing.simulate.tally import Row, Tally
from routing.simulate.text import as_text
from tests.unit.routing.simulate.days import body, day, exponential, group, play, stream

NAMES = {"a": {"hash": "aa" * 32, "name": "Old"}, "b": {"hash": "bb" * 32, "name": "New"}}


def koole() -> Row:
    """The worked example of the call-centre literature: 510 offered, 460 answered, 410 of them in 20 s."""
    return Row(
        "all",
        "",
        20_000,
        60_000,
        offered=510,
        answered=460,
        answered_in=410,
        abandoned=50,
        abandoned_in=10,
        short=4,
        wait_ms=4_600_000,
        excess_ms=920_000,
        worth=1_000,
        worth_in=700,
        worth_lost=90,
        waits_ms=[*range(0, 460_000, 1_000)],
    )


def measures(found: Json, side: str = "a") -> dict[str, float]:
    return {name: entry[side]["value"] for name, entry in found["rows"][0]["measures"].items()}


def test_every_service_level_is_what_its_definition_says() -> None:
    tally = Tally(1, {("all", ""): koole()})
    found = measures(report("", {"a": NAMES["a"]}, {"a": [tally]}))
    assert round(found["service_level_a"], 3) == 0.891
    assert round(found["service_level_b"], 3) == 0.804
    assert found["service_level"] == 0.82
    assert round(found["service_level_d"], 3) == 0.824
    assert found["asa"] == 10
    assert found["excess_wait"] == 2
    assert round(found["abandonment"], 3) == 0.098
    assert found["value_lost"] == 0.09
    assert found["value_service_level"] == 0.7
    assert found["wait_p95"] == 436
    assert found["wait_longest"] == 459


def compared(seeds: int = 10) -> Json:
    customers = [{"share": 0.3, "value": 100, "tier": "gold"}, {"share": 0.7, "value": 0}]
    busy = [{"from": "08:00", "to": "09:00", "per_hour": 240}]
    crowded = day(
        stream(arrivals=busy, customers=customers, patience=exponential(120)), agents=[group(count=4)]
    )
    runs = {
        side: [play(body(cap_s=cap_s), crowded, seed) for seed in range(1, seeds + 1)]
        for side, cap_s in (("a", 0), ("b", 300))
    }
    return report("A crowded hour", NAMES, runs)


def test_two_rule_sets_are_compared_over_the_same_customers() -> None:
    found = compared()
    whole, gold = found["rows"][0], found["rows"][1]
    assert [row["tier"] for row in found["rows"][:3]] == [None, "gold", ""]
    assert whole["measures"]["offered"]["change"] == {"value": 0, "low": 0, "high": 0, "word": "same"}
    assert gold["measures"]["asa"]["change"]["word"] == "better"
    assert gold["measures"]["service_level"]["change"]["word"] == "better"
    assert found["rows"][2]["measures"]["asa"]["change"]["word"] == "worse"
    assert whole["measures"]["value_lost"]["change"]["word"] == "better"
    assert whole["bound_s"]["a"] == 0
    assert whole["bound_s"]["b"] == 300
    assert 0 < whole["measures"]["overtake"]["b"]["value"] <= 300


def test_one_seed_cannot_tell() -> None:
    words = {entry["change"]["word"] for row in compared(1)["rows"] for entry in row["measures"].values()}
    assert words == {"same", "untold"}, "equal numbers are equal, others may be chance"


def test_equal_runs_give_equal_bytes_and_nothing_else_than_json() -> None:
    first, again = (json.dumps(compared(2), sort_keys=True, allow_nan=False) for _ in range(2))
    assert first == again


def test_the_summary_for_approval_is_short_and_part_of_the_report() -> None:
    found = compared(2)
    short = summary(found)
    assert len(json.dumps(short)) < 20_000
    assert short["rows"][0]["measures"]["asa"] == found["rows"][0]["measures"]["asa"]
    assert all(row["queue"] is None or row["tier"] is None for row in short["rows"])


def width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def test_the_text_lines_up_in_both_languages() -> None:
    found = compared()
    english, chinese = as_text(found), as_text(found, "zh")
    for words in ("Simulation of A crowded hour", "Old (aaaaaaaaaaaa)", "better", "worse", "300.0 s"):
        assert words in english
    for words in ("服务水平", "更好", "更差", "全部联系"):
        assert words in chinese
    for text, head in ((english, "Measure"), (chinese, "指标")):
        lines = text.splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith(head))
        verdicts = {"better", "worse", "same", "更好", "更差"}
        ends = {
            width(line[: len(line) - len(line.split("  ")[-1])])
            for line in lines[start + 1 : start + 12]
            if line.split("  ")[-1] in verdicts
        }
        assert len(ends) == 1, "every verdict begins in one column"


def test_the_text_of_one_rule_set_compares_nothing() -> None:
    tally = Tally(1, {("all", ""): koole()})
    text = as_text(report("", {"a": NAMES["a"]}, {"a": [tally]}))
    assert "B - A" not in text
    assert "82.0 %" in text
    assert "±" not in text.split("Measure")[1]

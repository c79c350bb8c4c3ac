"""Spans, intervals, numbers and counts as people write them."""

import pytest

from hub.console.why.phrases import counted, interval, number, points, signed, some_of, span


@pytest.mark.parametrize(
    ("ms", "en", "zh"),
    [
        (-5, "0 s", "0 秒"),
        (999, "0 s", "0 秒"),
        (59_999, "59 s", "59 秒"),
        (120_000, "2 min", "2 分钟"),
        (125_000, "2 min 5 s", "2 分 5 秒"),
        (3_600_000, "1 h", "1 小时"),
        (3_900_000, "1 h 5 min", "1 小时 5 分"),
        (86_400_000 * 2 + 3_600_000 * 3, "2 d 3 h", "2 天 3 小时"),
    ],
)
def test_spans(ms: int, en: str, zh: str) -> None:
    assert span(ms).text == {"en": en, "zh": zh}


@pytest.mark.parametrize(
    ("low_ms", "high_ms", "en", "zh"),
    [
        (0, 0, "0–1 s", "0–1 秒"),
        (20_500, 49_100, "20–50 s", "20–50 秒"),
        (130_000, 290_000, "2–5 min", "2–5 分钟"),
        (180_000, 180_000, "3–4 min", "3–4 分钟"),
        (30_000, 180_000, "0–3 min", "0–3 分钟"),
        (5_000_000, 9_000_000, "1–3 h", "1–3 小时"),
        (86_400_000, 86_400_000 * 3, "1–3 d", "1–3 天"),
    ],
)
def test_an_interval_is_rounded_outward_and_never_one_number(
    low_ms: int, high_ms: int, en: str, zh: str
) -> None:
    assert interval(low_ms, high_ms).text == {"en": en, "zh": zh}


def test_numbers() -> None:
    assert [number(each) for each in (0, 12.04, 12.06, 1_250, -3)] == ["0", "12", "12.1", "1,250", "-3"]
    assert [signed(each) for each in (20, -5.5)] == ["+20", "−5.5"]
    assert [points(each).en for each in (0, 1, 2, 1.5)] == ["0 points", "1 point", "2 points", "1.5 points"]
    assert counted(1, "agent", "agents", "位坐席").en == "1 agent"
    assert counted(1_000, "agent", "agents", "位坐席").text == {"en": "1,000 agents", "zh": "1,000 位坐席"}


def test_a_list_of_names_says_how_many_it_leaves_out() -> None:
    assert some_of(["a", "b"], 2).en == "a, b"
    assert some_of(["a", "b", "c", "d"], 9).text == {"en": "a, b, c and 6 more", "zh": "a、b、c 等"}
    assert not some_of([], 0)

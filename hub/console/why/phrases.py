"""Sentences in two languages at once, and how spans, intervals, numbers and counts are written in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Text = dict[str, str]
"""One sentence per language ("en", "zh"), as it goes over the wire."""

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
NAMES_MAX = 3
"""How many names a sentence lists before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Said:
    """The same words in English and in Chinese."""

    en: str
    zh: str

    def __add__(self, other: "Said") -> "Said":
        return Said(self.en + other.en, self.zh + other.zh)

    def __bool__(self) -> bool:
        return bool(self.en)

    @property
    def text(self) -> Text:
        return {"en": self.en, "zh": self.zh}


NOTHING = Said("", "")


def same(word: str) -> Said:
    """A name: the same in every language."""
    return Said(word, word)


def joined(parts: Iterable[Said]) -> Said:
    """A list: "a, b" and "a、b"."""
    listed = list(parts)
    return Said(", ".join(part.en for part in listed), "、".join(part.zh for part in listed))


def counted(count: int, one: str, many: str, zh: str) -> Said:
    """A number with its noun: counted(2, "agent", "agents", "位坐席") is "2 agents", "2 位坐席"."""
    return Said(f"{number(count)} {one if count == 1 else many}", f"{number(count)} {zh}")


def quoted(name: str) -> Said:
    return Said(f"“{name}”", f"“{name}”")


def some_of(names: Sequence[str], count: int) -> Said:
    """The first of `count` names: "Mia, Wei and 3 more"."""
    shown = names[:NAMES_MAX]
    listed, more = joined(same(name) for name in shown), count - len(shown)
    if more <= 0:
        return listed
    return listed + Said(f" and {number(more)} more", " 等")


def span(ms: int) -> Said:
    """A span to the second, below an hour; to the minute below a day: "1 min 5 s", "2 h", "3 d 4 h"."""
    seconds = max(ms, 0) // 1000
    if seconds < HOUR_S:
        return _pair(seconds // MINUTE_S, ("min", "分"), seconds % MINUTE_S, ("s", "秒"))
    if seconds < DAY_S:
        return _pair(seconds // HOUR_S, ("h", "小时"), seconds % HOUR_S // MINUTE_S, ("min", "分"))
    return _pair(seconds // DAY_S, ("d", "天"), seconds % DAY_S // HOUR_S, ("h", "小时"))


def _pair(great: int, great_unit: tuple[str, str], small: int, small_unit: tuple[str, str]) -> Said:
    words = [(great, great_unit)] if great else []
    if small or not great:
        words.append((small, small_unit))
    if words == [(great, ("min", "分"))]:
        words = [(great, ("min", "分钟"))]
    return Said(
        " ".join(f"{value} {unit[0]}" for value, unit in words),
        " ".join(f"{value} {unit[1]}" for value, unit in words),
    )


def interval(low_ms: int, high_ms: int) -> Said:
    """Two spans as one interval, rounded outward in the unit of the greater: "2-5 min". Never one number."""
    low_s, high_s = max(low_ms, 0) / 1000, max(high_ms, 0) / 1000
    unit_s, en, zh = _unit(high_s)
    low, high = int(low_s // unit_s), -int(-high_s // unit_s)
    high = max(high, low + 1)
    return Said(f"{number(low)}–{number(high)} {en}", f"{number(low)}–{number(high)} {zh}")


def _unit(seconds: float) -> tuple[int, str, str]:
    if seconds < 2 * MINUTE_S:
        return 1, "s", "秒"
    if seconds < 2 * HOUR_S:
        return MINUTE_S, "min", "分钟"
    return (HOUR_S, "h", "小时") if seconds < 2 * DAY_S else (DAY_S, "d", "天")


def number(value: float) -> str:
    """At most one decimal, thousands apart: 1,250 and 0.5."""
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def signed(value: float) -> str:
    """With its sign, a real minus: +20, −5."""
    return f"{'−' if value < 0 else '+'}{number(abs(value))}"


def points(value: float) -> Said:
    return Said(f"{number(value)} {'point' if number(value) == '1' else 'points'}", f"{number(value)} 分")

"""How loyal a customer is, 0-100, as the sum of five parts with a reason each. Pure; no database, no clock.

Parts: tenure, frequency and recency against the customer's *own* rhythm (who buys every two years is not
disloyal after one), satisfaction, complaints. A part about which nothing is known gives half its points, and
says so: no information is neither praise nor blame. Nothing here looks at who the person is.
"""

from dataclasses import dataclass

from hub.customers.value import DAY_MS

TENURE_MAX = 25.0
FREQUENCY_MAX = 25.0
RECENCY_MAX = 20.0
SATISFACTION_MAX = 20.0
COMPLAINTS_MAX = 10.0

YEAR_MS = 365 * DAY_MS
TENURE_HALF_MS = 2 * YEAR_MS
"""Half of the tenure points after two years, three quarters after four."""
RHYTHM_PURCHASES_MIN = 3
WINDOW_GAPS = 4
"""Frequency looks back over four of the customer's usual gaps."""
WINDOW_MIN_MS, WINDOW_MAX_MS = 30 * DAY_MS, 730 * DAY_MS
ASSUMED_GAP_MS = 180 * DAY_MS
"""Usual gap of a customer who bought once or twice."""
RATING_AGE_MAX_MS = 2 * YEAR_MS


@dataclass(frozen=True, slots=True)
class Complaint:
    opened_at_ms: int
    open: bool


@dataclass(frozen=True, slots=True)
class Rating:
    """A customer's own mark for a case, `stars` 1-5 (5 best)."""

    at_ms: int
    stars: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What loyalty is computed from. `bought_at_ms` ascending; `since_at_ms` None when nobody recorded it."""

    since_at_ms: int | None = None
    bought_at_ms: tuple[int, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    ratings: tuple[Rating, ...] = ()

    @property
    def empty(self) -> bool:
        return self.since_at_ms is None and not (self.bought_at_ms or self.complaints or self.ratings)


@dataclass(frozen=True, slots=True)
class Part:
    """A summand of a score: `points` to one decimal, and why, by language ("en", "zh")."""

    name: str
    points: float
    reason: dict[str, str]


def loyalty(facts: Facts, now_ms: int) -> tuple[int, tuple[Part, ...]]:
    """Loyalty 0-100 and its parts; the parts' sum, rounded half up, is the score. Nothing known: 50."""
    parts = (
        _tenure(facts, now_ms),
        _frequency(facts, now_ms),
        _recency(facts, now_ms),
        _satisfaction(facts, now_ms),
        _complaints(facts, now_ms),
    )
    return int(sum(part.points for part in parts) + 0.5), parts


def _tenure(facts: Facts, now_ms: int) -> Part:
    began = [at_ms for at_ms in (facts.since_at_ms, *facts.bought_at_ms[:1]) if at_ms is not None]
    if not began:
        return _neutral("tenure", TENURE_MAX, "no record of when it began", "没有开始日期的记录")
    age_ms = max(0, now_ms - min(began))
    en, zh = span(age_ms)
    points = TENURE_MAX * (1 - 2.0 ** (-age_ms / TENURE_HALF_MS))
    return _part("tenure", points, f"customer for {en}", f"成为客户已有{zh}")


def _frequency(facts: Facts, now_ms: int) -> Part:
    gap_ms = _own_gap_ms(facts)
    if gap_ms is None:
        return _neutral("frequency", FREQUENCY_MAX, "too few purchases for a rhythm", "购买次数太少")
    window_ms = min(max(WINDOW_GAPS * gap_ms, WINDOW_MIN_MS), WINDOW_MAX_MS)
    bought = sum(now_ms - window_ms < at_ms <= now_ms for at_ms in facts.bought_at_ms)
    expected = window_ms / gap_ms
    en, zh = span(window_ms)
    return _part(
        "frequency",
        FREQUENCY_MAX * min(1.0, bought / expected),
        f"bought {bought} times in {en}; the own rhythm gives {expected:.1f}",
        f"最近{zh}购买{bought}次；按其自身节奏应为{expected:.1f}次",
    )


def _recency(facts: Facts, now_ms: int) -> Part:
    if not facts.bought_at_ms:
        return _neutral("recency", RECENCY_MAX, "no purchase yet", "尚未购买")
    own_gap_ms = _own_gap_ms(facts)
    gap_ms = own_gap_ms or ASSUMED_GAP_MS
    idle_ms = max(0, now_ms - facts.bought_at_ms[-1])
    overdue = max(0.0, idle_ms / gap_ms - 1)
    (idle_en, idle_zh), (gap_en, gap_zh) = span(idle_ms), span(gap_ms)
    usual = (
        (f"usually one every {gap_en}", f"通常每{gap_zh}一次")
        if own_gap_ms
        else (f"{gap_en} assumed as usual", f"假定通常间隔{gap_zh}")
    )
    return _part(
        "recency",
        RECENCY_MAX * 2.0**-overdue,
        f"last purchase {idle_en} ago; {usual[0]}",
        f"上次购买在{idle_zh}前；{usual[1]}",
    )


def _satisfaction(facts: Facts, now_ms: int) -> Part:
    stars = [rating.stars for rating in facts.ratings if now_ms - rating.at_ms <= RATING_AGE_MAX_MS]
    if not stars:
        return _neutral("satisfaction", SATISFACTION_MAX, "no rating in two years", "两年内没有评分")
    mean = sum(stars) / len(stars)
    return _part(
        "satisfaction",
        SATISFACTION_MAX * (mean - 1) / 4,
        f"mean rating {mean:.1f} of 5 ({len(stars)} in two years)",
        f"平均评分{mean:.1f}（满分5分，两年内{len(stars)}次）",
    )


def _complaints(facts: Facts, now_ms: int) -> Part:
    if facts.empty:
        return _neutral("complaints", COMPLAINTS_MAX, "nothing known", "没有任何记录")
    if not facts.complaints:
        return _part("complaints", COMPLAINTS_MAX, "never complained", "从未投诉")
    open_count = sum(complaint.open for complaint in facts.complaints)
    burden = sum(
        1.0 if complaint.open else 0.5 * 2.0 ** (-max(0, now_ms - complaint.opened_at_ms) / YEAR_MS)
        for complaint in facts.complaints
    )
    total = len(facts.complaints)
    return _part(
        "complaints",
        COMPLAINTS_MAX * 2.0**-burden,
        f"{total} complaint{'s' * (total != 1)} on record, {open_count} open",
        f"有{total}次投诉记录，其中{open_count}次未解决",
    )


def _own_gap_ms(facts: Facts) -> float | None:
    """Mean time between purchase days; None before there are enough. Two in one day are one visit."""
    days = sorted({at_ms // DAY_MS for at_ms in facts.bought_at_ms})
    if len(days) < RHYTHM_PURCHASES_MIN:
        return None
    return (days[-1] - days[0]) * DAY_MS / (len(days) - 1)


def span(span_ms: float) -> tuple[str, str]:
    """A span in words, English and Chinese, in the largest unit that says enough."""
    days = int(span_ms // DAY_MS)
    if days >= 730:
        count, en, zh = days // 365, "year", "年"
    elif days >= 60:
        count, en, zh = days // 30, "month", "个月"
    else:
        count, en, zh = days, "day", "天"
    return f"{count} {en}{'s' * (count != 1)}", f"{count}{zh}"


def _part(name: str, points: float, en: str, zh: str) -> Part:
    return Part(name, round(points, 1), {"en": en, "zh": zh})


def _neutral(name: str, most: float, en: str, zh: str) -> Part:
    return _part(name, most / 2, f"{en}: counted as neutral", f"{zh}，按中性计")

"""Reads what only scenarios have: times of day, dates, shares, distributions, facts. Notes every mistake."""

import re
from collections.abc import Mapping
from typing import Any

from routing.rules.problems import Reader, is_number, pointer, shown
from routing.rules.schema import field_named
from routing.simulate import spread
from routing.simulate.scenario import DAY_MS
from routing.simulate.spread import Spread

FACTS_MAX = 40
HOURS_MAX = 9_000
MONTH_S = 30 * 86_400

_TIME = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_GIVEN = {
    "channel": "the stream has it",
    "tier": "customers have it, or it follows from their value",
    "value": "customers have it",
    "loyalty": "customers have it",
    "hour": "it follows from the time of arrival",
    "weekday": "it follows from the day",
}


class ScenarioReader(Reader):
    """Takes values out of a scenario; one that is not as it should be becomes a Problem and a stand-in."""

    def time_ms(self, value: object, at: str) -> int:
        """A time of day in ms since midnight; hours past 24 are the next day's."""
        found = _TIME.fullmatch(value) if isinstance(value, str) else None
        if found is None or int(found[1]) > HOURS_MAX:
            self.report(at, f"This must be a time of day like 08:30, not {shown(value)}.")
            return 0
        return ((int(found[1]) * 60 + int(found[2])) * 60 + int(found[3] or 0)) * 1000

    def between(self, entry: Mapping[str, Any], at: str) -> tuple[int, int]:
        """`from` and `to`, in this order, as ms of the day."""
        start_ms = self.time_ms(entry.get("from"), pointer(at, "from"))
        end_ms = self.time_ms(entry.get("to"), pointer(at, "to"))
        if end_ms <= start_ms and "from" in entry and "to" in entry:
            self.report(pointer(at, "to"), "The end must be after the beginning.")
        return start_ms, end_ms

    def date_ms(self, value: object, at: str) -> int:
        """Midnight of a date (YYYY-MM-DD) as UTC epoch ms."""
        found = _DATE.fullmatch(value) if isinstance(value, str) else None
        if found is not None:
            year, month, day = (int(part) for part in found.groups())
            leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
            lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
            if year >= 1970 and 1 <= month <= 12 and 1 <= day <= lengths[month - 1]:
                before = year - 1
                leaps = before // 4 - before // 100 + before // 400 - 477
                return ((year - 1970) * 365 + leaps + sum(lengths[: month - 1]) + day - 1) * DAY_MS
        self.report(at, f"This must be a date like 2026-01-31, not {shown(value)}.")
        return 0

    def number(self, value: object, at: str, low: float, high: float) -> float:
        """A number from low to high."""
        if is_number(value) and low <= value <= high:
            return float(value)
        self.report(at, f"This must be a number from {low:g} to {high:g}, not {shown(value)}.")
        return low

    def spread(self, value: object, at: str) -> Spread:
        """A distribution of spans: `{kind, mean_s, cv?}`."""
        entry = self.mapping(value, at, ("kind", "mean_s", "cv"))
        if not isinstance(value, dict):
            return spread.constant(0)
        mean_ms = 1000 * self.number(entry.get("mean_s"), pointer(at, "mean_s"), 0, MONTH_S)
        if "cv" in entry and entry.get("kind") != "lognormal":
            self.report(pointer(at, "cv"), "Only a lognormal distribution has a cv.")
        match entry.get("kind"):
            case "constant":
                return spread.constant(round(mean_ms))
            case "exponential":
                return spread.exponential(mean_ms)
            case "lognormal":
                cv = self.number(entry.get("cv"), pointer(at, "cv"), 0.01, 20)
                return spread.lognormal(mean_ms, cv)
            case other:
                kinds = "constant, exponential or lognormal"
                self.report(pointer(at, "kind"), f"This must be {kinds}, not {shown(other)}.")
        return spread.constant(0)

    def facts(self, value: object, at: str) -> dict[str, object]:
        """Facts by the names that rules know."""
        found: dict[str, object] = {}
        if not isinstance(value, dict):
            self.report(at, f"This must be an object of facts, not {shown(value)}.")
            return found
        if len(value) > FACTS_MAX:
            self.report(at, f"There are {len(value)} facts here; at most {FACTS_MAX} are allowed.")
            return found
        for name, fact in value.items():
            place = pointer(at, name)
            if name in _GIVEN:
                self.report(place, f"{name} is not stated here: {_GIVEN[name]}.")
            elif field_named(name) is None and name != "preferred_agent":
                self.report(place, f"There is no field called {shown(name)}.")
            elif not isinstance(fact, str) and not is_number(fact):
                self.report(place, f"A fact is a text or a number, not {shown(fact)}.")
            else:
                found[name] = fact
        return found

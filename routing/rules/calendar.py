"""Calendars: whether a queue is open at an instant, and why not.

`{id, name, time_zone, open: [{days: [mon..sun], from: "09:00", to: "17:30", first_day?, last_day?}],
holidays?: [{date, name, from?, to?}], emergencies?: [{from, until, reason}]}`. Days and hours are those of
the clocks in the time zone; dates are `2026-12-25`, the instants of an emergency `2026-12-25T14:30`. An
emergency is stronger than a holiday, a holiday (with or without hours of its own) than the weekly hours.

Where clocks are put back, a span begins at the first and ends at the last time that the clock shows its hour;
where they are put forward over its hour, it begins or ends with the jump. No clock is read here: the instant
is an argument.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from routing.rules.problems import Reader, pointer, shown
from routing.rules.schema import Hours

SPANS_MAX = 100
HOLIDAYS_MAX = 1_000
EMERGENCIES_MAX = 100
YEARS = (1970, 2199)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60

_KEYS = ("id", "name", "time_zone", "open", "holidays", "emergencies")
_ZONE = re.compile(r"UTC|[A-Za-z]{1,32}(/[A-Za-z0-9_+-]{1,32}){1,2}")
_TIME = re.compile(r"(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_LAST_MS = (datetime(YEARS[1], 12, 30, tzinfo=UTC) - _EPOCH) // _MS


class Span(NamedTuple):
    """Open from `first` to `last` minute of these weekdays (0 is Monday), on days within the two dates."""

    weekdays: frozenset[int]
    first: int
    last: int
    first_day: date
    last_day: date


class Holiday(NamedTuple):
    """`hours`: first and last minute that it is open in spite of it, None: not at all."""

    name: str
    hours: tuple[int, int] | None


class Emergency(NamedTuple):
    from_ms: int
    until_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Calendar:
    name: str
    zone: ZoneInfo
    spans: tuple[Span, ...]
    holidays: Mapping[date, Holiday]
    emergencies: tuple[Emergency, ...]

    def at(self, now_ms: int) -> tuple[str, str]:
        """State (one of `Hours`) and reason: of the emergency, the holiday's or the calendar's name."""
        now_ms = min(max(now_ms, 0), _LAST_MS)
        for emergency in self.emergencies:
            if emergency.from_ms <= now_ms < emergency.until_ms:
                return Hours.EMERGENCY, emergency.reason
        day = (_EPOCH + now_ms * _MS).astimezone(self.zone).date()
        holiday = self.holidays.get(day)
        if holiday is not None:
            if holiday.hours is not None and self._within(day, *holiday.hours, now_ms):
                return Hours.OPEN, holiday.name
            return Hours.HOLIDAY, holiday.name
        for span in self.spans:
            runs = day.weekday() in span.weekdays and span.first_day <= day <= span.last_day
            if runs and self._within(day, span.first, span.last, now_ms):
                return Hours.OPEN, ""
        return Hours.CLOSED, self.name

    def _within(self, day: date, first: int, last: int, now_ms: int) -> bool:
        return (
            _instant_ms(self.zone, day, first, ends=False)
            <= now_ms
            < _instant_ms(self.zone, day, last, ends=True)
        )


@lru_cache(maxsize=4_096)
def _instant_ms(zone: ZoneInfo, day: date, minute: int, *, ends: bool) -> int:
    """When the clock shows this minute of the day: the first time, or the last if something `ends` then.

    A minute that the clock leaves out is the moment of the jump.
    """
    midnight = day + timedelta(days=minute // DAY_MINUTES)
    wall = time(minute // 60 % 24, minute % 60)
    low, high = sorted(
        (datetime.combine(midnight, wall.replace(fold=fold), zone) - _EPOCH) // _MS for fold in (0, 1)
    )
    shown_then = datetime.combine(midnight, wall)
    if low == high or _wall(zone, high) == shown_then:
        return high if ends else low
    while low < high:
        middle = (low + high) // 2
        if _wall(zone, middle) >= shown_then:
            high = middle
        else:
            low = middle + 1
    return low


def _wall(zone: ZoneInfo, at_ms: int) -> datetime:
    """What the clock in the zone shows."""
    return (_EPOCH + at_ms * _MS).astimezone(zone).replace(tzinfo=None)


def read_calendar(item: object, at: str, reader: Reader) -> tuple[str, Calendar] | None:
    """Read one calendar with its id; None when it cannot be used. Mistakes go to the reader."""
    entry = reader.mapping(item, at, _KEYS)
    ident = reader.ident(entry.get("id"), pointer(at, "id"))
    name = reader.text(entry.get("name"), pointer(at, "name"))
    zone = _zone(entry.get("time_zone"), pointer(at, "time_zone"), reader)
    items = reader.listing(entry.get("open"), pointer(at, "open"), count_max=SPANS_MAX)
    if entry.get("open") == []:
        reader.report(pointer(at, "open"), "A calendar that is never open says nothing: give opening hours.")
    spans = _spans(items, pointer(at, "open"), reader)
    holidays = _holidays(entry.get("holidays", []), pointer(at, "holidays"), reader)
    listed = reader.listing(
        entry.get("emergencies", []), pointer(at, "emergencies"), count_max=EMERGENCIES_MAX
    )
    emergencies = _emergencies(listed, pointer(at, "emergencies"), zone or ZoneInfo("UTC"), reader)
    if ident is None or zone is None:
        return None
    return ident, Calendar(name or ident, zone, spans, holidays, emergencies)


def _zone(value: object, at: str, reader: Reader) -> ZoneInfo | None:
    if isinstance(value, str) and _ZONE.fullmatch(value):
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            pass
    reader.report(at, f"A time zone such as Europe/London is needed, not {shown(value)}.")
    return None


def _spans(items: Sequence[object], at: str, reader: Reader) -> tuple[Span, ...]:
    found: list[Span] = []
    for index, item in enumerate(items):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("days", "from", "to", "first_day", "last_day"))
        weekdays = _weekdays(entry.get("days"), pointer(place, "days"), reader)
        hours = _hours(entry, place, reader)
        first_day, last_day = date(YEARS[0], 1, 1), date(YEARS[1], 12, 31)
        if entry.get("first_day") is not None:
            first_day = _date(entry["first_day"], pointer(place, "first_day"), reader) or first_day
        if entry.get("last_day") is not None:
            last_day = _date(entry["last_day"], pointer(place, "last_day"), reader) or last_day
        if last_day < first_day:
            reader.report(pointer(place, "last_day"), "The last day may not be before the first.")
        if hours is None:
            continue
        span = Span(weekdays, *hours, first_day, last_day)
        other = next((number for number, known in enumerate(found, 1) if _overlap(span, known)), None)
        if other is not None:
            reader.report(place, f"These hours overlap with those of entry {other} of the list.")
        found.append(span)
    return tuple(found)


def _overlap(span: Span, other: Span) -> bool:
    return (
        bool(span.weekdays & other.weekdays)
        and span.first < other.last
        and other.first < span.last
        and span.first_day <= other.last_day
        and other.first_day <= span.last_day
    )


def _weekdays(items: object, at: str, reader: Reader) -> frozenset[int]:
    days: set[int] = set()
    for index, item in enumerate(reader.listing(items, at, count_max=len(DAYS))):
        if not isinstance(item, str) or item not in DAYS:
            reader.report(pointer(at, index), f"A day is one of {', '.join(DAYS)}, not {shown(item)}.")
        elif DAYS.index(item) in days:
            reader.report(pointer(at, index), f"The day {item} is there twice.")
        else:
            days.add(DAYS.index(item))
    if items == []:
        reader.report(at, "At least one day is needed.")
    return frozenset(days)


def _hours(entry: Mapping[str, Any], at: str, reader: Reader) -> tuple[int, int] | None:
    first = _minute(entry.get("from"), pointer(at, "from"), reader)
    last = _minute(entry.get("to"), pointer(at, "to"), reader)
    if first is None or last is None:
        return None
    if first < last:
        return first, last
    reader.report(
        pointer(at, "to"),
        "Hours end after they begin; for a night give two entries, one until 24:00 and one from 00:00.",
    )
    return None


def _minute(value: object, at: str, reader: Reader) -> int | None:
    """A time of the day as minutes; 24:00 is its end."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        reader.report(at, f"A time such as 09:00 is needed, at most 24:00, not {shown(value)}.")
        return None
    hour, minute = (int(part) for part in match.groups() if part is not None)
    return hour * 60 + minute


def _date(value: object, at: str, reader: Reader) -> date | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
        if found is not None and YEARS[0] <= found.year <= YEARS[1]:
            return found
    reader.report(
        at, f"A date such as 2026-12-25 is needed, from {YEARS[0]} to {YEARS[1]}, not {shown(value)}."
    )
    return None


def _holidays(items: object, at: str, reader: Reader) -> dict[date, Holiday]:
    found: dict[date, Holiday] = {}
    for index, item in enumerate(reader.listing(items, at, count_max=HOLIDAYS_MAX)):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("date", "name", "from", "to"))
        day = _date(entry.get("date"), pointer(place, "date"), reader)
        name = reader.text(entry.get("name"), pointer(place, "name"))
        hours = _hours(entry, place, reader) if "from" in entry or "to" in entry else None
        if day is not None:
            if day in found:
                reader.report(pointer(place, "date"), f"There are two holidays on {day}.")
            found[day] = Holiday(name or "", hours)
    return found


def _emergencies(items: Sequence[object], at: str, zone: ZoneInfo, reader: Reader) -> tuple[Emergency, ...]:
    found: list[Emergency] = []
    for index, item in enumerate(items):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("from", "until", "reason"))
        from_ms = _moment_ms(entry.get("from"), pointer(place, "from"), zone, reader, ends=False)
        until_ms = _moment_ms(entry.get("until"), pointer(place, "until"), zone, reader, ends=True)
        reason = reader.text(entry.get("reason"), pointer(place, "reason"))
        if from_ms is None or until_ms is None:
            continue
        if until_ms <= from_ms:
            reader.report(pointer(place, "until"), "An emergency ends after it begins.")
        other = next(
            (n for n, known in enumerate(found, 1) if from_ms < known.until_ms and known.from_ms < until_ms),
            None,
        )
        if other is not None:
            reader.report(place, f"This emergency overlaps with entry {other} of the list.")
        found.append(Emergency(from_ms, until_ms, reason or ""))
    return tuple(found)


def _moment_ms(value: object, at: str, zone: ZoneInfo, reader: Reader, *, ends: bool) -> int | None:
    """A date and time of the zone's clocks, `2026-12-25T14:30`."""
    if isinstance(value, str) and value[10:11] == "T":
        silent = Reader()
        day, minute = _date(value[:10], at, silent), _minute(value[11:], at, silent)
        if day is not None and minute is not None:
            return _instant_ms(zone, day, minute, ends=ends)
    reader.report(at, f"A date with time such as 2026-12-25T14:30 is needed, not {shown(value)}.")
    return None

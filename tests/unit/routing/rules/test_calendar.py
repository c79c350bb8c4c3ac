"""Calendars: emergency before holiday before closed before open, by the clocks of the zone, DST included."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.calendar import Calendar, read_calendar
from routing.rules.problems import Reader
from tests.unit.routing.rules.bodies import OFFICE, body, problems

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def calendar(**changes: Any) -> Calendar:
    reader = Reader()
    found = read_calendar({**OFFICE, **changes}, "", reader)
    assert reader.problems == []
    assert found is not None
    return found[1]


def daily(zone: str, opens: str, closes: str, **changes: Any) -> Calendar:
    return calendar(time_zone=zone, open=[{"days": EVERY_DAY, "from": opens, "to": closes}], **changes)


def utc_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def state(found: Calendar, text: str) -> str:
    """The state at an instant in UTC."""
    return found.at(utc_ms(text))[0]


def turns(found: Calendar, day: str) -> list[str]:
    """The UTC times around a day at which the calendar opens or closes."""
    start_ms = utc_ms(day) - 86_400_000
    said = []
    for now in range(start_ms, start_ms + 3 * 86_400_000, 60_000):
        opens = found.at(now)[0] == "open"
        if opens != (found.at(now - 1)[0] == "open"):
            said.append(f"{'opens' if opens else 'closes'} {datetime.fromtimestamp(now / 1000, UTC):%H:%M}")
    return said


def test_open_by_weekday_and_hour() -> None:
    office = calendar()
    assert office.at(utc_ms("2026-01-05T09:00")) == ("open", "")
    assert office.at(utc_ms("2026-01-05T08:59:59.999")) == ("closed", "Office hours")
    assert state(office, "2026-01-05T17:29:59") == "open"
    assert state(office, "2026-01-05T17:30") == "closed"
    assert state(office, "2026-01-04T12:00") == "closed", "a Sunday"
    assert state(office, "2026-07-06T08:00") == "open", "in summer London is an hour ahead"


def test_an_emergency_is_stronger_than_a_holiday_and_a_holiday_than_the_hours() -> None:
    found = calendar(
        holidays=[
            {"date": "2026-01-05", "name": "Founder's day"},
            {"date": "2026-01-06", "name": "Half day", "from": "11:00", "to": "13:00"},
            {"date": "2026-01-10", "name": "Sale", "from": "10:00", "to": "24:00"},
        ],
        emergencies=[{"from": "2026-01-05T10:00", "until": "2026-01-06T12:00", "reason": "Fire"}],
    )
    assert found.at(utc_ms("2026-01-05T09:59")) == ("holiday", "Founder's day")
    assert found.at(utc_ms("2026-01-05T10:00")) == ("emergency", "Fire")
    assert found.at(utc_ms("2026-01-06T11:59")) == ("emergency", "Fire")
    assert found.at(utc_ms("2026-01-06T12:00")) == ("open", "Half day")
    assert found.at(utc_ms("2026-01-06T13:00")) == ("holiday", "Half day")
    assert found.at(utc_ms("2026-01-10T23:59")) == ("open", "Sale"), "special hours open a Saturday"
    assert state(found, "2026-01-07T12:00") == "open"


def test_hours_hold_within_their_dates() -> None:
    found = calendar(
        open=[
            {"days": ["mon"], "from": "09:00", "to": "17:00", "last_day": "2026-06-30"},
            {"days": ["mon"], "from": "08:00", "to": "12:00", "first_day": "2026-07-01"},
        ]
    )
    assert state(found, "2026-06-29T07:30") == "closed"
    assert state(found, "2026-06-29T14:00") == "open"
    assert state(found, "2026-07-06T07:30") == "open", "08:30 in London"
    assert state(found, "2026-07-06T14:00") == "closed"


@pytest.mark.parametrize(
    ("zone", "hours", "day", "expected"),
    [
        # London puts its clocks forward at 01:00 UTC on 29 March 2026, from 01:00 to 02:00.
        ("Europe/London", ("00:30", "03:00"), "2026-03-29", ["opens 00:30", "closes 02:00"]),
        ("Europe/London", ("01:30", "03:00"), "2026-03-29", ["opens 01:00", "closes 02:00"]),
        ("Europe/London", ("00:30", "01:30"), "2026-03-29", ["opens 00:30", "closes 01:00"]),
        ("Europe/London", ("01:15", "01:45"), "2026-03-29", []),
        # And back at 01:00 UTC on 25 October 2026, from 02:00 to 01:00.
        ("Europe/London", ("00:30", "03:00"), "2026-10-25", ["opens 23:30", "closes 03:00"]),
        ("Europe/London", ("01:30", "03:00"), "2026-10-25", ["opens 00:30", "closes 03:00"]),
        ("Europe/London", ("01:15", "01:45"), "2026-10-25", ["opens 00:15", "closes 01:45"]),
        # New York: forward at 07:00 UTC on 8 March, back at 06:00 UTC on 1 November 2026.
        ("America/New_York", ("02:30", "04:00"), "2026-03-08", ["opens 07:00", "closes 08:00"]),
        ("America/New_York", ("01:00", "02:30"), "2026-03-08", ["opens 06:00", "closes 07:00"]),
        ("America/New_York", ("01:30", "03:00"), "2026-11-01", ["opens 05:30", "closes 08:00"]),
        ("America/New_York", ("01:00", "01:30"), "2026-11-01", ["opens 05:00", "closes 06:30"]),
        # Shanghai has had no summer time since 1991; its Sunday begins on UTC's Saturday.
        ("Asia/Shanghai", ("02:00", "03:00"), "2026-03-29", ["opens 18:00", "closes 19:00"]),
        ("Asia/Shanghai", ("09:00", "18:00"), "2026-10-25", ["opens 01:00", "closes 10:00"]),
        # Cairo leaves out midnight itself: 24 April 2026 begins at 01:00.
        ("Africa/Cairo", ("00:00", "02:00"), "2026-04-24", ["opens 22:00", "closes 23:00"]),
    ],
)
def test_clocks_that_are_changed(zone: str, hours: tuple[str, str], day: str, expected: list[str]) -> None:
    opens, closes = hours
    only = {"days": EVERY_DAY, "from": opens, "to": closes, "first_day": day, "last_day": day}
    assert turns(calendar(time_zone=zone, open=[only]), day) == expected


def test_a_day_without_a_gap_between_its_spans_never_blinks() -> None:
    """Day and night, over every change of the clocks of a year, in three zones."""
    for zone in ("Europe/London", "America/New_York", "Asia/Shanghai"):
        found = daily(zone, "00:00", "24:00")
        start_ms = utc_ms("2026-01-01")
        for now in range(start_ms, start_ms + 366 * 86_400_000, 3_600_000):
            assert found.at(now)[0] == found.at(now - 1)[0] == "open"


def test_an_emergency_goes_by_the_clocks_of_the_zone() -> None:
    """In the hour that comes twice it begins with the first and ends with the last."""
    found = daily(
        "America/New_York",
        "00:00",
        "24:00",
        emergencies=[{"from": "2026-11-01T01:00", "until": "2026-11-01T01:30", "reason": "Storm"}],
    )
    assert turns(found, "2026-11-01") == ["closes 05:00", "opens 06:30"]


@settings(deadline=None)
@given(
    zone=st.sampled_from(("Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe")),
    opens=st.integers(0, 1438),
    length=st.integers(1, 1440),
    now_ms=st.integers(utc_ms("2026-01-01"), utc_ms("2027-01-01")),
)
def test_on_ordinary_days_it_is_what_the_clock_shows(zone: str, opens: int, length: int, now_ms: int) -> None:
    closes = min(opens + length, 1440)
    found = daily(zone, *(f"{minute // 60:02}:{minute % 60:02}" for minute in (opens, closes)))
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset():
        minute = local.hour * 60 + local.minute
        assert (found.at(now_ms)[0] == "open") == (opens <= minute < closes)


@pytest.mark.parametrize("now_ms", [-(10**20), -1, 0, 10**15, 10**30])
def test_any_instant_has_an_answer(now_ms: int) -> None:
    assert calendar().at(now_ms)[0] in ("open", "closed")


def made(**changes: Any) -> dict[str, str]:
    return problems(body(calendars=[{**OFFICE, **changes}]))


def span(**changes: Any) -> dict[str, Any]:
    return {"days": ["mon"], "from": "09:00", "to": "17:00", **changes}


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"id": "no spaces"}, "/id", "An id is needed"),
        ({"name": ""}, "/name", "A text is needed"),
        ({"time_zone": "Mars/Base"}, "/time_zone", "such as Europe/London"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone", "such as Europe/London"),
        ({"time_zone": "localtime"}, "/time_zone", "such as Europe/London"),
        ({"time_zone": "Europe"}, "/time_zone", "such as Europe/London"),
        ({"time_zone": None}, "/time_zone", "such as Europe/London"),
        ({"open": []}, "/open", "never open"),
        ({"open": None}, "/open", "must be a list"),
        ({"open": [span(days=[])]}, "/open/0/days", "At least one day"),
        ({"open": [span(days=["mon", "mon"])]}, "/open/0/days/1", "there twice"),
        ({"open": [span(days=["monday"])]}, "/open/0/days/0", "one of mon, tue"),
        ({"open": [span(to="9:00")]}, "/open/0/to", "such as 09:00"),
        ({"open": [span(to="24:30")]}, "/open/0/to", "such as 09:00"),
        ({"open": [span(to=17)]}, "/open/0/to", "such as 09:00"),
        ({"open": [span(to="09:00")]}, "/open/0/to", "end after they begin"),
        ({"open": [span(**{"from": "22:00", "to": "06:00"})]}, "/open/0/to", "for a night give two"),
        ({"open": [span(first_day="2026-02-30")]}, "/open/0/first_day", "such as 2026-12-25"),
        ({"open": [span(first_day="1812-02-01")]}, "/open/0/first_day", "from 1970 to 2199"),
        (
            {"open": [span(first_day="2026-02-02", last_day="2026-02-01")]},
            "/open/0/last_day",
            "not be before",
        ),
        (
            {"open": [span(), span(**{"from": "16:00", "to": "18:00"})]},
            "/open/1",
            "overlap with those of entry 1",
        ),
        ({"holidays": [{"date": "x", "name": "X"}]}, "/holidays/0/date", "such as 2026-12-25"),
        ({"holidays": [{"date": "2026-01-01", "name": 3}]}, "/holidays/0/name", "A text is needed"),
        (
            {"holidays": [{"date": "2026-01-01", "name": "N", "from": "10:00"}]},
            "/holidays/0/to",
            "such as 09:00",
        ),
        ({"holidays": [{"date": "2026-01-01", "name": "N"}] * 2}, "/holidays/1/date", "two holidays on"),
        (
            {"emergencies": [{"from": "2026-01-01", "until": "2026-01-01T10:00", "reason": "R"}]},
            "/emergencies/0/from",
            "such as 2026-12-25T14:30",
        ),
        (
            {"emergencies": [{"from": "2026-01-01T10:00", "until": "2026-01-01T10:00", "reason": "R"}]},
            "/emergencies/0/until",
            "ends after it begins",
        ),
        (
            {"emergencies": [{"from": "2026-01-01T10:00", "until": "2026-01-01T11:00", "reason": "R"}] * 2},
            "/emergencies/1",
            "overlaps with entry 1",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(changes: dict[str, Any], pointer: str, words: str) -> None:
    assert words in made(**changes)[f"/calendars/0{pointer}"]


def test_spans_that_do_not_meet_are_no_overlap() -> None:
    spring, summer = span(last_day="2026-05-31"), span(first_day="2026-06-01")
    assert made(open=[span(), span(days=["tue"]), span(**{"from": "17:00", "to": "18:00"})]) == {}
    assert made(open=[spring, summer]) == {}
    assert problems(body(calendars=[OFFICE, OFFICE]))["/calendars/1/id"] == (
        "There are two calendars called office."
    )

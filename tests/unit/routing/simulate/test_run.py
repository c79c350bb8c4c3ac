"""A whole run: what is counted adds up, and it is the engine that decided."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from routing.simulate.day import Day
from routing.simulate.tally import Tally
from tests.unit.routing.simulate.days import body, constant, day, exponential, group, play, stream

ROOT = Path(__file__).resolve().parents[4]
BUSY = [{"from": "08:00", "to": "09:00", "per_hour": 240}]


def test_every_contact_ends_in_exactly_one_count() -> None:
    busy = day(stream(arrivals=BUSY, patience=exponential(90)), agents=[group(count=4)])
    row = play(body(wrap_up_s=30), busy).total()
    assert row.offered == row.answered + row.abandoned
    assert row.abandoned > row.short > 0
    assert row.abandoned_in <= row.abandoned
    assert row.answered_in <= row.answered == len(row.waits_ms)
    assert row.wait_ms == sum(row.waits_ms)
    assert row.excess_ms == sum(max(wait - 20_000, 0) for wait in row.waits_ms)
    assert row.worth == row.offered * 50
    assert row.worth_lost == row.abandoned * 50
    assert row.worth_in == row.answered_in * 50


def test_one_agent_and_constant_times_can_be_counted_by_hand() -> None:
    """One call after the other, each a minute with half a minute of wrap-up: 90 s of work for each."""
    quiet = day(stream(handle=constant(60), wrap_up=constant(30)), agents=[group(count=1)])
    tally = play(body(wrap_up_s=40), quiet)
    row, pool = tally.total(), tally.pools["team"]
    assert row.answered == row.offered > 40
    assert row.handle_ms == 90_000 * row.answered == pool.busy_ms
    arrivals = [visit.at_ms for visit in quiet.visits(1)[0]]
    free_at_ms, waits = 0, []
    for at_ms in arrivals:
        begins_ms = max(at_ms, free_at_ms)
        waits.append(begins_ms - at_ms)
        free_at_ms = begins_ms + 90_000
    assert row.waits_ms == waits
    assert pool.busy_ms + pool.idle_ms == max(free_at_ms - quiet.starts_at_ms - 8 * 3_600_000, 7_200_000)


def test_a_wrap_up_without_its_own_length_lasts_as_long_as_the_queue_allows() -> None:
    """And one that would last longer is cut off there."""
    for wrap_up in (None, constant(300)):
        quiet = day(stream(handle=constant(60), wrap_up=wrap_up), agents=[group(count=5)])
        row = play(body(wrap_up_s=45), quiet).total()
        assert row.handle_ms == 105_000 * row.answered


def test_warming_up_is_played_and_not_counted() -> None:
    whole, half = (
        play(body(), day(stream(arrivals=BUSY), agents=[group(count=9)], count_from=at))
        for at in ("00:00", "08:30")
    )
    assert 0 < half.total().offered < whole.total().offered
    assert half.events == whole.events
    assert half.pools["team"].idle_ms < whole.pools["team"].idle_ms


def test_slow_agents_take_as_long_as_they_are_described() -> None:
    """A level of 1 doubles the time, 100 halves it."""
    pace = {"skill": "english", "at_1": 2, "at_100": 0.5}
    for level, span_ms in ((1, 120_000), (100, 30_000)):
        quiet = day(
            stream(handle=constant(60), pace=pace), agents=[group(count=9, skills={"english": level})]
        )
        row = play(body(), quiet).total()
        assert row.handle_ms == span_ms * row.answered


def test_agents_who_take_their_time_make_customers_wait() -> None:
    slow = day(stream(), agents=[group(count=9, accept=constant(7))])
    assert set(play(body(), slow).total().waits_ms) == {7_000}


def test_who_misses_an_offer_is_out_of_work_until_they_are_back() -> None:
    """Everything is missed: each ring is 20 s, and the agent comes back after a minute."""
    missing = day(
        stream(arrivals=[{"from": "08:00", "to": "08:10", "per_hour": 60}], patience=constant(600)),
        agents=[group(count=1, miss=1, back_after_s=60)],
    )
    tally = play(body(), missing)
    assert tally.total().answered == 0
    assert tally.total().abandoned == tally.total().offered > 0
    assert tally.pools["team"].busy_ms == 0
    away_ms = 7_200_000 - tally.pools["team"].idle_ms
    assert away_ms >= 300_000
    assert away_ms % 60_000 == 0, "a minute after each ring"


def test_who_rejects_is_not_asked_again_before_others_are() -> None:
    choosy = day(
        stream(patience=exponential(300)),
        agents=[group("choosy", 1, reject=1), group("willing", 2, accept=constant(2))],
    )
    tally = play(body(), choosy)
    assert tally.pools["choosy"].busy_ms == 0
    assert tally.total().answered > 0.8 * tally.total().offered


def test_each_offer_is_answered_anew() -> None:
    """Half of all offers are rejected; whoever was rejected first is taken at some later one."""
    choosy = day(stream(handle=constant(5)), agents=[group(count=1, reject=0.5)])
    row = play(body(), choosy).total()
    assert row.answered == row.offered > 40


def test_who_was_sent_back_is_not_overtaken_by_who_comes_instead() -> None:
    """The agent may not be asked for it for a while, so nobody has jumped the line."""
    choosy = day(stream(arrivals=BUSY, handle=constant(10)), agents=[group(count=1, reject=0.3)])
    assert play(body(), choosy).rows["all", ""].overtake_ms == 0


def test_who_was_to_be_answered_in_time_and_was_not_may_leave_all_the_same() -> None:
    """Every offer is rejected after two seconds; patience of a minute ends each wait."""
    few = stream(patience=constant(60))
    row = play(body(sl_target_s=60), day(few, agents=[group(accept=constant(2), reject=1)])).total()
    assert row.abandoned == row.abandoned_in == row.offered > 40
    assert row.answered == 0


def test_the_most_valuable_come_first_and_no_more_than_the_cap_allows() -> None:
    customers = [{"share": 0.5, "value": 100, "tier": "gold"}, {"share": 0.5, "value": 0}]
    crowded = day(stream(arrivals=BUSY, customers=customers), agents=[group(count=4)])
    plain, valued = play(body(), crowded), play(body(cap_s=120), crowded)
    waits = [
        [tally.total(None, tier).wait_ms / tally.total(None, tier).answered for tier in ("gold", "")]
        for tally in (plain, valued)
    ]
    assert waits[1][0] < waits[0][0] < waits[0][1] * 1.5
    assert waits[1][1] > waits[0][1]
    assert plain.total().overtake_ms == 0
    assert 0 < valued.total().overtake_ms <= 120_000
    assert valued.total().bound_ms is not None
    assert valued.total().overtake_ms <= (valued.total().bound_ms or 0)


def test_who_went_to_another_queue_is_not_counted_in_the_line_that_it_came_to() -> None:
    """All who come while three wait go to a queue that nobody serves until ten: nobody is overtaken here."""
    rules = body(overflows=[{"to": "late", "waiting_over": 2}])
    rules["queues"].append({"id": "late", "name": "Late", "needs": [{"skill": "chinese"}]})
    teams = [
        group(count=1),
        group("evening", 1, skills={"chinese": 50}, shifts=[{"from": "10:00", "to": "12:00"}]),
    ]
    tally = play(rules, day(stream(arrivals=BUSY), agents=teams))
    assert tally.total().answered > 20
    assert tally.rows["all", ""].overtake_ms == 0


def test_contacts_in_a_closed_queue_are_turned_away() -> None:
    """Open from half past eight only."""
    rules = body(calendar="office", when_closed={"end": "turn_away"})
    rules["calendars"] = [
        {
            "id": "office",
            "name": "Office hours",
            "time_zone": "UTC",
            "open": [{"days": ["mon", "tue"], "from": "08:30", "to": "18:00"}],
        }
    ]
    row = play(rules, day(stream(arrivals=BUSY), agents=[group(count=9)])).total()
    assert 0 < row.turned_away < row.offered
    assert row.worth_lost == 50 * row.turned_away
    assert row.offered == row.answered + row.turned_away


def test_nobody_works_and_the_run_still_ends() -> None:
    row = play(body(), day(agents=[group(count=0)])).total()
    assert row.offered > 0
    assert row.answered == row.abandoned == 0


def test_offers_that_come_to_nothing_end_with_the_day() -> None:
    """Nobody leaves and nobody accepts: some hours after the last shift that is the end."""
    few = stream(arrivals=[{"from": "08:00", "to": "08:20", "per_hour": 15}])
    for habit in ({"reject": 1}, {"miss": 1}):
        row = play(body(), day(few, agents=[group(count=1, **habit)])).total()
        assert row.offered > row.answered == row.abandoned == 0


def test_who_waits_at_night_is_served_in_the_morning() -> None:
    shifts = [{"from": "32:00", "to": "40:00"}]
    row = play(body(), day(agents=[group(count=9, shifts=shifts)])).total()
    assert row.answered == row.offered > 0
    assert min(row.waits_ms) >= 23 * 3_600_000


def digest(tally: Tally) -> str:
    return hashlib.sha256(repr(tally).encode()).hexdigest()


_AGAIN = """
from tests.unit.routing.simulate.test_run import digest, mixed_day
from tests.unit.routing.simulate.days import body, play
print(digest(play(body(wrap_up_s=20, cap_s=60), mixed_day(), 7)))
"""


def mixed_day() -> Day:
    """Something of everything."""
    return day(
        stream(
            "calls",
            arrivals=BUSY,
            patience=exponential(60),
            customers=[{"share": 1, "value": {"pareto": 1.2}}],
        ),
        stream("chats", channel="chat", handle={"kind": "lognormal", "mean_s": 200, "cv": 0.8}),
        agents=[
            group("quick", 3, skills={"english": 70}),
            group(
                "slow",
                3,
                accept=exponential(6),
                miss=0.1,
                reject=0.05,
                capacity={"units": 2, "caps": {"voice": 1, "chat": 2}},
            ),
        ],
    )


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_a_run_is_the_same_byte_for_byte_whatever_the_hash_seed(hash_seed: str) -> None:
    played = mixed_day()
    here = digest(play(body(wrap_up_s=20, cap_s=60), played, 7))
    there = subprocess.run(
        [sys.executable, "-c", _AGAIN],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert there.stdout.strip() == here

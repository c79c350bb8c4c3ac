"""A real day: what is known is as it was, what is not is drawn anew for each seed."""

from collections.abc import Iterable

from routing.events import AgentUpserted, Event, PresenceSet, ReachabilitySet
from routing.simulate.day import Visit
from routing.simulate.recorded import Answering, Met, Recording, recorded
from routing.simulate.scenario import Habit
from routing.types import AgentId, AgentSkill, Capacity, Channel, ContactId, Presence, SkillId
from tests.unit.routing.simulate.days import body, play

START_MS = 1_772_496_000_000
ANN = AgentId("ann")


def staff() -> tuple[Event, ...]:
    capacity = Capacity(1, ((Channel.VOICE, 1),))
    skills = (AgentSkill(SkillId("english"), 80),)
    return (
        AgentUpserted(START_MS, ANN, skills, capacity),
        ReachabilitySet(START_MS, ANN, (Channel.VOICE,)),
        PresenceSet(START_MS, ANN, Presence.AVAILABLE),
    )


def met(number: int, at_s: int, waited_s: int, handle_s: int | None, *, left: bool = False) -> Met:
    return Met(
        ContactId(f"c{number}"),
        START_MS + at_s * 1000,
        Channel.VOICE,
        {"language": "en"},
        "gold",
        90,
        50,
        1_000,
        waited_s * 1000,
        left,
        None if handle_s is None else handle_s * 1000,
        10_000 if handle_s is not None else None,
    )


DAY = (met(1, 0, 0, 60), met(2, 10, 55, None, left=True), met(3, 20, 50, 30), met(4, 400, 70, 90))


def visits(seed: int, contacts: Iterable[Met] = DAY) -> list[Visit]:
    played = recorded(Recording("a day", START_MS, 0, staff(), tuple(contacts), Answering()))
    return [visit for source in played.visits(seed) for visit in source]


def test_what_is_known_of_the_day_is_the_same_for_every_seed() -> None:
    for seed in range(5):
        one, two, three, four = visits(seed)
        assert [visit.at_ms - START_MS for visit in (one, two, three, four)] == [0, 10_000, 20_000, 400_000]
        assert (one.handle_ms, three.handle_ms, four.handle_ms) == (60_000, 30_000, 90_000)
        assert two.patience_ms == 55_000, "who left, left after so long"
        assert two.handle_ms in (60_000, 30_000, 90_000), "some handle time of the day"
        assert (one.wrap_up_ms, two.wrap_up_ms) == (10_000, None)


def test_who_was_answered_would_have_waited_longer_than_they_did() -> None:
    spans = {visits(seed)[2].patience_ms for seed in range(20)}
    assert all(span is not None and span >= 50_000 for span in spans)
    assert len(spans) > 1, "nobody knows how long"


def test_where_nobody_left_everybody_waits() -> None:
    assert {visit.patience_ms for visit in visits(1, [DAY[0], DAY[2]])} == {None}


def test_contacts_are_played_in_order_of_arrival() -> None:
    assert [visit.contact for visit in visits(1, reversed(DAY))] == ["c1", "c2", "c3", "c4"]


def test_the_day_can_be_played_under_rules() -> None:
    played = recorded(Recording("a day", START_MS, 0, staff(), DAY, Answering()))
    row = play(body(wrap_up_s=60), played).total("all", "gold")
    assert (row.offered, row.worth) == (4, 4_000)
    assert row.answered + row.abandoned == 4
    assert played.pools[ANN] == "english"


def test_agents_answer_as_fast_and_as_often_as_on_the_day() -> None:
    habit = Answering((4_000, 4_000, 8_000), rejected=1, missed=1).habit()
    assert habit.accept is not None
    assert [habit.accept(u) for u in (0.0, 0.5, 0.9)] == [4_000, 4_000, 8_000]
    assert (habit.reject, habit.miss) == (0.2, 0.2)
    assert Answering(missed=3).habit() == Habit(), "nothing is known of how they accept"

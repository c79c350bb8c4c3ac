"""Full queues, overflow on arrival, the reserve, and waits that can be foreseen."""

import pytest

from routing.commands import Expected
from routing.engine import Engine
from routing.events import ContactAbandoned, ContactEnded, OfferConnected, TimeReached
from routing.types import (
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    Full,
    OfferId,
    OfferPolicy,
    Overflow,
    QueueId,
    QueueSpec,
    Reserve,
    SkillId,
)
from tests.unit.routing.script import (
    ANN,
    BEN,
    C1,
    C2,
    C3,
    ENGLISH,
    POLICY,
    QUEUE,
    arrive,
    engine,
    join,
    needs,
    play,
    told,
)

OTHER = QueueId("other")
HELP = SkillId("help")
THERE = QueueSpec(OTHER, "Other", (), POLICY)


def full(how: Full, to: QueueId | None = None) -> Engine:
    """Two queues without anybody at work; the first has one place, which is taken."""
    made = engine(queues=(QueueSpec(QUEUE, "Q", (), POLICY, length_max=1, full=how, full_to=to), THERE))
    made.handle(arrive(1, C1))
    return made


def test_a_full_queue_turns_calls_and_chats_away() -> None:
    for channel in (Channel.VOICE, Channel.CHAT):
        play(full(Full.TURN_AWAY), [(arrive(2, C2, channel=channel), ["c2 turned_away (queue_full)"])])


def test_mail_and_texts_wait_by_nature() -> None:
    for channel in (Channel.EMAIL, Channel.SMS):
        play(full(Full.TURN_AWAY), [(arrive(2, C2, channel=channel), ["c2 queued (arrived)"])])


def test_a_full_queue_may_send_on_ask_or_record() -> None:
    play(
        full(Full.OVERFLOW, OTHER),
        [(arrive(2, C2), ["c2 queued in other (queue_full)", "c2 queued (arrived)"])],
    )
    play(full(Full.OVERFLOW), [(arrive(2, C2), ["c2 turned_away (queue_full)"])])
    play(
        full(Full.CALLBACK),
        [(arrive(2, C2), ["ask c2 whether to call back", "c2 queued (arrived)"])],
    )
    play(full(Full.VOICEMAIL), [(arrive(2, C2), ["c2 voicemail (queue_full)"])])


def overflowing(**when: int) -> Engine:
    spec = QueueSpec(QUEUE, "Q", needs(50), POLICY, overflows=(Overflow(OTHER, **when),))
    return engine(absent=(ANN,), queues=(spec, THERE))


def test_overflow_by_number_and_by_the_oldest_wait() -> None:
    made = overflowing(waiting_over=1)
    made.handle(arrive(1, C1))
    assert told(made.handle(arrive(2, C2))) == ["c2 queued (arrived)"]
    assert told(made.handle(arrive(3, C3)))[0] == "c3 queued in other (overflow_waiting)"
    made = overflowing(oldest_wait_over_ms=10_000)
    made.handle(arrive(1, C1))
    assert told(made.handle(arrive(10_001, C2))) == ["c2 queued (arrived)"]
    assert told(made.handle(arrive(10_002, C3)))[0] == "c3 queued in other (overflow_oldest_wait)"


def test_overflow_when_too_few_of_the_pool_are_there() -> None:
    made = overflowing(staffed_below=1)
    assert told(made.handle(arrive(1, C1)))[0] == "c1 queued in other (overflow_staffed)"
    join(made, ANN, AgentSkill(ENGLISH, 49))
    assert told(made.handle(arrive(2, C2)))[0] == "c2 queued in other (overflow_staffed)"
    join(made, BEN, AgentSkill(ENGLISH, 50))
    assert told(made.handle(arrive(3, C3)))[0] == "c3 queued (arrived)"


def test_overflows_that_lead_in_a_circle_end_where_they_began_to_repeat() -> None:
    here = QueueSpec(QUEUE, "Q", overflows=(Overflow(OTHER, staffed_below=1),))
    there = QueueSpec(OTHER, "O", overflows=(Overflow(QUEUE, staffed_below=1),))
    play(
        engine(queues=(here, there)),
        [(arrive(1, C1), ["c1 queued in other (overflow_staffed)", "c1 queued (arrived)"])],
    )


def reserved(open_waiting: int = 2, close_waiting: int = 0) -> Engine:
    """Ann works, ben is in reserve; both have room for one."""
    spec = QueueSpec(
        QUEUE,
        "Q",
        (),
        OfferPolicy(wrap_up_ms=0),
        reserve=Reserve(needs(1, HELP), open_waiting, close_waiting, 30_000, 5_000),
    )
    made = engine(ANN, capacity=Capacity(1, ((Channel.CHAT, 1),)), queues=(spec,))
    join(made, BEN, AgentSkill(HELP, 50), capacity=Capacity(1, ((Channel.CHAT, 1),)))
    made.handle(arrive(100, ContactId("busy")))
    made.handle(OfferConnected(101, OfferId("o-1")))
    return made


def test_the_reserve_opens_when_enough_wait_and_helps_in_the_same_moment() -> None:
    made = reserved()
    assert made.reserve_open(QUEUE) is False
    play(
        made,
        [
            (arrive(110, C1), ["c1 queued (arrived)"]),
            (
                arrive(120, C2),
                [
                    "c2 queued (arrived)",
                    "reserve of general opens: waiting",
                    "offer o-2: c1 to ben until 20120",
                    "c1 offered ben until 20120",
                ],
            ),
        ],
    )
    assert made.reserve_open(QUEUE) is True


def test_the_reserve_opens_by_time_alone() -> None:
    made = reserved()
    made.handle(arrive(1_000, C1))
    assert made.next_deadline_ms() == 31_000
    play(
        made,
        [
            (TimeReached(30_999), []),
            (
                TimeReached(31_000),
                [
                    "reserve of general opens: oldest_wait",
                    "offer o-2: c1 to ben until 51000",
                    "c1 offered ben until 51000",
                    "reserve of general closes: recovered",
                ],
            ),
        ],
    )


def test_the_reserve_closes_only_when_the_queue_is_well_again() -> None:
    """One still waits: it opened at two and closes at none, so it does not flutter."""
    made = reserved()
    made.handle(arrive(110, C1))
    made.handle(arrive(120, C2))
    made.handle(arrive(130, C3))
    assert [contact.contact for contact in made.waiting()] == [C2, C3]
    made.handle(ContactAbandoned(140, C3))
    assert made.reserve_open(QUEUE) is True
    assert told(made.handle(ContactAbandoned(150, C2))) == [
        "c2 abandoned (customer_left)",
        "reserve of general closes: recovered",
    ]


def test_a_reserve_whose_thresholds_contradict_each_other_still_lets_an_event_end() -> None:
    made = reserved(open_waiting=1, close_waiting=5)
    made.handle(arrive(110, C1))
    made.handle(arrive(120, C2))
    turned = [line for line in told(made.handle(arrive(130, C3))) if line.startswith("reserve")]
    assert turned == ["reserve of general opens: waiting", "reserve of general closes: recovered"]


def test_a_wait_is_foreseen_as_an_interval_once_the_line_has_moved() -> None:
    """Services come every 20 s while somebody waits, so the third one waits for about a minute."""
    made = engine(ANN, capacity=Capacity(1, ((Channel.CHAT, 1),)), policy=OfferPolicy(wrap_up_ms=0))
    assert made.expected_wait(QUEUE) is None
    for number in range(6):
        made.handle(arrive(1_000, ContactId(f"c{number}")))
    for number in range(3):
        made.handle(OfferConnected(10_000 + 20_000 * number, OfferId(f"o-{number + 1}")))
        made.handle(ContactEnded(11_000 + 20_000 * number, ContactId(f"c{number}")))
    assert [contact.contact for contact in made.waiting()] == ["c4", "c5"]
    expected = made.expected_wait(QUEUE)
    assert isinstance(expected, Expected)
    assert expected.likely_ms == 60_000
    # A tenth and nine tenths of the sum of three exponential intervals: 1.1021 and 5.3223 of one.
    assert expected.low_ms == pytest.approx(22_041, rel=0.01)
    assert expected.high_ms == pytest.approx(106_446, rel=0.01)
    first = made.expected_wait_of(ContactId("c4"))
    assert first is not None
    assert first.likely_ms == 20_000
    assert made.position(ContactId("c5")) == 2
    assert made.expected_wait(QueueId("nowhere")) is None


def test_an_idle_spell_says_nothing_of_how_fast_the_line_moves() -> None:
    made = engine(ANN, capacity=Capacity(1, ((Channel.CHAT, 1),)), policy=OfferPolicy(wrap_up_ms=0))
    for number, at_ms in enumerate((1_000, 500_000, 900_000), 1):
        made.handle(arrive(at_ms, ContactId(f"c{number}")))
        made.handle(OfferConnected(at_ms + 1, OfferId(f"o-{number}")))
        made.handle(ContactEnded(at_ms + 2, ContactId(f"c{number}")))
    assert made.expected_wait(QUEUE) is None


def test_a_queue_without_a_reserve_has_none_to_open() -> None:
    made = engine(absent=(ANN,))
    assert made.reserve_open(QUEUE) is None

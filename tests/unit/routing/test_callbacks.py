"""Callbacks keep the place: agent first, customer first, by appointment, with retries, one per customer."""

from routing.engine import Engine
from routing.events import (
    CallbackAnswered,
    CallbackRequested,
    CallbackUnanswered,
    ContactAbandoned,
    ContactEnded,
    OfferAccepted,
    OfferConnected,
    OfferSetupFailed,
    PresenceSet,
    TimeReached,
)
from routing.types import (
    AgentId,
    CallbackMode,
    CallbackPolicy,
    Capacity,
    Channel,
    ContactId,
    OfferId,
    OfferPolicy,
    Presence,
    QueueSpec,
)
from tests.unit.routing.script import ANN, C1, C2, C3, QUEUE, arrive, engine, play, told

O1, O2 = OfferId("o-1"), OfferId("o-2")
ONE_CALL = Capacity(1, ((Channel.VOICE, 1),))
SPEC = QueueSpec(
    QUEUE,
    "Q",
    (),
    OfferPolicy(wrap_up_ms=0),
    callback=CallbackPolicy(attempts_max=2, gap_ms=60_000, dial_ms=30_000, window_ms=900_000),
)


def waiting(*contacts: ContactId, absent: tuple[AgentId, ...] = (ANN,)) -> Engine:
    """Calls in line, a second apart, and nobody at work."""
    made = engine(absent=absent, capacity=ONE_CALL, queues=(SPEC,))
    for number, contact in enumerate(contacts):
        made.handle(arrive(1_000 * (number + 1), contact, channel=Channel.VOICE, customer=f"k-{contact}"))
    return made


def comes(made: Engine, at_ms: int) -> list[str]:
    return told(made.handle(PresenceSet(at_ms, ANN, Presence.AVAILABLE)))


def test_agent_first_the_customer_is_dialled_when_the_agent_has_accepted() -> None:
    made = waiting(C1, C2)
    play(
        made,
        [
            (
                CallbackRequested(10_000, C1),
                ["promise c1 between 10000 and 910000"],
            ),
            (
                PresenceSet(20_000, ANN, Presence.AVAILABLE),
                ["ann available", "offer o-1: c1 to ann until 40000", "c1 offered ann until 40000"],
            ),
            (
                OfferAccepted(21_000, O1, ANN),
                [
                    "connect c1 with ann until 51000 by dialling",
                    "c1 connecting ann until 51000",
                ],
            ),
            (
                OfferConnected(30_000, O1),
                ["c1 active ann", "callback of c1 connected after 1, promise kept"],
            ),
        ],
    )


def test_a_customer_who_does_not_answer_is_tried_again_and_the_agent_is_not_to_blame() -> None:
    made = waiting(C1, C2)
    made.handle(CallbackRequested(10_000, C1))
    comes(made, 20_000)
    made.handle(OfferAccepted(21_000, O1, ANN))
    play(
        made,
        [
            (
                OfferSetupFailed(40_000, O1, "no_answer"),
                [
                    "end o-1 of ann: setup_failed no_answer",
                    "c1 callback until 100000 (no_answer)",
                    "offer o-2: c2 to ann until 60000",
                    "c2 offered ann until 60000",
                ],
            ),
            (OfferConnected(41_000, O2), ["c2 active ann"]),
            (ContactEnded(90_000, C2), ["c2 closed ann (ended_by_agent)"]),
            (
                TimeReached(100_000),
                [
                    "c1 queued (due)",
                    "offer o-3: c1 to ann until 120000",
                    "c1 offered ann until 120000",
                ],
            ),
            (
                OfferAccepted(101_000, OfferId("o-3"), ANN),
                [
                    "connect c1 with ann until 131000 by dialling",
                    "c1 connecting ann until 131000",
                ],
            ),
            (
                TimeReached(131_000),
                [
                    "end o-3 of ann: setup_failed setup_timed_out",
                    "callback of c1 unanswered after 2, promise kept",
                    "c1 closed (setup_timed_out)",
                ],
            ),
        ],
    )


def test_customer_first_the_customer_is_dialled_when_the_turn_comes_and_keeps_the_place() -> None:
    made = waiting(C1, C2)
    made.handle(CallbackRequested(10_000, C1, CallbackMode.CUSTOMER_FIRST))
    play(
        made,
        [
            (
                PresenceSet(20_000, ANN, Presence.AVAILABLE),
                [
                    "ann available",
                    "c1 callback until 50000 (dialling)",
                    "dial c1 for the 1. time until 50000",
                    "offer o-1: c2 to ann until 40000",
                    "c2 offered ann until 40000",
                ],
            ),
            (CallbackAnswered(25_000, C1), ["c1 queued (answered)"]),
            (CallbackAnswered(25_001, C1), ["ignored CallbackAnswered: the customer is not being dialled"]),
        ],
    )
    made.handle(arrive(26_000, C3, channel=Channel.VOICE, since_ms=1_500))
    assert [contact.contact for contact in made.waiting()] == [C1, C3], "the old place counts"
    made.handle(OfferConnected(27_000, O1))
    lines = told(made.handle(ContactEnded(60_000, C2)))
    assert "offer o-2: c1 to ann until 80000" in lines
    assert told(made.handle(OfferAccepted(61_000, O2, ANN)))[0] == "connect c1 with ann until 80000"


def test_a_dialled_customer_who_is_not_there_is_tried_so_often_and_no_more() -> None:
    made = waiting(C1)
    made.handle(CallbackRequested(10_000, C1, CallbackMode.CUSTOMER_FIRST))
    comes(made, 20_000)
    play(
        made,
        [
            (CallbackUnanswered(30_000, C1, "busy"), ["c1 callback until 90000 (busy)"]),
            (
                TimeReached(90_000),
                [
                    "c1 queued (due)",
                    "c1 callback until 120000 (dialling)",
                    "dial c1 for the 2. time until 120000",
                ],
            ),
            (
                TimeReached(120_000),
                [
                    "callback of c1 unanswered after 2, promise kept",
                    "c1 closed (callback_unanswered)",
                ],
            ),
        ],
    )
    assert made.next_deadline_ms() is None


def test_an_appointment_is_out_of_line_until_its_time_and_then_in_its_old_place() -> None:
    made = waiting(C1, C2)
    play(
        made,
        [
            (
                CallbackRequested(10_000, C1, due_at_ms=600_000),
                ["promise c1 between 600000 and 1500000", "c1 callback until 600000 (appointed)"],
            ),
            (TimeReached(600_000), ["c1 queued (due)"]),
        ],
    )
    assert [contact.contact for contact in made.waiting()] == [C1, C2]
    assert "offer o-1: c1 to ann until 630000" in comes(made, 610_000)


def test_an_appointment_that_is_over_already_stays_in_line() -> None:
    made = waiting(C1)
    assert told(made.handle(CallbackRequested(10_000, C1, due_at_ms=9_000))) == [
        "promise c1 between 10000 and 910000"
    ]
    assert [contact.contact for contact in made.waiting()] == [C1]


def test_a_promise_that_comes_too_late_is_broken() -> None:
    made = waiting(C1)
    made.handle(CallbackRequested(10_000, C1))
    comes(made, 910_001)
    made.handle(OfferAccepted(910_002, O1, ANN))
    lines = told(made.handle(OfferConnected(910_003, O1)))
    assert lines == ["c1 active ann", "callback of c1 connected after 1, promise broken"]


def test_each_customer_has_one_callback_however_known() -> None:
    made = waiting(C1, C2, C3)
    made.handle(CallbackRequested(10_000, C1, customer="k-c2"))
    twice = ["ignored CallbackRequested: the customer already has a callback"]
    play(
        made,
        [
            (CallbackRequested(10_001, C1), ["ignored CallbackRequested: the contact is already a callback"]),
            (CallbackRequested(10_002, C2), twice),
            (CallbackRequested(10_003, C3, customer="k-c2"), twice),
            (
                ContactAbandoned(10_004, C1),
                [
                    "callback of c1 withdrawn after 0, promise broken",
                    "c1 abandoned (customer_left)",
                ],
            ),
            (CallbackRequested(10_005, C2), ["promise c2 between 10005 and 910005"]),
        ],
    )


def test_only_a_call_in_line_can_be_called_back() -> None:
    made = engine(ANN, queues=(SPEC,))
    made.handle(arrive(1, C1))
    made.handle(arrive(2, C2, channel=Channel.EMAIL))
    play(
        made,
        [
            (CallbackRequested(3, C1), ["ignored CallbackRequested: only a call can be called back"]),
            (CallbackRequested(4, C3), ["ignored CallbackRequested: unknown contact"]),
            (CallbackUnanswered(5, C1), ["ignored CallbackUnanswered: the customer is not being dialled"]),
            (CallbackUnanswered(6, C3), ["ignored CallbackUnanswered: unknown contact"]),
        ],
    )

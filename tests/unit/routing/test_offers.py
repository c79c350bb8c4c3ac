"""The life of an offer, as scripts of events and the commands that answer them."""

from routing.events import (
    ContactAbandoned,
    ContactEnded,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    OfferSetupFailed,
    PresenceSet,
    TimeReached,
    WrapUpDone,
)
from routing.types import Channel, OfferId, OfferPolicy, Presence
from tests.unit.routing.script import ANN, BEN, C1, C2, arrive, engine, play

O1, O2 = OfferId("o-1"), OfferId("o-2")


def test_the_straight_way() -> None:
    """Arrive, offer, accept, connect, end, wrap up: one line each."""
    play(
        engine(ANN),
        [
            (
                arrive(100, C1),
                [
                    "c1 queued (arrived)",
                    "offer o-1: c1 to ann until 20100",
                    "c1 offered ann until 20100",
                ],
            ),
            (OfferDelivered(150, O1), []),
            (
                OfferAccepted(900, O1, ANN),
                ["connect c1 with ann until 10900", "c1 connecting ann until 10900"],
            ),
            (OfferConnected(1_000, O1), ["c1 active ann"]),
            (ContactEnded(5_000, C1, "customer"), ["c1 wrap_up ann until 35000 (ended_by_customer)"]),
            (WrapUpDone(6_000, C1, ANN), ["c1 closed ann (wrapped_up)"]),
        ],
    )


def test_a_missed_ring_marks_the_agent_and_goes_to_the_next_with_the_place_kept() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(100, C1, head_start_ms=5_000))
    made.handle(OfferDelivered(150, O1))
    play(
        made,
        [
            (
                TimeReached(20_100),
                [
                    "end o-1 of ann: timed_out no_answer",
                    "ann rona",
                    "c1 queued (no_answer)",
                    "offer o-2: c1 to ben until 40100",
                    "c1 offered ben until 40100",
                ],
            ),
            (OfferAccepted(20_101, O1, ANN), ["ignored OfferAccepted: the offer is over or was never made"]),
        ],
    )
    contact = made.contact(C1)
    assert contact is not None
    assert contact.key_ms == 100 - 5_000


def test_an_offer_that_nothing_showed_is_no_ring_missed() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(100, C1))
    play(
        made,
        [
            (
                TimeReached(2_100),
                [
                    "end o-1 of ann: timed_out not_delivered",
                    "c1 queued (not_delivered)",
                    "offer o-2: c1 to ben until 22100",
                    "c1 offered ben until 22100",
                ],
            ),
        ],
    )
    ann = made.agent(ANN)
    assert ann is not None
    assert ann.presence is Presence.AVAILABLE


def test_a_rejected_contact_does_not_bounce_but_comes_back_to_the_only_agent() -> None:
    """The exclusion is hard for a sixth of its time, then gives way because nobody else is there."""
    made = engine(ANN)
    made.handle(arrive(100, C1))
    play(
        made,
        [
            (
                OfferRejected(1_000, O1, ANN, "busy on paper"),
                ["end o-1 of ann: rejected busy on paper", "c1 queued (busy on paper)"],
            ),
            (TimeReached(10_999), []),
            (TimeReached(11_000), ["offer o-2: c1 to ann until 31000", "c1 offered ann until 31000"]),
        ],
    )


def test_a_rejected_contact_waits_for_others_at_work_until_the_exclusion_ends() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(1, C2))  # ann
    made.handle(arrive(2, C1))  # ben
    made.handle(OfferAccepted(3, O1, ANN))
    play(
        made,
        [
            (OfferRejected(1_000, O2, BEN), ["end o-2 of ben: rejected rejected", "c1 queued (rejected)"]),
            (OfferConnected(1_100, O1), ["c2 active ann"]),
            (TimeReached(60_999), []),
            (TimeReached(61_000), ["offer o-3: c1 to ben until 81000", "c1 offered ben until 81000"]),
        ],
    )


def test_the_exclusion_gives_way_when_the_last_other_agent_leaves() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(1, C2))
    made.handle(arrive(2, C1))
    made.handle(OfferAccepted(3, O1, ANN))
    made.handle(OfferRejected(1_000, O2, BEN))
    made.handle(OfferConnected(1_001, O1))
    made.handle(TimeReached(11_000))
    play(
        made,
        [
            (
                PresenceSet(12_000, ANN, Presence.AUX, "break"),
                ["ann aux", "offer o-3: c1 to ben until 32000", "c1 offered ben until 32000"],
            )
        ],
    )


def test_a_rejecting_agent_gets_the_next_in_line() -> None:
    made = engine(ANN)
    made.handle(arrive(1, C1))
    made.handle(arrive(2, C2))
    play(
        made,
        [
            (
                OfferRejected(500, O1, ANN),
                [
                    "end o-1 of ann: rejected rejected",
                    "c1 queued (rejected)",
                    "offer o-2: c2 to ann until 20500",
                    "c2 offered ann until 20500",
                ],
            )
        ],
    )


def test_a_failed_setup_goes_to_the_next_agent() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(100, C1, channel=Channel.VOICE))
    made.handle(OfferAccepted(200, O1, ANN))
    play(
        made,
        [
            (
                OfferSetupFailed(300, O1, "media error"),
                [
                    "end o-1 of ann: setup_failed media error",
                    "c1 queued (media error)",
                    "offer o-2: c1 to ben until 20300",
                    "c1 offered ben until 20300",
                ],
            )
        ],
    )


def test_a_setup_that_never_ends_is_given_up() -> None:
    made = engine(ANN)
    made.handle(arrive(100, C1))
    made.handle(OfferAccepted(200, O1, ANN))
    play(
        made,
        [
            (TimeReached(10_199), []),
            (
                TimeReached(10_200),
                ["end o-1 of ann: setup_failed setup_timed_out", "c1 queued (setup_timed_out)"],
            ),
        ],
    )


def test_a_call_accepted_at_the_console_may_ring_on_until_the_first_deadline() -> None:
    made = engine(ANN)
    made.handle(arrive(100, C1, channel=Channel.VOICE))
    play(
        made,
        [
            (
                OfferAccepted(1_000, O1, ANN),
                ["connect c1 with ann until 20100", "c1 connecting ann until 20100"],
            ),
            (TimeReached(20_099), []),
        ],
    )


def test_a_lifted_phone_connects_without_an_accept() -> None:
    made = engine(ANN)
    made.handle(arrive(100, C1, channel=Channel.VOICE))
    play(
        made,
        [
            (OfferConnected(300, O1), ["c1 active ann"]),
            (OfferAccepted(301, O1, ANN), ["ignored OfferAccepted: the offer is over or was never made"]),
            (TimeReached(60_000), []),
        ],
    )


def test_only_the_agent_who_was_asked_can_win_and_only_once() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(100, C1))
    play(
        made,
        [
            (OfferAccepted(200, O1, BEN), ["ignored OfferAccepted: another agent was asked"]),
            (
                OfferAccepted(201, O1, ANN),
                ["connect c1 with ann until 10201", "c1 connecting ann until 10201"],
            ),
            (OfferAccepted(202, O1, ANN), ["ignored OfferAccepted: the offer is already connecting"]),
            (OfferDelivered(203, O1), ["ignored OfferDelivered: the offer was already delivered"]),
            (OfferRejected(204, O1, BEN), ["ignored OfferRejected: another agent was asked"]),
        ],
    )


def test_a_customer_who_leaves_takes_the_offer_along_and_frees_the_agent() -> None:
    made = engine(ANN)
    made.handle(arrive(1, C1))
    made.handle(arrive(2, C2))
    play(
        made,
        [
            (
                ContactAbandoned(500, C1),
                [
                    "end o-1 of ann: withdrawn customer_left",
                    "c1 abandoned (customer_left)",
                    "offer o-2: c2 to ann until 20500",
                    "c2 offered ann until 20500",
                ],
            ),
            (OfferAccepted(501, O1, ANN), ["ignored OfferAccepted: the offer is over or was never made"]),
        ],
    )


def test_wrap_up_holds_capacity_until_its_time_is_over() -> None:
    made = engine(ANN)
    made.handle(arrive(1, C1))
    made.handle(OfferConnected(2, O1))
    made.handle(ContactEnded(1_000, C1))
    play(
        made,
        [
            (arrive(1_100, C2), ["c2 queued (arrived)"]),
            (
                TimeReached(31_000),
                [
                    "c1 closed ann (wrap_up_timed_out)",
                    "offer o-2: c2 to ann until 51000",
                    "c2 offered ann until 51000",
                ],
            ),
            (WrapUpDone(31_001, C1, ANN), ["ignored WrapUpDone: the contact is already closed"]),
        ],
    )


def test_without_wrap_up_a_contact_closes_at_once() -> None:
    made = engine(ANN, policy=OfferPolicy(wrap_up_ms=0))
    made.handle(arrive(1, C1))
    made.handle(OfferConnected(2, O1))
    play(made, [(ContactEnded(9, C1, "agent"), ["c1 closed ann (ended_by_agent)"])])


def test_a_ring_shorter_than_the_delivery_deadline_blames_nobody() -> None:
    made = engine(ANN, policy=OfferPolicy(ring_ms=1_000, delivery_ms=2_000))
    made.handle(arrive(100, C1))
    play(
        made,
        [(TimeReached(1_100), ["end o-1 of ann: timed_out not_delivered", "c1 queued (not_delivered)"])],
    )


def test_without_a_delivery_deadline_a_missed_ring_counts_as_missed() -> None:
    made = engine(ANN, policy=OfferPolicy(delivery_ms=0, ring_ms=5_000))
    made.handle(arrive(1_000, C1))
    play(
        made,
        [
            (
                TimeReached(6_000),
                ["end o-1 of ann: timed_out no_answer", "ann rona", "c1 queued (no_answer)"],
            ),
            (
                PresenceSet(7_000, ANN, Presence.AVAILABLE),
                ["ann available", "offer o-2: c1 to ann until 12000", "c1 offered ann until 12000"],
            ),
        ],
    )


def test_a_phone_lifted_as_its_time_ran_out_counts_for_who_lifted_it() -> None:
    """The next agent is not asked any more, and whoever talks is not free."""
    made = engine(ANN, BEN)
    made.handle(arrive(100, C1, channel=Channel.VOICE))
    made.handle(OfferDelivered(150, O1))
    made.handle(TimeReached(20_100))
    play(
        made,
        [
            (
                OfferConnected(20_101, O1, C1, ANN),
                [
                    "end o-2 of ben: withdrawn answered_by_another",
                    "ann available",
                    "c1 active ann (answered_late)",
                ],
            ),
            (OfferConnected(20_102, O1, C1, ANN), ["ignored OfferConnected: the contact is already active"]),
            (TimeReached(60_000), []),
            (ContactEnded(70_000, C1), ["c1 wrap_up ann until 100000 (ended_by_agent)"]),
            (WrapUpDone(71_000, C1, ANN), ["c1 closed ann (wrapped_up)"]),
        ],
    )


def test_a_phone_lifted_late_takes_its_caller_out_of_the_line() -> None:
    made = engine(ANN)
    made.handle(arrive(100, C1, channel=Channel.VOICE))
    made.handle(OfferDelivered(150, O1))
    made.handle(TimeReached(20_100))
    late = ["ann available", "c1 active ann (answered_late)"]
    play(made, [(OfferConnected(20_200, O1, C1, ANN), late)])
    assert not made.waiting()
    agent = made.agent(ANN)
    assert agent is not None
    assert [held.contact for held in agent.contacts] == [C1]


def test_a_lifted_phone_says_nothing_of_a_caller_who_is_gone() -> None:
    made = engine(ANN)
    play(
        made,
        [(OfferConnected(100, O1, C1, ANN), ["ignored OfferConnected: the offer is over or was never made"])],
    )

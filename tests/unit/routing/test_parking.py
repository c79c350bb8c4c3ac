"""Quiet conversations hold nothing, and their agent keeps a way back for them."""

from routing.engine import Engine
from routing.events import (
    AgentRemoved,
    ContactAbandoned,
    ContactParked,
    ContactUnparked,
    OfferConnected,
    PresenceSet,
    TimeReached,
)
from routing.types import Capacity, Channel, ContactId, OfferId, OfferPolicy, Presence
from tests.unit.routing.script import ANN, BEN, C1, C2, C3, arrive, engine, join, play, told

TWO_CHATS = Capacity(2, ((Channel.CHAT, 2),))


def parked(slots: int = 0, until_ms: int | None = None) -> Engine:
    """Ann had one chat and has parked it."""
    capacity = Capacity(2, ((Channel.CHAT, 2), (Channel.VOICE, 1)), return_slots=slots)
    made = engine(ANN, capacity=capacity, policy=OfferPolicy(wrap_up_ms=0))
    made.handle(arrive(10, C1))
    made.handle(OfferConnected(20, OfferId("o-1")))
    made.handle(ContactParked(30, C1, until_ms))
    return made


def talk(made: Engine, at_ms: int, *contacts: ContactId) -> None:
    """Ann gets these chats too."""
    for contact in contacts:
        made.handle(arrive(at_ms, contact))
        offer = made.contact(contact)
        assert offer is not None
        assert offer.offer is not None, f"{contact} was not offered"
        made.handle(OfferConnected(at_ms, offer.offer))


def test_a_parked_chat_frees_its_agent_and_comes_back_to_the_same() -> None:
    made = parked()
    ann = made.agent(ANN)
    assert ann is not None
    assert (ann.load_tenths, [held.contact for held in ann.parked]) == (0, [C1])
    play(
        made,
        [
            (ContactUnparked(40, C1), ["c1 active ann (returned)"]),
            (ContactUnparked(41, C1), ["ignored ContactUnparked: the contact is active"]),
        ],
    )


def test_without_room_it_waits_for_its_agent_and_then_for_anybody() -> None:
    made = parked()
    talk(made, 100, C2, C3)
    join(made, BEN, capacity=TWO_CHATS)
    play(
        made,
        [
            (ContactUnparked(200, C1, 5_000), ["c1 queued until 5200 (returned)"]),
            (
                TimeReached(5_200),
                [
                    "c1 queued (step_over)",
                    "offer o-4: c1 to ben until 25200",
                    "c1 offered ben until 25200",
                ],
            ),
        ],
    )


def test_a_return_slot_is_not_given_to_another_chat() -> None:
    made = parked(slots=1)
    talk(made, 100, C2)
    play(
        made,
        [
            (arrive(200, C3), ["c3 queued (arrived)"]),
            (ContactUnparked(300, C1), ["c1 active ann (returned)"]),
        ],
    )
    assert made.hindrances(C3) == (("busy", 1),)


def test_who_waits_for_a_slot_is_told_so() -> None:
    made = parked(slots=1)
    talk(made, 100, C2)
    made.handle(arrive(200, C3))
    assert made.hindrances(C3) == (("parked_slot", 1),)


def test_an_agent_who_is_gone_is_not_waited_for() -> None:
    made = parked()
    made.handle(PresenceSet(40, ANN, Presence.AUX, "lunch"))
    join(made, BEN, capacity=TWO_CHATS)
    assert "offer o-2: c1 to ben until 20050" in told(made.handle(ContactUnparked(50, C1)))


def test_a_removed_agent_is_remembered_until_its_parked_chat_is_gone() -> None:
    made = parked()
    made.handle(AgentRemoved(40, ANN))
    play(
        made,
        [
            (ContactUnparked(50, C1), ["c1 queued (returned)"]),
            (PresenceSet(60, ANN, Presence.AVAILABLE), ["ignored PresenceSet: unknown agent"]),
        ],
    )
    assert ANN not in made.state.roster.agents


def test_silence_ends_and_so_does_a_customer_who_leaves() -> None:
    play(parked(until_ms=9_000), [(TimeReached(9_000), ["c1 closed ann (parked_too_long)"])])
    play(parked(), [(ContactAbandoned(50, C1), ["c1 closed ann (customer_left)"])])


def test_calls_and_what_nobody_talks_about_cannot_be_parked() -> None:
    made = engine(ANN)
    made.handle(arrive(10, C1, channel=Channel.VOICE))
    play(
        made,
        [
            (ContactParked(11, C1), ["ignored ContactParked: the contact is offered"]),
            (OfferConnected(12, OfferId("o-1")), ["c1 active ann"]),
            (ContactParked(13, C1), ["ignored ContactParked: a call cannot be parked"]),
            (ContactParked(14, C2), ["ignored ContactParked: unknown contact"]),
            (ContactUnparked(15, C2), ["ignored ContactUnparked: unknown contact"]),
        ],
    )

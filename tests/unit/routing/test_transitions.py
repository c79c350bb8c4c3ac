"""Every state meets every event: either an arrow is followed or nothing changes and the engine says why."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import routing
from routing import transitions
from routing.commands import Ignored
from routing.engine import Engine
from routing.events import (
    CallbackAnswered,
    CallbackRequested,
    CallbackUnanswered,
    ContactAbandoned,
    ContactArrived,
    ContactBoosted,
    ContactEnded,
    ContactParked,
    ContactRequeued,
    ContactTransferred,
    ContactUnparked,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    OfferSetupFailed,
    WrapUpDone,
)
from routing.snapshot import dump
from routing.transitions import CONTACT, OFFER, ContactInput, OfferInput
from routing.types import CallbackMode, Channel, ContactState, OfferId, OfferState, PlanEnd, RoutePlan, Step
from tests.unit.routing.script import ANN, BEN, C1, C2, QUEUE, arrive, engine

O1 = OfferId("o-1")
S = ContactState

EVENTS: dict[str, Event] = {
    "arrived": arrive(100, C1),
    "delivered": OfferDelivered(100, O1),
    "accepted": OfferAccepted(100, O1, ANN),
    "accepted by another": OfferAccepted(100, O1, BEN),
    "rejected": OfferRejected(100, O1, ANN),
    "rejected by another": OfferRejected(100, O1, BEN),
    "setup failed": OfferSetupFailed(100, O1, "media"),
    "connected": OfferConnected(100, O1),
    "abandoned": ContactAbandoned(100, C1),
    "ended by customer": ContactEnded(100, C1, "customer"),
    "ended by agent": ContactEnded(100, C1, "agent"),
    "requeued": ContactRequeued(100, C1, "lost"),
    "transferred": ContactTransferred(100, C1, ANN, QUEUE),
    "transferred by another": ContactTransferred(100, C1, BEN, QUEUE),
    "parked": ContactParked(100, C1),
    "unparked": ContactUnparked(100, C1),
    "boosted": ContactBoosted(100, C1, 5_000, "sue"),
    "callback requested": CallbackRequested(100, C1),
    "callback answered": CallbackAnswered(100, C1),
    "callback unanswered": CallbackUnanswered(100, C1),
    "wrapped up": WrapUpDone(100, C1, ANN),
    "wrapped up by another": WrapUpDone(100, C1, BEN),
}

# What each state makes of each event; what is not named here is ignored. QUEUED after the return of an offer:
# the only agent who is at work has just given it back. Where a callback is possible the contact is a call,
# otherwise a chat; only a chat is parked.
MOVES: dict[ContactState, dict[str, ContactState | None]] = {
    S.QUEUED: {"abandoned": S.ABANDONED, "ended by customer": S.ABANDONED, "boosted": S.QUEUED},
    S.OFFERED: {
        "delivered": S.OFFERED,
        "accepted": S.CONNECTING,
        "rejected": S.QUEUED,
        "setup failed": S.QUEUED,
        "connected": S.ACTIVE,
        "abandoned": S.ABANDONED,
        "ended by customer": S.ABANDONED,
        "requeued": S.OFFERED,
    },
    S.CONNECTING: {
        "rejected": S.QUEUED,
        "setup failed": S.QUEUED,
        "connected": S.ACTIVE,
        "abandoned": S.ABANDONED,
        "ended by customer": S.ABANDONED,
        "requeued": S.OFFERED,
    },
    S.ACTIVE: {
        "abandoned": S.WRAP_UP,
        "ended by customer": S.WRAP_UP,
        "ended by agent": S.WRAP_UP,
        "requeued": S.OFFERED,
        "transferred": S.OFFERED,
        "parked": S.PARKED,
    },
    S.PARKED: {
        "abandoned": S.CLOSED,
        "ended by customer": S.CLOSED,
        "ended by agent": S.CLOSED,
        "unparked": S.ACTIVE,
    },
    S.CALLBACK: {
        "abandoned": S.ABANDONED,
        "ended by customer": S.ABANDONED,
        "callback answered": S.OFFERED,
        "callback unanswered": S.CALLBACK,
    },
    S.WRAP_UP: {"wrapped up": S.CLOSED},
    S.CLOSED: {},
    S.ABANDONED: {},
    S.VOICEMAIL: {},
    S.TURNED_AWAY: {},
}


def in_state(state: ContactState) -> Engine:
    """An engine whose one contact is in this state, with offer o-1 made to ann wherever there was one."""
    absent = state in (S.QUEUED, S.ABANDONED, S.VOICEMAIL, S.TURNED_AWAY)
    length_max = 0 if state is S.TURNED_AWAY else None
    made = engine(absent=(ANN,), length_max=length_max) if absent else engine(ANN)
    if state is S.CALLBACK:
        return _dialling()
    route = RoutePlan((Step(agent=BEN),), PlanEnd.VOICEMAIL) if state is S.VOICEMAIL else None
    path: list[Event] = [arrive(10, C1, route=route)]
    way: dict[ContactState, Callable[[], list[Event]]] = {
        S.ABANDONED: lambda: [ContactAbandoned(20, C1)],
        S.CONNECTING: lambda: [OfferAccepted(20, O1, ANN)],
        S.ACTIVE: lambda: [OfferConnected(20, O1)],
        S.PARKED: lambda: [OfferConnected(20, O1), ContactParked(30, C1)],
        S.WRAP_UP: lambda: [OfferConnected(20, O1), ContactEnded(30, C1)],
        S.CLOSED: lambda: [OfferConnected(20, O1), ContactEnded(30, C1), WrapUpDone(40, C1, ANN)],
    }
    for event in path + (way[state]() if state in way else []):
        made.handle(event)
    return made


def _dialling() -> Engine:
    """The only agent was busy when the customer asked for a call, and is free now: it is dialled."""
    made = engine(ANN)
    made.handle(arrive(1, C2, channel=Channel.VOICE))
    made.handle(OfferConnected(2, O1))
    made.handle(arrive(10, C1, channel=Channel.VOICE))
    made.handle(CallbackRequested(20, C1, CallbackMode.CUSTOMER_FIRST))
    made.handle(ContactEnded(30, C2))
    made.handle(WrapUpDone(40, C2, ANN))
    return made


def state_of(made: Engine) -> ContactState:
    contact = made.contact(C1)
    return contact.state if contact else made.state.finished[C1]


@pytest.mark.parametrize("state", list(ContactState))
@pytest.mark.parametrize("name", list(EVENTS))
def test_every_state_answers_every_event(state: ContactState, name: str) -> None:
    made = in_state(state)
    assert state_of(made) is state
    before = dump(made)
    commands = made.handle(EVENTS[name])
    expected = MOVES[state].get(name)
    if expected is None:
        assert [type(command) for command in commands] == [Ignored]
        assert {**dump(made), "now_ms": 0} == {**before, "now_ms": 0}
    else:
        assert not any(isinstance(command, Ignored) for command in commands)
        assert state_of(made) is expected


def test_the_tables_are_total_over_states() -> None:
    assert list(CONTACT) == list(ContactState)
    assert list(OFFER) == list(OfferState)
    for contact_inputs in CONTACT.values():
        assert all(isinstance(happened, ContactInput) for happened in contact_inputs)
    for offer_inputs in OFFER.values():
        assert all(isinstance(happened, OfferInput) for happened in offer_inputs)


def test_every_state_can_be_reached_and_left_unless_final() -> None:
    reached = {target for arrows in CONTACT.values() for target in arrows.values()}
    assert reached == set(ContactState)
    final = {state for state, arrows in CONTACT.items() if not arrows}
    assert final == {S.CLOSED, S.ABANDONED, S.VOICEMAIL, S.TURNED_AWAY}


def test_no_other_module_assigns_a_state() -> None:
    """The tables are the only way from state to state."""
    folder = Path(routing.__path__[0])
    assigned = [
        path.name
        for path in folder.glob("*.py")
        if path.name != Path(transitions.__file__).name
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\.state\s*=[^=]", line)
    ]
    assert assigned == []


def test_an_arrival_is_the_only_way_in() -> None:
    made = engine(ANN)
    for name, event in EVENTS.items():
        if not isinstance(event, ContactArrived):
            assert [type(command) for command in made.handle(event)] == [Ignored], name

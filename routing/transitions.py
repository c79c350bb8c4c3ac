"""The arrows between states, for contacts and for offers. No other module assigns a state.

An input that has no arrow from the present state is late, doubled or impossible: callers ask `allows_*` first
and answer `Ignored`.
"""

from collections.abc import Mapping
from enum import StrEnum

from routing.records import ContactRecord, OfferRecord
from routing.types import ContactState, OfferState


class ContactInput(StrEnum):
    """What can happen to a contact."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    CONNECTED = "connected"
    RETURNED = "returned"
    """Back in line: the offer came to nothing, or the connection was lost."""
    LEFT = "left"
    """The customer is gone before anybody was connected."""
    ENDED = "ended"
    FINISHED = "finished"
    """Wrap-up is over, or there is none."""
    PARKED = "parked"
    RESUMED = "resumed"
    """The customer of a parked contact is back with its agent."""
    PUT_OFF = "put_off"
    """A callback waits for its time, or its customer is being dialled."""
    TO_VOICEMAIL = "to_voicemail"
    TURNED_AWAY = "turned_away"


class OfferInput(StrEnum):
    """What can happen to an offer."""

    ACCEPTED = "accepted"
    CONNECTED = "connected"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"
    RESCINDED = "rescinded"
    SETUP_FAILED = "setup_failed"


CONTACT: Mapping[ContactState, Mapping[ContactInput, ContactState]] = {
    ContactState.QUEUED: {
        ContactInput.OFFERED: ContactState.OFFERED,
        ContactInput.LEFT: ContactState.ABANDONED,
        ContactInput.PUT_OFF: ContactState.CALLBACK,
        ContactInput.TO_VOICEMAIL: ContactState.VOICEMAIL,
        ContactInput.TURNED_AWAY: ContactState.TURNED_AWAY,
    },
    ContactState.OFFERED: {
        ContactInput.ACCEPTED: ContactState.CONNECTING,
        ContactInput.CONNECTED: ContactState.ACTIVE,
        ContactInput.RETURNED: ContactState.QUEUED,
        ContactInput.LEFT: ContactState.ABANDONED,
    },
    ContactState.CONNECTING: {
        ContactInput.CONNECTED: ContactState.ACTIVE,
        ContactInput.RETURNED: ContactState.QUEUED,
        ContactInput.LEFT: ContactState.ABANDONED,
    },
    ContactState.ACTIVE: {
        ContactInput.RETURNED: ContactState.QUEUED,
        ContactInput.ENDED: ContactState.WRAP_UP,
        ContactInput.FINISHED: ContactState.CLOSED,
        ContactInput.PARKED: ContactState.PARKED,
    },
    ContactState.PARKED: {
        ContactInput.RESUMED: ContactState.ACTIVE,
        ContactInput.RETURNED: ContactState.QUEUED,
        ContactInput.FINISHED: ContactState.CLOSED,
    },
    ContactState.CALLBACK: {
        ContactInput.RETURNED: ContactState.QUEUED,
        ContactInput.LEFT: ContactState.ABANDONED,
        ContactInput.FINISHED: ContactState.CLOSED,
    },
    ContactState.WRAP_UP: {ContactInput.FINISHED: ContactState.CLOSED},
    ContactState.CLOSED: {},
    ContactState.ABANDONED: {},
    ContactState.VOICEMAIL: {},
    ContactState.TURNED_AWAY: {},
}

OFFER: Mapping[OfferState, Mapping[OfferInput, OfferState]] = {
    OfferState.ALERTING: {
        OfferInput.ACCEPTED: OfferState.CONNECTING,
        OfferInput.CONNECTED: OfferState.CONNECTED,
        OfferInput.REJECTED: OfferState.REJECTED,
        OfferInput.TIMED_OUT: OfferState.TIMED_OUT,
        OfferInput.WITHDRAWN: OfferState.WITHDRAWN,
        OfferInput.RESCINDED: OfferState.RESCINDED,
        OfferInput.SETUP_FAILED: OfferState.SETUP_FAILED,
    },
    OfferState.CONNECTING: {
        OfferInput.CONNECTED: OfferState.CONNECTED,
        OfferInput.REJECTED: OfferState.REJECTED,
        OfferInput.WITHDRAWN: OfferState.WITHDRAWN,
        OfferInput.RESCINDED: OfferState.RESCINDED,
        OfferInput.SETUP_FAILED: OfferState.SETUP_FAILED,
    },
    OfferState.CONNECTED: {},
    OfferState.REJECTED: {},
    OfferState.TIMED_OUT: {},
    OfferState.WITHDRAWN: {},
    OfferState.RESCINDED: {},
    OfferState.SETUP_FAILED: {},
}


def allows_contact(contact: ContactRecord, happened: ContactInput) -> bool:
    """Whether there is an arrow for `happened` from the contact's present state."""
    return happened in CONTACT[contact.state]


def allows_offer(offer: OfferRecord, happened: OfferInput) -> bool:
    """Whether there is an arrow for `happened` from the offer's present state."""
    return happened in OFFER[offer.state]


def move_contact(contact: ContactRecord, happened: ContactInput, now_ms: int) -> None:
    """Follow the arrow. Raises KeyError without one: the caller has not asked `allows_contact`."""
    contact.state = CONTACT[contact.state][happened]
    contact.since_ms = now_ms


def move_offer(offer: OfferRecord, happened: OfferInput) -> None:
    """Follow the arrow. Raises KeyError without one: the caller has not asked `allows_offer`."""
    offer.state = OFFER[offer.state][happened]

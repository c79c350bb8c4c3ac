"""Projection: what the engine decided, as rows for people, consoles and reports.

A pure follower of the journal: the same events and commands give the same rows, and doing it twice changes
nothing, so a hub that was killed between journal and projection simply projects again (`POSITION`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, case, func, insert, select, update

from hub import journal
from hub.store.tables import contacts, decisions, interactions
from routing.commands import Command, Connect, ContactMoved, EndOffer, Offer
from routing.events import Event
from routing.types import ContactState

POSITION = "projection"

_ENDED = (ContactState.WRAP_UP, ContactState.CLOSED, ContactState.ABANDONED)
_OVER = (ContactState.CLOSED, ContactState.ABANDONED)


@dataclass(frozen=True, slots=True)
class Handled:
    """A journalled event together with what the engine answered."""

    seq: int
    event: Event
    commands: Sequence[Command]


def project(connection: Connection, handled: Sequence[Handled]) -> None:
    """Write the rows that follow from `handled` and move the position, in the caller's transaction."""
    for item in handled:
        for command in item.commands:
            match command:
                case ContactMoved():
                    _moved(connection, command, item.event.at_ms)
                case Offer():
                    _offered(connection, command, item)
                case EndOffer():
                    _outcome(connection, command.offer, str(command.state))
                case Connect():
                    _outcome(connection, command.offer, "accepted")
                case _:
                    pass
    if handled:
        journal.move_position(connection, POSITION, handled[-1].seq)


def _moved(connection: Connection, moved: ContactMoved, at_ms: int) -> None:
    state = moved.state
    values: dict[str, Any] = {
        "state": str(state),
        "agent_id": moved.agent or "",
        "state_since_at_ms": case(
            (contacts.c.state == str(state), contacts.c.state_since_at_ms), else_=at_ms
        ),
        "until_at_ms": moved.until_ms,
    }
    if state == ContactState.ACTIVE:
        values["connected_at_ms"] = func.coalesce(contacts.c.connected_at_ms, at_ms)
    if state in _ENDED:
        values["ended_at_ms"] = func.coalesce(contacts.c.ended_at_ms, at_ms)
        values["held"] = False
    if state in _OVER:
        values["closed_at_ms"] = func.coalesce(contacts.c.closed_at_ms, at_ms)
        values["end_reason"] = case((contacts.c.end_reason == "", moved.reason), else_=contacts.c.end_reason)
        # Who served it stays on record after the engine has let go of the contact.
        values["agent_id"] = case((contacts.c.agent_id == "", moved.agent or ""), else_=contacts.c.agent_id)
        if state == ContactState.ABANDONED:
            values["agent_id"] = ""
    connection.execute(update(contacts).where(contacts.c.contact_id == moved.contact).values(values))
    if state == ContactState.ACTIVE and moved.agent:
        _touch_interaction(connection, moved.contact, {"last_agent_id": moved.agent, "changed_at_ms": at_ms})
    elif state in _OVER:
        _close_interaction(connection, moved.contact, at_ms)


def _touch_interaction(connection: Connection, contact: str, values: dict[str, Any]) -> None:
    owner = select(contacts.c.interaction_id).where(contacts.c.contact_id == contact).scalar_subquery()
    connection.execute(update(interactions).where(interactions.c.interaction_id == owner).values(values))


def _close_interaction(connection: Connection, contact: str, at_ms: int) -> None:
    """Close the story unless another contact of it is still alive (the customer wrote during wrap-up)."""
    owner = select(contacts.c.interaction_id).where(contacts.c.contact_id == contact).scalar_subquery()
    alive = (
        select(contacts.c.contact_id)
        .where(
            contacts.c.interaction_id == interactions.c.interaction_id,
            contacts.c.contact_id != contact,
            contacts.c.state.not_in([str(state) for state in _OVER]),
        )
        .exists()
    )
    connection.execute(
        update(interactions)
        .where(interactions.c.interaction_id == owner, interactions.c.state != "closed", ~alive)
        .values(state="closed", closed_at_ms=at_ms, changed_at_ms=at_ms)
    )


def _offered(connection: Connection, offer: Offer, item: Handled) -> None:
    known = connection.execute(
        select(decisions.c.offer_id).where(decisions.c.offer_id == offer.offer)
    ).first()
    if known is None:
        row = {
            "offer_id": offer.offer,
            "contact_id": offer.contact,
            "agent_id": offer.agent,
            "at_ms": item.event.at_ms,
            "seq": item.seq,
            "outcome": "",
            "trace": msgspec.to_builtins(offer.trace),
        }
        connection.execute(insert(decisions), row)


def _outcome(connection: Connection, offer: str, outcome: str) -> None:
    connection.execute(update(decisions).where(decisions.c.offer_id == offer).values(outcome=outcome))

"""Projection: what the engine decided, as rows for people, consoles and reports.

A pure follower of the journal: the same events and commands give the same rows, and doing it twice changes
nothing, so a hub that was killed between journal and projection simply projects again (`POSITION`).

This runs for every event: the statements are built once and executed for a whole batch at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson
from sqlalchemy import Connection, text

from hub import journal
from routing.commands import Command, Connect, ContactMoved, EndOffer, Offer
from routing.events import Event
from routing.types import ContactState

POSITION = "projection"

_OVER = (
    ContactState.CLOSED,
    ContactState.ABANDONED,
    ContactState.VOICEMAIL,
    ContactState.TURNED_AWAY,
)
_ENDED = (ContactState.WRAP_UP, *_OVER)

# Who served a closed contact stays on record after the engine has let go of it (`keeps_agent`).
_MOVE = text(
    """
    UPDATE contacts SET
        state = :state,
        state_since_at_ms = CASE WHEN state = :state THEN state_since_at_ms ELSE :at_ms END,
        queue_id = COALESCE(:queue, queue_id),
        agent_id = CASE WHEN :keeps_agent = 1 AND agent_id <> '' THEN agent_id ELSE :agent END,
        until_at_ms = :until_ms,
        connected_at_ms = COALESCE(connected_at_ms, CASE WHEN :active = 1 THEN :at_ms END),
        ended_at_ms = COALESCE(ended_at_ms, CASE WHEN :ended = 1 THEN :at_ms END),
        closed_at_ms = COALESCE(closed_at_ms, CASE WHEN :over = 1 THEN :at_ms END),
        end_reason = CASE WHEN :over = 1 AND end_reason = '' THEN :reason ELSE end_reason END,
        held = CASE WHEN :ended = 1 THEN :no ELSE held END
    WHERE contact_id = :contact
    """
)
_SERVED = text(
    """
    UPDATE interactions SET last_agent_id = :agent,
        changed_at_ms = CASE WHEN changed_at_ms < :at_ms THEN :at_ms ELSE changed_at_ms END
    WHERE interaction_id = (SELECT interaction_id FROM contacts WHERE contact_id = :contact)
    """
)
# A story stays open while another contact of it is alive: the customer wrote again during wrap-up.
_CLOSE = text(
    """
    UPDATE interactions SET state = 'closed', closed_at_ms = :at_ms,
        changed_at_ms = CASE WHEN changed_at_ms < :at_ms THEN :at_ms ELSE changed_at_ms END
    WHERE interaction_id = (SELECT interaction_id FROM contacts WHERE contact_id = :contact)
        AND state <> 'closed'
        AND NOT EXISTS (
            SELECT 1 FROM contacts AS other
            WHERE other.interaction_id = interactions.interaction_id
                AND other.contact_id <> :contact
                AND other.state NOT IN ('closed', 'abandoned', 'voicemail', 'turned_away')
        )
    """
)
_OFFER = text(
    """
    INSERT INTO decisions (offer_id, contact_id, agent_id, at_ms, seq, outcome, trace)
    VALUES (:offer, :contact, :agent, :at_ms, :seq, '', :trace) ON CONFLICT (offer_id) DO NOTHING
    """
)
_OUTCOME = text("UPDATE decisions SET outcome = :outcome WHERE offer_id = :offer")


@dataclass(frozen=True, slots=True)
class Handled:
    """A journalled event together with what the engine answered."""

    seq: int
    event: Event
    commands: Sequence[Command]


Rows = list[dict[str, Any]]


@dataclass(slots=True)
class _Batch:
    """Parameters per statement, in journal order."""

    moves: Rows = field(default_factory=list)
    served: Rows = field(default_factory=list)
    closed: Rows = field(default_factory=list)
    offers: Rows = field(default_factory=list)
    outcomes: Rows = field(default_factory=list)


def project(connection: Connection, handled: Sequence[Handled]) -> None:
    """Write the rows that follow from `handled` and move the position, in the caller's transaction."""
    if not handled:
        return
    batch = _Batch()
    for item in handled:
        for command in item.commands:
            match command:
                case ContactMoved():
                    _moved(batch, command, item.event.at_ms)
                case Offer():
                    batch.offers.append(_offer_row(command, item))
                case EndOffer():
                    batch.outcomes.append({"offer": command.offer, "outcome": str(command.state)})
                case Connect():
                    batch.outcomes.append({"offer": command.offer, "outcome": "accepted"})
                case _:
                    pass
    # Closing asks whether other contacts are alive, so all moves come first.
    for statement, rows in (
        (_MOVE, batch.moves),
        (_SERVED, batch.served),
        (_CLOSE, batch.closed),
        (_OFFER, batch.offers),
        (_OUTCOME, batch.outcomes),
    ):
        if rows:
            connection.execute(statement, rows)
    journal.move_position(connection, POSITION, handled[-1].seq)


def _moved(batch: _Batch, moved: ContactMoved, at_ms: int) -> None:
    state = moved.state
    batch.moves.append(
        {
            "contact": moved.contact,
            "state": str(state),
            "queue": moved.queue,
            "agent": moved.agent or "",
            "keeps_agent": int(state == ContactState.CLOSED),
            "at_ms": at_ms,
            "until_ms": moved.until_ms,
            "active": int(state == ContactState.ACTIVE),
            "ended": int(state in _ENDED),
            "over": int(state in _OVER),
            "reason": moved.reason,
            "no": False,
        }
    )
    if state == ContactState.ACTIVE and moved.agent:
        batch.served.append({"contact": moved.contact, "agent": moved.agent, "at_ms": at_ms})
    elif state in _OVER:
        batch.closed.append({"contact": moved.contact, "at_ms": at_ms})


def _offer_row(offer: Offer, item: Handled) -> dict[str, Any]:
    return {
        "offer": offer.offer,
        "contact": offer.contact,
        "agent": offer.agent,
        "at_ms": item.event.at_ms,
        "seq": item.seq,
        "trace": orjson.dumps(msgspec.to_builtins(offer.trace)).decode(),
    }

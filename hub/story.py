"""The story: interactions and their messages. Numbering, threading and appending; no routing here."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from channels.base import Attachment
from hub.store.tables import attachments, contacts, interactions, messages

REFERENCES_TRIED_MAX = 50


def new_id(prefix: str) -> str:
    """An unguessable id, 16 random bytes, e.g. "i-2f..."."""
    return f"{prefix}-{secrets.token_hex(16)}"


@dataclass(frozen=True, slots=True)
class Line:
    """A message to append. `author`: customer, agent, system or note."""

    author: str
    author_name: str
    channel: str
    text: str
    new_text: str = ""
    """The text without quoted history, "" when that is all of it."""
    html: str = ""
    subject: str = ""
    client_id: str | None = None
    provider_message_id: str | None = None
    delivery: str = ""
    attachments: Sequence[Attachment] = ()


def open_interaction(connection: Connection, now_ms: int, **values: Any) -> str:
    """Begin a story. `values`: customer_id, channel, account, address and whatever else the row holds."""
    interaction_id: str = values.pop("interaction_id", None) or new_id("i")
    row = {
        "interaction_id": interaction_id,
        "state": "open",
        "opened_at_ms": now_ms,
        "changed_at_ms": now_ms,
        "answers": {},
        **values,
    }
    connection.execute(insert(interactions), row)
    return interaction_id


def interaction(connection: Connection, interaction_id: str) -> Row[Any] | None:
    return connection.execute(
        select(interactions).where(interactions.c.interaction_id == interaction_id)
    ).first()


def latest_of_address(connection: Connection, account: str, address: str) -> Row[Any] | None:
    """The newest story with this address on this account."""
    return connection.execute(
        select(interactions)
        .where(interactions.c.account == account, interactions.c.address == address)
        .order_by(interactions.c.opened_at_ms.desc(), interactions.c.interaction_id)
        .limit(1)
    ).first()


def by_references(connection: Connection, account: str, references: Sequence[str]) -> Row[Any] | None:
    """The story on this account that one of these provider message ids belongs to; the newest id wins."""
    wanted = references[-REFERENCES_TRIED_MAX:]
    if not wanted:
        return None
    rows = connection.execute(
        select(messages.c.provider_message_id, interactions)
        .join(interactions, interactions.c.interaction_id == messages.c.interaction_id)
        .where(messages.c.provider_message_id.in_(wanted), interactions.c.account == account)
    ).all()
    found = {row.provider_message_id: row for row in rows}
    return next((found[reference] for reference in reversed(wanted) if reference in found), None)


def live_contact(connection: Connection, interaction_id: str) -> Row[Any] | None:
    """The contact of this story that still takes messages: not ended, not being wrapped up."""
    return connection.execute(
        select(contacts).where(contacts.c.interaction_id == interaction_id, contacts.c.ended_at_ms.is_(None))
    ).first()


def append(
    connection: Connection, now_ms: int, interaction_id: str, contact_id: str, line: Line
) -> tuple[str, int]:
    """Append a message; returns (message_id, seq). `seq` is dense per interaction, from 1."""
    connection.execute(
        update(interactions)
        .where(interactions.c.interaction_id == interaction_id)
        .values(last_seq=interactions.c.last_seq + 1, changed_at_ms=now_ms)
    )
    seq = connection.execute(
        select(interactions.c.last_seq).where(interactions.c.interaction_id == interaction_id)
    ).scalar_one()
    message_id = new_id("m")
    row = {
        "message_id": message_id,
        "interaction_id": interaction_id,
        "seq": seq,
        "contact_id": contact_id,
        "author": line.author,
        "author_name": line.author_name,
        "channel": line.channel,
        "text": line.text,
        "new_text": line.new_text,
        "html": line.html,
        "subject": line.subject,
        "at_ms": now_ms,
        "client_id": line.client_id,
        "provider_message_id": line.provider_message_id,
        "delivery": line.delivery,
    }
    connection.execute(insert(messages), row)
    for file in line.attachments:
        connection.execute(insert(attachments), _attachment_row(message_id, file))
    return message_id, seq


def _attachment_row(message_id: str, file: Attachment) -> dict[str, Any]:
    return {
        "attachment_id": new_id("a"),
        "message_id": message_id,
        "filename": file.filename,
        "content_type": file.content_type,
        "size_bytes": len(file.content),
        "content_id": file.content_id,
        "blocked": file.blocked,
        "content": file.content,
    }


def seen_by_customer(connection: Connection, interaction_id: str, seq: int) -> int:
    """The number of a message as the customer counts, who does not see internal notes."""
    notes = connection.execute(
        select(func.count())
        .select_from(messages)
        .where(messages.c.interaction_id == interaction_id, messages.c.author == "note", messages.c.seq < seq)
    ).scalar_one()
    return seq - notes


def by_client_id(connection: Connection, interaction_id: str, client_id: str) -> Row[Any] | None:
    """The message that a client already sent under this id."""
    return connection.execute(
        select(messages).where(messages.c.interaction_id == interaction_id, messages.c.client_id == client_id)
    ).first()

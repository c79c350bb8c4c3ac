"""The inbox: what came in, once each, before anybody looked at it. Deduplicates on (account, provider id)."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from channels.base import PendingRaw, Raw
from hub.store.tables import cursors, inbound

PENDING_MAX = 20
"""A page of them: each may be as large as a mail, and the adapter asks until there are none."""


def find(connection: Connection, account: str, provider_id: str) -> Row[Any] | None:
    return connection.execute(
        select(inbound).where(inbound.c.account == account, inbound.c.provider_id == provider_id)
    ).first()


def store(connection: Connection, account: str, raw: Raw) -> bool:
    """Keep raw bytes and move the cursor. False when the provider id is known already."""
    if raw.cursor is not None:
        move_cursor(connection, account, raw.cursor)
    if find(connection, account, raw.provider_id) is not None:
        return False
    row = {
        "account": account,
        "provider_id": raw.provider_id,
        "state": "stored",
        "received_at_ms": raw.received_at_ms,
        "raw": raw.content,
    }
    connection.execute(insert(inbound), row)
    return True


def admitted(
    connection: Connection, account: str, provider_id: str, at_ms: int, story: tuple[str, str, int]
) -> None:
    """Mark as admitted; `story` is (interaction_id, message_id, seq). Makes the row if need be."""
    interaction_id, message_id, seq = story
    values = {"state": "admitted", "interaction_id": interaction_id, "message_id": message_id, "seq": seq}
    where = (inbound.c.account == account, inbound.c.provider_id == provider_id)
    if connection.execute(update(inbound).where(*where).values(values)).rowcount == 0:
        row = {"account": account, "provider_id": provider_id, "received_at_ms": at_ms, **values}
        connection.execute(insert(inbound), row)


def quarantine(connection: Connection, account: str, provider_id: str, reason: str) -> None:
    """Set a stored item aside; its bytes are kept and supervisors see it."""
    connection.execute(
        update(inbound)
        .where(inbound.c.account == account, inbound.c.provider_id == provider_id)
        .values(state="quarantined", reason=reason[:500])
    )


def pending(connection: Connection, account: str) -> list[PendingRaw]:
    """Stored but neither admitted nor quarantined, oldest first."""
    rows = connection.execute(
        select(inbound)
        .where(inbound.c.account == account, inbound.c.state == "stored")
        .order_by(inbound.c.received_at_ms, inbound.c.provider_id)
        .limit(PENDING_MAX)
    ).all()
    return [PendingRaw(Raw(row.provider_id, row.raw or b"", row.received_at_ms)) for row in rows]


def cursor(connection: Connection, account: str) -> str | None:
    return connection.execute(select(cursors.c.cursor).where(cursors.c.account == account)).scalar()


def move_cursor(connection: Connection, account: str, position: str) -> None:
    moved = connection.execute(update(cursors).where(cursors.c.account == account).values(cursor=position))
    if moved.rowcount == 0:
        connection.execute(insert(cursors), {"account": account, "cursor": position})

"""The journal: every event the engine was ever told, in order; and snapshots of the engine's state.

One process writes it (the dispatcher's transactions). An event is stored as its class name and the JSON of
its fields; both are a format that older hubs wrote and newer ones must read, so fields are only ever added,
with defaults.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import msgspec
import orjson
from sqlalchemy import Connection, delete, func, insert, select, text

from hub.store.tables import journal, positions, snapshots
from routing import events as routing_events
from routing.events import Event

EVENT_TYPES: dict[str, type[Any]] = {cls.__name__: cls for cls in get_args(routing_events.Event)}
SNAPSHOTS_KEPT = 3
PAGE_ROWS = 2_000

_MOVE_POSITION = text(
    "INSERT INTO positions (name, seq) VALUES (:name, :seq)"
    " ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
)
_encoder = msgspec.json.Encoder()
_INSERT = "INSERT INTO journal (seq, at_ms, kind, body) VALUES (?, ?, ?, ?)"


def encode(event: Event) -> tuple[str, str]:
    """(kind, body) of an event."""
    return type(event).__name__, _encoder.encode(event).decode()


def decode(kind: str, body: str) -> Event:
    """The event of a row. Raises KeyError or msgspec.ValidationError for what this version cannot read."""
    event: Event = msgspec.json.decode(body, type=EVENT_TYPES[kind])
    return event


def last_seq(connection: Connection) -> int:
    """Sequence of the newest event, 0 when there is none."""
    return connection.execute(select(func.max(journal.c.seq))).scalar() or 0


def append(connection: Connection, after_seq: int, events: Sequence[Event]) -> None:
    """Append with sequences after_seq + 1, ...; the caller is the only writer and knows the last one."""
    rows = [(after_seq + 1 + index, event.at_ms, *encode(event)) for index, event in enumerate(events)]
    if connection.dialect.paramstyle == "qmark":
        connection.exec_driver_sql(_INSERT, rows)
    else:
        columns = ("seq", "at_ms", "kind", "body")
        connection.execute(insert(journal), [dict(zip(columns, row, strict=True)) for row in rows])


def read(connection: Connection, after_seq: int) -> Iterator[tuple[int, Event]]:
    """All events after `after_seq`, oldest first, a page at a time."""
    while True:
        rows = connection.execute(
            select(journal).where(journal.c.seq > after_seq).order_by(journal.c.seq).limit(PAGE_ROWS)
        ).all()
        for row in rows:
            yield row.seq, decode(row.kind, row.body)
        if len(rows) < PAGE_ROWS:
            return
        after_seq = rows[-1].seq


def save_snapshot(connection: Connection, seq: int, at_ms: int, version: int, body: dict[str, Any]) -> None:
    """Store the engine's state after event `seq`; older snapshots beyond the last few go."""
    connection.execute(delete(snapshots).where(snapshots.c.seq == seq))
    connection.execute(
        insert(snapshots),
        {"seq": seq, "at_ms": at_ms, "engine_version": version, "body": orjson.dumps(body).decode()},
    )
    kept = select(snapshots.c.seq).order_by(snapshots.c.seq.desc()).limit(SNAPSHOTS_KEPT)
    oldest = min(connection.execute(kept).scalars())
    connection.execute(delete(snapshots).where(snapshots.c.seq < oldest))


def load_snapshot(connection: Connection, version: int, seq_max: int) -> tuple[int, dict[str, Any]] | None:
    """The newest snapshot up to event `seq_max` that this engine version can read."""
    row = connection.execute(
        select(snapshots)
        .where(snapshots.c.engine_version == version, snapshots.c.seq <= seq_max)
        .order_by(snapshots.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.seq, orjson.loads(row.body))


def position(connection: Connection, name: str) -> int:
    """How far the follower `name` has come."""
    return connection.execute(select(positions.c.seq).where(positions.c.name == name)).scalar() or 0


def move_position(connection: Connection, name: str, seq: int) -> None:
    """Record, in the follower's own transaction, how far it has come."""
    connection.execute(_MOVE_POSITION, {"name": name, "seq": seq})

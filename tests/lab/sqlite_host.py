"""A small, honest implementation of the adapters' port: what it promises is in SQLite before it returns.

For tests of adapters alone. It recognises nobody and routes nothing; the hub's own is in `hub/`. A second
`SqliteHost` on the same file is the hub after a restart.
"""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from channels.base import Admission, DeliveryReport, DeliveryState, Inbound, PendingRaw, Raw, Refused

PENDING_MAX = 20

_TABLES = """
create table if not exists inbound (
    position integer primary key, provider_id text unique, content blob, received_at_ms integer,
    state text, reason text default '', message blob);
create table if not exists cursors (account text primary key, cursor text);
create table if not exists reports (position integer primary key, provider_ref text, state text, detail text);
"""


class SqliteHost:
    """Implements channels.base.Host on one database file. Attributes below may be set to make it fail."""

    def __init__(self, path: Path, account: str = "test", public_url: str = "http://127.0.0.1") -> None:
        self.account = account
        self.secret = b"0123456789abcdef0123456789abcdef"
        self.public_url = public_url
        self.refusal: Refused | None = None
        self.fault: Exception | None = None
        self.stall: asyncio.Event | None = None
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def store(self, raw: Raw) -> bool:
        await self._troubles()
        with self._transaction():
            added = self._add(raw, "stored")
            if raw.cursor is not None:
                self._db.execute("insert or replace into cursors values (?, ?)", (self.account, raw.cursor))
        return added

    async def pending(self) -> Sequence[PendingRaw]:
        rows = self._db.execute(
            "select provider_id, content, received_at_ms from inbound where state = 'stored'"
            " order by position limit ?",
            (PENDING_MAX,),
        )
        return [PendingRaw(Raw(*row)) for row in rows]

    async def quarantine(self, provider_id: str, reason: str) -> None:
        with self._transaction():
            self._db.execute(
                "update inbound set state = 'quarantined', reason = ? where provider_id = ?",
                (reason, provider_id),
            )

    async def cursor(self) -> str | None:
        row = self._db.execute("select cursor from cursors where account = ?", (self.account,)).fetchone()
        return row[0] if row else None

    async def admit(self, inbound: Inbound) -> Admission:
        await self._troubles()
        if self.refusal is not None:
            raise self.refusal
        with self._transaction():
            self._add(inbound.raw or Raw(inbound.provider_id, b"", inbound.received_at_ms), "stored")
            position, state = self._db.execute(
                "select position, state from inbound where provider_id = ?", (inbound.provider_id,)
            ).fetchone()
            self._db.execute(
                "update inbound set state = 'admitted', message = ?"
                " where position = ? and state != 'admitted'",
                (msgspec.msgpack.encode(inbound), position),
            )
        interaction_id = inbound.thread_token or f"i{position}"
        return Admission(interaction_id, f"m{position}", position, duplicate=state == "admitted")

    async def report(self, report: DeliveryReport) -> None:
        await self._troubles()
        with self._transaction():
            self._db.execute(
                "insert into reports (provider_ref, state, detail) values (?, ?, ?)",
                (report.provider_ref, report.state, report.detail),
            )

    # ------------------------------------------------------------------------------- for assertions

    def admitted(self) -> list[Inbound]:
        rows = self._db.execute("select message from inbound where state = 'admitted' order by position")
        return [msgspec.msgpack.decode(row[0], type=Inbound) for row in rows]

    def quarantined(self) -> list[tuple[str, str]]:
        """(provider id, reason)."""
        query = "select provider_id, reason from inbound where state = 'quarantined' order by position"
        return [(provider_id, reason) for provider_id, reason in self._db.execute(query)]

    def stored(self) -> int:
        """How many different inputs are durable, whatever became of them."""
        return int(self._db.execute("select count(*) from inbound").fetchone()[0])

    def reports(self) -> list[tuple[str, DeliveryState, str]]:
        rows = self._db.execute("select provider_ref, state, detail from reports order by position")
        return [(reference, DeliveryState(state), detail) for reference, state, detail in rows]

    # ------------------------------------------------------------------------------------- inside

    async def _troubles(self) -> None:
        if self.stall is not None:
            await self.stall.wait()
        if self.fault is not None:
            raise self.fault

    def _add(self, raw: Raw, state: str) -> bool:
        done = self._db.execute(
            "insert or ignore into inbound (provider_id, content, received_at_ms, state) values (?, ?, ?, ?)",
            (raw.provider_id, raw.content, raw.received_at_ms, state),
        )
        return done.rowcount == 1

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._db.execute("rollback" if kind else "commit")

"""A ChatHost for tests: real storage, deduplication by provider id, sequence by transaction."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from channels.base import Admission, ChatItem, ChatView, DeliveryReport, Inbound, PendingRaw, Raw, Refused

_SCHEMA = """
create table if not exists conversation (
    id integer primary key, visitor text, state text, agent text default ''
);
create table if not exists line (
    conversation integer, seq integer, provider_id text unique, author text, name text, text text,
    at_ms integer, client_id text, unique (conversation, seq)
);
"""


class SqliteChatHost:
    """One account over one database file; a second instance on the same file is a restarted hub."""

    def __init__(self, path: Path, account: str = "web", public_url: str = "http://127.0.0.1") -> None:
        self.account = account
        self.secret = b"s" * 31 + account.encode()[:1]
        self.public_url = public_url
        self.clock_ms = 1_790_000_000_000
        self.step_ms = 1
        self.typing: list[str] = []
        self.inbounds: list[Inbound] = []
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def now_ms(self) -> int:
        self.clock_ms += self.step_ms
        return self.clock_ms

    async def store(self, raw: Raw) -> bool:
        raise NotImplementedError("the web chat admits directly")

    async def pending(self) -> Sequence[PendingRaw]:
        return ()

    async def quarantine(self, provider_id: str, reason: str) -> None:
        raise NotImplementedError("the web chat quarantines nothing")

    async def cursor(self) -> str | None:
        return None

    async def report(self, report: DeliveryReport) -> None:
        raise NotImplementedError("the web chat has no delivery reports")

    async def admit(self, inbound: Inbound) -> Admission:
        if inbound.text == "refuse me":
            raise Refused("blocked", "This visitor is blocked.")
        if inbound.text == "break":
            raise RuntimeError("the database is on fire")
        self.inbounds.append(inbound)
        known = self._db.execute(
            "select conversation, seq from line where provider_id = ?", (inbound.provider_id,)
        ).fetchone()
        if known:
            return Admission(str(known[0]), f"{known[0]}-{known[1]}", known[1], duplicate=True)
        row = self._current(inbound.sender)
        if row is None or row[1] == "ended":
            conversation = self._db.execute(
                "insert into conversation (visitor, state) values (?, 'waiting')", (inbound.sender,)
            ).lastrowid
            assert conversation is not None
        else:
            conversation = row[0]
        seq = self._append(
            conversation, inbound.provider_id, "visitor", inbound.sender_name, inbound.text, inbound.client_id
        )
        return Admission(str(conversation), f"{conversation}-{seq}", seq)

    async def chat_view(self, visitor_id: str, after_seq: int) -> ChatView | None:
        row = self._current(visitor_id)
        if row is None:
            return None
        conversation, state, agent = row
        lines = self._db.execute(
            "select seq, author, name, text, at_ms, client_id from line where conversation = ? and seq > ?"
            " order by seq limit 200",
            (conversation, after_seq),
        ).fetchall()
        (last_seq,) = self._db.execute(
            "select coalesce(max(seq), 0) from line where conversation = ?", (conversation,)
        ).fetchone()
        return ChatView(str(conversation), state, agent, tuple(ChatItem(*line) for line in lines), last_seq)

    async def chat_typing(self, visitor_id: str) -> None:
        self.typing.append(visitor_id)

    async def chat_ended(self, visitor_id: str) -> None:
        self._db.execute("update conversation set state = 'ended' where visitor = ?", (visitor_id,))

    # ------------------------------------------------------------------------------- the agent's side

    def visitors(self) -> list[str]:
        return [row[0] for row in self._db.execute("select distinct visitor from conversation order by id")]

    def agent_joins(self, visitor_id: str, name: str) -> None:
        row = self._current(visitor_id)
        assert row is not None
        self._db.execute("update conversation set state = 'active', agent = ? where id = ?", (name, row[0]))

    def agent_says(self, visitor_id: str, text: str, client_id: str) -> int:
        row = self._current(visitor_id)
        assert row is not None
        return self._append(row[0], f"agent:{client_id}", "agent", row[2], text, "")

    def agent_ends(self, visitor_id: str) -> None:
        self._db.execute("update conversation set state = 'ended' where visitor = ?", (visitor_id,))

    def lines(self, visitor_id: str) -> list[tuple[int, str, str]]:
        """(seq, author, text) of all conversations of the visitor, oldest first."""
        return self._db.execute(
            "select seq, author, text from line join conversation on conversation.id = line.conversation"
            " where visitor = ? order by conversation, seq",
            (visitor_id,),
        ).fetchall()

    def _current(self, visitor_id: str) -> tuple[int, str, str] | None:
        row: tuple[int, str, str] | None = self._db.execute(
            "select id, state, agent from conversation where visitor = ? order by id desc limit 1",
            (visitor_id,),
        ).fetchone()
        return row

    def _append(
        self, conversation: int, provider_id: str, author: str, name: str, text: str, client_id: str
    ) -> int:
        (seq,) = self._db.execute(
            "insert into line select ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ? from line"
            " where conversation = ? returning seq",
            (conversation, provider_id, author, name, text, self.clock_ms, client_id, conversation),
        ).fetchone()
        assert isinstance(seq, int)
        return seq

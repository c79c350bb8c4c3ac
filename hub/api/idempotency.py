"""Commands that may be repeated: the same key of the same agent gets the same answer and no second effect.

The answer is stored after the command's own transaction. If the hub dies in between, a repeat runs the
command again, which is harmless because every command of `hub.desk` is itself safe to repeat.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, delete, insert, select

from hub.api.problems import ProblemError
from hub.clock import Clock
from hub.store.database import Store
from hub.store.tables import idempotency

KEY_CHARS_MAX = 200
KEPT_MS = 24 * 3_600_000
RUNNING_DEADLINE_S = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    content_type: str


class _Kept(msgspec.Struct, frozen=True):
    """What the column `body` holds: a fingerprint of the question, and the answer."""

    asked: str
    content_type: str
    body: str


class Idempotency:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._running: dict[tuple[str, str], asyncio.Future[None]] = {}

    async def once(
        self, agent_id: str, key: str, question: bytes, run: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Return the stored answer of this key, else run and store it. Server errors are not stored.

        Raises ProblemError for a bad key, a key that was used for another question, or a command that is
        still running after `RUNNING_DEADLINE_S`.
        """
        if not key or len(key) > KEY_CHARS_MAX:
            raise ProblemError(
                400, "idempotency_key", f"Send an Idempotency-Key of 1 to {KEY_CHARS_MAX} characters."
            )
        asked = hashlib.sha256(question).hexdigest()
        await self._wait_for_twin(agent_id, key)
        running = self._running[agent_id, key] = asyncio.get_running_loop().create_future()
        try:
            kept = await self._store.read(lambda c: _find(c, agent_id, key))
            if kept is not None:
                return _repeat(kept, asked)
            answer = await run()
            if answer.status < 500:
                await self._keep(agent_id, key, asked, answer)
            return answer
        finally:
            del self._running[agent_id, key]
            running.set_result(None)

    async def prune(self) -> None:
        """Forget answers older than `KEPT_MS`."""
        before_ms = self._clock.now_ms() - KEPT_MS

        def work(connection: Connection) -> None:
            connection.execute(delete(idempotency).where(idempotency.c.at_ms < before_ms))

        await self._store.write(work)

    async def _wait_for_twin(self, agent_id: str, key: str) -> None:
        try:
            async with asyncio.timeout(RUNNING_DEADLINE_S):
                while (running := self._running.get((agent_id, key))) is not None:
                    await asyncio.shield(running)
        except TimeoutError:
            raise ProblemError(409, "still_running", "The same command is still running.") from None

    async def _keep(self, agent_id: str, key: str, asked: str, answer: Answer) -> None:
        body = msgspec.json.encode(_Kept(asked, answer.content_type, answer.body.decode())).decode()
        at_ms = self._clock.now_ms()
        values = {"agent_id": agent_id, "key": key, "status": answer.status, "body": body, "at_ms": at_ms}

        def work(connection: Connection) -> None:
            mine = (idempotency.c.agent_id == agent_id, idempotency.c.key == key)
            connection.execute(delete(idempotency).where(*mine))
            connection.execute(insert(idempotency), values)

        await self._store.write(work)


def _find(connection: Connection, agent_id: str, key: str) -> tuple[int, _Kept] | None:
    row = connection.execute(
        select(idempotency).where(idempotency.c.agent_id == agent_id, idempotency.c.key == key)
    ).first()
    return None if row is None else (row.status, msgspec.json.decode(row.body, type=_Kept))


def _repeat(found: tuple[int, _Kept], asked: str) -> Answer:
    status, kept = found
    if kept.asked != asked:
        raise ProblemError(
            422, "idempotency_key_reused", "This Idempotency-Key was used for another command before."
        )
    return Answer(status, kept.body.encode(), kept.content_type)

"""The database: one writer thread with group commit, a few reader threads beside it.

All SQL is plain synchronous code over a SQLAlchemy Core `Connection`. Writes queue up (bounded, callers wait)
and commit together: whatever queued while the last commit ran shares the next one, so an idle system commits
at once and a busy one amortises its fsync. Callers are answered, in order, only after the commit.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from hub.supervise import spawn, stop

log = logging.getLogger(__name__)

T = TypeVar("T")

WRITES_QUEUED_MAX = 4096
GROUP_MAX = 256
READERS = 3
BUSY_TIMEOUT_MS = 5_000


class StoreClosed(Exception):
    """The store no longer takes work; what was not answered was not written."""


class _TransactionLost(Exception):
    """SQLite undid the whole group by itself (full disk, I/O error): nothing of it was written."""


@dataclass(slots=True)
class _Write:
    work: Callable[[Connection], Any]
    on_commit: Callable[[Any], None] | None
    done: asyncio.Future[Any]


def create(url: str, *, begin: str) -> Engine:
    """A SQLAlchemy engine; on SQLite with WAL, full durability and explicit transactions begun by `begin`."""
    parsed = make_url(url)
    engine = create_engine(parsed, pool_size=READERS + 1, max_overflow=0)
    if parsed.get_backend_name() == "sqlite":

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _record: Any) -> None:
            # Transactions are ours: a deferred BEGIN that later writes fails under WAL, whatever the timeout.
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"busy_timeout={BUSY_TIMEOUT_MS}",
                "cache_size=-32000",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin_explicitly(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


class Store:
    """Open with `await Store.open(url)`; `read` and `write` until `await close()`."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer_engine = writer
        self._reader_engine = reader
        self._writer_thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._queue: asyncio.Queue[_Write] = asyncio.Queue(WRITES_QUEUED_MAX)
        self._connection: Connection | None = None
        self._task: asyncio.Task[Any] | None = None
        self._closed = False

    @classmethod
    async def open(cls, url: str) -> "Store":
        """Open an already migrated database."""
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        store = cls(create(url, begin="BEGIN IMMEDIATE"), create(url, begin="BEGIN"))
        loop = asyncio.get_running_loop()
        store._connection = await loop.run_in_executor(store._writer_thread, store._writer_engine.connect)
        store._task = spawn(store._serve(), "store-writer")
        return store

    @property
    def writes_queued(self) -> int:
        return self._queue.qsize()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one read transaction on a reader thread."""
        if self._closed:
            raise StoreClosed
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._reader_engine.connect() as connection, connection.begin():
            return work(connection)

    async def write(self, work: Callable[[Connection], T], on_commit: Callable[[T], None] | None = None) -> T:
        """Run `work` in a transaction; durable when this returns.

        `on_commit(result)` is called on the event loop right after the commit, in commit order. An exception
        of `work` undoes that work alone and is raised here. Waits while the queue is full.
        """
        if self._closed:
            raise StoreClosed
        item = _Write(work, on_commit, asyncio.get_running_loop().create_future())
        await self._queue.put(item)
        # Once queued, the work is done even if the caller goes away and so cancels `done`.
        result: T = await item.done
        return result

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._queue.get()]
            while len(batch) < GROUP_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                outcomes = await loop.run_in_executor(self._writer_thread, self._commit, batch)
            except Exception as error:  # noqa: BLE001 - the commit itself failed: every caller must learn it
                outcomes = [(None, error)] * len(batch)
            for item, (result, failure) in zip(batch, outcomes, strict=True):
                self._answer(item, result, failure)
                self._queue.task_done()

    def _answer(self, item: _Write, result: Any, failure: Exception | None) -> None:
        if failure is not None:
            _refuse(item.done, failure)
            return
        try:
            if item.on_commit is not None:
                item.on_commit(result)
        except Exception as error:
            log.exception("a follower of a commit failed")
            _refuse(item.done, error)
        else:
            if not item.done.done():
                item.done.set_result(result)

    def _commit(self, batch: list[_Write]) -> list[tuple[Any, Exception | None]]:
        assert self._connection is not None
        outcomes: list[tuple[Any, Exception | None]] = []
        with self._connection.begin():
            for item in batch:
                try:
                    if len(batch) == 1:
                        outcomes.append((item.work(self._connection), None))
                    else:
                        outcomes.append((self._apart(self._connection, item.work), None))
                except _TransactionLost:
                    raise
                except Exception as error:  # noqa: BLE001 - belongs to the caller of this one write
                    if len(batch) == 1:
                        # Undo by leaving the transaction: nothing else is in it.
                        self._connection.rollback()
                        return [(None, error)]
                    outcomes.append((None, error))
        return outcomes

    @staticmethod
    def _apart(connection: Connection, work: Callable[[Connection], Any]) -> Any:
        """Do `work` so that its failure undoes it alone."""
        # Plain statements: the library's nested transactions cost more than most of the work inside them.
        connection.exec_driver_sql("SAVEPOINT one_write")
        try:
            result = work(connection)
        except Exception as error:
            try:
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one_write")
            except DBAPIError as lost:
                # Going on would begin, and commit, transactions of which we know nothing.
                raise _TransactionLost(str(error)) from lost
            raise
        connection.exec_driver_sql("RELEASE SAVEPOINT one_write")
        return result

    async def close(self) -> None:
        """Finish what is queued, then stop."""
        if self._closed:
            return
        self._closed = True
        await self._queue.join()
        if self._task is not None:
            await stop(self._task)
        connection = self._connection
        if connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._writer_thread, connection.close)
        self._writer_thread.shutdown()
        self._readers.shutdown()
        self._writer_engine.dispose()
        self._reader_engine.dispose()


def _refuse(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # a caller that went away must not leave an "exception was never retrieved"

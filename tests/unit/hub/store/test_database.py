"""The store: writes that queue together commit together, fail apart, and are durable when answered."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import IntegrityError

from hub import story
from hub.store import database
from hub.store.database import Store, StoreClosed
from hub.store.migrate import migrate
from hub.store.tables import settings


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path}/hub.db"
    await asyncio.to_thread(migrate, url)
    opened = await Store.open(url)
    yield opened
    await opened.close()


def put(connection: Connection, name: str) -> str:
    connection.execute(insert(settings), {"name": name, "value": "x"})
    return name


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(settings.c.name).order_by(settings.c.name)).scalars())


async def test_what_was_answered_can_be_read(store: Store) -> None:
    assert await store.write(lambda c: put(c, "a")) == "a"
    assert await store.read(names) == ["a"]


async def test_one_failure_among_many_undoes_itself_alone(store: Store) -> None:
    """Forty writes in one group; every tenth writes a row and then breaks a rule."""

    def work(connection: Connection, number: int) -> None:
        put(connection, f"n{number:02d}")
        if number % 10 == 0:
            put(connection, f"n{number:02d}")

    results = await asyncio.gather(
        *[store.write(lambda c, n=n: work(c, n)) for n in range(40)],  # type: ignore[misc]
        return_exceptions=True,
    )
    failed = [number for number, result in enumerate(results) if isinstance(result, IntegrityError)]
    assert failed == [0, 10, 20, 30]
    assert await store.read(names) == [f"n{n:02d}" for n in range(40) if n % 10]


async def test_a_single_failing_write_leaves_the_store_working(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        await store.write(lambda c: put(c, "a") and 1 / 0)
    await store.write(lambda c: put(c, "b"))
    assert await store.read(names) == ["b"]


async def test_followers_are_called_in_commit_order(store: Store) -> None:
    order: list[str] = []
    await asyncio.gather(
        *[store.write(lambda c, n=n: put(c, f"n{n:02d}"), order.append) for n in range(50)]  # type: ignore[misc]
    )
    assert order == [f"n{n:02d}" for n in range(50)]


async def test_a_caller_that_goes_away_does_not_undo_its_write(store: Store) -> None:
    waiting = asyncio.ensure_future(store.write(lambda c: put(c, "a")))
    await asyncio.sleep(0)
    waiting.cancel()
    await store.write(lambda c: put(c, "b"))
    assert await store.read(names) == ["a", "b"]


async def test_a_caller_that_goes_away_before_its_write_fails_harms_nobody(store: Store) -> None:
    waiting = asyncio.ensure_future(store.write(lambda c: put(c, "a") and 1 / 0))
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(20):
        await store.write(lambda c: put(c, "b"))
        await store.write(lambda c: put(c, "c"))
    assert await store.read(names) == ["b", "c"]


async def test_close_finishes_what_is_queued_and_then_refuses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    await asyncio.to_thread(migrate, url)
    store = await Store.open(url)
    writes = [asyncio.ensure_future(store.write(lambda c, n=n: put(c, f"n{n}"))) for n in range(9)]  # type: ignore[misc]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*writes)
    with pytest.raises(StoreClosed):
        await store.write(lambda c: put(c, "late"))
    with pytest.raises(StoreClosed):
        await store.read(names)

    again = await Store.open(url)
    assert await again.read(names) == [f"n{n}" for n in range(9)]
    await again.close()


async def test_the_journal_is_as_durable_as_sqlite_can(store: Store) -> None:
    def pragmas(connection: Connection) -> tuple[object, object]:
        return (
            connection.execute(text("PRAGMA journal_mode")).scalar(),
            connection.execute(text("PRAGMA synchronous")).scalar(),
        )

    assert await store.write(pragmas) == ("wal", 2)


async def test_a_row_cannot_point_to_nothing(store: Store) -> None:
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        await store.write(
            lambda c: story.open_interaction(
                c, 1, customer_id="nobody", channel="sms", account="sms", address="+447700900123"
            )
        )


async def test_when_the_database_undoes_a_whole_group_everybody_in_it_is_told(store: Store) -> None:
    """As on a full disk. What came after the failure must not be committed behind its caller's back."""
    await store.write(lambda c: put(c, "taken"))

    def undo(connection: Connection) -> None:
        connection.execute(text("INSERT OR ROLLBACK INTO settings VALUES ('taken', 'x')"))

    results = await asyncio.gather(
        store.write(lambda c: put(c, "first")),  # alone in its group, or the head of it
        store.write(lambda c: put(c, "before")),
        store.write(undo),
        store.write(lambda c: put(c, "after")),
        return_exceptions=True,
    )
    told = {
        name for name, result in zip(("first", "before", "", "after"), results, strict=True) if result == name
    }
    assert set(await store.read(names)) == told | {"taken"}
    assert isinstance(results[2], Exception)
    await store.write(lambda c: put(c, "later"))
    assert "later" in await store.read(names)


async def test_callers_wait_while_the_queue_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that cannot keep up slows its callers down; it does not fill the memory."""
    monkeypatch.setattr(database, "WRITES_QUEUED_MAX", 2)
    url = f"sqlite:///{tmp_path}/hub.db"
    await asyncio.to_thread(migrate, url)
    store = await Store.open(url)
    entered, opened = threading.Event(), threading.Event()

    def stuck(_connection: Connection) -> None:
        entered.set()
        assert opened.wait(20)

    first = asyncio.ensure_future(store.write(stuck))
    assert await asyncio.to_thread(entered.wait, 20)
    late = [asyncio.ensure_future(store.write(lambda c, n=n: put(c, f"n{n}"))) for n in range(5)]  # type: ignore[misc]
    for _ in late:
        await asyncio.sleep(0)  # each has had its turn
    assert store.writes_queued == 2
    opened.set()
    await asyncio.gather(first, *late)
    assert await store.read(names) == [f"n{n}" for n in range(5)]
    await store.close()


async def test_a_group_has_a_limit_so_that_the_first_is_not_answered_with_the_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "GROUP_MAX", 2)
    opened = threading.Event()

    def stuck(_connection: Connection) -> None:
        assert opened.wait(20)

    two = [asyncio.ensure_future(store.write(lambda c, n=n: put(c, n))) for n in "ab"]  # type: ignore[misc]
    last = asyncio.ensure_future(store.write(stuck))
    async with asyncio.timeout(10):
        await asyncio.gather(*two)
    assert not last.done()
    opened.set()
    await last

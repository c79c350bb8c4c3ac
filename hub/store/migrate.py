"""Brings a database to the newest schema. Owns the way to Alembic; revisions are in `migrations/versions`.

Start with `migrate`. A whole upgrade is one transaction, also on SQLite: a process that is killed in the
middle leaves the old schema, and of two that start together the second waits and finds nothing left to do.

After a change of `tables.py`: `python -m hub.store.migrate "what changed"` writes the next revision.
"""

import logging
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url

LOCK_WAIT_S = 30
"""How long to wait for another process that migrates or writes."""
LOCK_RETRY_S = 0.05


def migrate(url: str) -> None:
    """Create or upgrade the database at `url` (SQLAlchemy form) to the newest revision; harmless to repeat.

    A missing SQLite file is made, with its folder, and set to write-ahead logging.
    Raises sqlalchemy.exc.OperationalError when the database cannot be reached or stays locked, and
    alembic.util.CommandError when it was written by a newer program.
    """
    _on(url, lambda config: command.upgrade(config, "head"))


def revise(message: str) -> None:
    """Write the revision that leads from the newest one to `tables.py`, for a person to read and correct."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.sqlite"
        migrate(url)
        _on(url, lambda config: command.revision(config, message, autogenerate=True, rev_id=_next_revision()))


def _on(url: str, work: Callable[[Config], object]) -> None:
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            work(_config(connection))
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "hub.store:migrations")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": LOCK_WAIT_S})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # Python's driver does not open a transaction before DDL: it must leave BEGIN to us.
        connection.isolation_level = None
        _use_write_ahead_log(connection)

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _use_write_ahead_log(connection: Any) -> None:
    """Switch the journal mode once; unlike any other lock, SQLite does not wait for this one by itself."""
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOCK_RETRY_S)


def _next_revision() -> str:
    versions = Path(__file__).parent / "migrations" / "versions"
    return f"{len(list(versions.glob('[0-9]*.py'))) + 1:04}"


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    revise(sys.argv[1])

"""An empty database in memory, and the shortest ways to put something into it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, StaticPool, create_engine, event

from hub.store.tables import metadata

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def enforce(connection, _record):  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA foreign_keys=ON")

    metadata.create_all(engine)
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()

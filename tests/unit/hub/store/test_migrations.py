"""The migrated schema is the one that tables.py describes, and an upgrade happens wholly or not at all."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, event, inspect
from sqlalchemy.exc import OperationalError

from hub.store import migrate as migrations
from hub.store.migrate import migrate
from hub.store.tables import metadata


def _schema(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return sorted(
            sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        )
    finally:
        connection.close()


def _columns(path: Path) -> dict[str, object]:
    connection = sqlite3.connect(path)
    try:
        tables = connection.execute(
            "SELECT name, sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE type='table'"
        )
        return {
            name: (numbered, sorted(row[1:] for row in connection.execute(f"PRAGMA table_info({name})")))
            for name, numbered in tables.fetchall()
            if name != "alembic_version"
        }
    finally:
        connection.close()


def test_migrated_schema_equals_the_tables(tmp_path: Path) -> None:
    """Whoever changes tables.py and forgets the revision is told which difference remains."""
    url = f"sqlite:///{tmp_path}/hub.sqlite"
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_migrated_columns_have_the_defaults_of_the_tables(tmp_path: Path) -> None:
    """What Alembic's comparison leaves out: defaults, and row numbers that are never used again."""
    migrate(f"sqlite:///{tmp_path}/migrated.sqlite")
    engine = create_engine(f"sqlite:///{tmp_path}/created.sqlite")
    metadata.create_all(engine)
    engine.dispose()
    assert _columns(tmp_path / "migrated.sqlite") == _columns(tmp_path / "created.sqlite")


def test_repeating_changes_nothing_and_keeps_rows(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "hub.sqlite"
    migrate(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO settings VALUES ('kept', 'yes')")
    connection.close()
    before = _schema(path)
    migrate(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    assert _schema(path) == before
    assert connection.execute("SELECT value FROM settings").fetchall() == [("yes",)]
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_an_upgrade_that_breaks_off_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses in the middle: no half schema, and the next start succeeds."""
    path = tmp_path / "hub.sqlite"
    make = migrations._engine

    def failing(url: str) -> object:
        engine = make(url)

        @event.listens_for(engine, "before_cursor_execute")
        def refuse(_c: object, _cur: object, statement: str, *_rest: object) -> None:
            if "CREATE TABLE outbox" in statement:
                raise OperationalError(statement, {}, Exception("disk is full"))

        return engine

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_engine", failing)
        with pytest.raises(OperationalError, match="disk is full"):
            migrate(f"sqlite:///{path}")
    assert _schema(path) == []
    migrate(f"sqlite:///{path}")
    assert len(_schema(path)) > 20


def test_processes_that_start_together_all_find_the_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hub.sqlite"
    program = f"from hub.store.migrate import migrate; migrate({url!r})"
    starters = [
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    failures = [starter.communicate(timeout=60)[1] for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0], failures


def test_a_revision_can_be_taken_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hub.sqlite"
    migrate(url)
    migrations._on(url, lambda config: command.downgrade(config, "base"))
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_rule_sets_of_the_first_release_live_on(tmp_path: Path) -> None:
    """Who published when becomes the first step of each; a second one in force is refused from now on."""
    path = tmp_path / "hub.sqlite"
    url = f"sqlite:///{path}"
    migrations._on(url, lambda config: command.upgrade(config, "0001"))
    row = "INSERT INTO rule_sets VALUES (?, ?, ?, ?, ?, ?, ?)"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(row, ("aa", "retired", "{}", "ada", "first", 10, 20))
        connection.execute(row, ("bb", "published", "{}", "bob", "second", 30, 40))
        connection.execute(
            "INSERT INTO customers (customer_id, known, created_at_ms) VALUES ('k', 1, 1)",
        )
        connection.execute(
            "INSERT INTO interactions (interaction_id, customer_id, channel, account, address, state,"
            " opened_at_ms, changed_at_ms) VALUES ('i', 'k', 'sms', 'sms', '+44', 'open', 1, 1)"
        )
        connection.execute(
            "INSERT INTO contacts (contact_id, interaction_id, customer_id, channel, queue_id, state,"
            " arrived_at_ms, enqueued_at_ms, state_since_at_ms, value, loyalty, head_start_ms, rule_id,"
            " rule_set)"
            " VALUES ('c', 'i', 'k', 'sms', 'general', 'queued', 1, 1, 1, 50, 50, 0, 'default', 'bb')"
        )
    connection.close()
    migrate(url)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys=ON")
    steps = 'SELECT hash, state, "by", at_ms, note, detail FROM rule_set_steps ORDER BY step_id'
    assert connection.execute(steps).fetchall() == [
        ("aa", "published", "ada", 20, "first", "{}"),
        ("bb", "published", "bob", 40, "second", "{}"),
    ]
    assert connection.execute("SELECT hash, state, trial FROM rule_sets ORDER BY hash").fetchall() == [
        ("aa", "retired", None),
        ("bb", "published", None),
    ]
    assert connection.execute("SELECT calendar_state, calendar_reason FROM contacts").fetchall() == [("", "")]
    with pytest.raises(sqlite3.IntegrityError), connection:
        connection.execute("UPDATE rule_sets SET state = 'published'")
    with connection:
        connection.execute("INSERT INTO rule_sets VALUES ('cc', 'draft', '{}', 'ada', '', 50, NULL, NULL)")
        connection.execute("UPDATE rule_sets SET state = 'staged' WHERE hash = 'aa'")
    connection.close()
    migrations._on(url, lambda config: command.downgrade(config, "0001"))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT hash, state FROM rule_sets ORDER BY hash").fetchall() == [
        ("aa", "retired"),
        ("bb", "published"),
    ]
    connection.close()

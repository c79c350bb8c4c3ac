"""The journal: what any hub ever wrote stays readable, in order, and followers know how far they came."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, StaticPool, create_engine, insert, select

from hub import journal
from hub.store.tables import journal as journal_rows
from hub.store.tables import metadata, snapshots
from routing.engine import Engine
from routing.events import TimeReached

GOLDEN = Path(__file__).parents[2] / "golden" / "journal"


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


def stored() -> list[dict[str, object]]:
    """Rows as hubs of the past wrote them, a file for each form that the journal has had."""
    return [
        json.loads(line)
        for path in sorted(GOLDEN.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_every_kind_of_event_is_kept_as_it_was_first_stored() -> None:
    """A new kind of event needs a line there, and a kind that was ever written is never forgotten."""
    assert {row["kind"] for row in stored()} == set(journal.EVENT_TYPES)


def test_old_journals_are_readable_and_mean_the_same(conn: Connection) -> None:
    rows = [{**row, "body": json.dumps(row["body"])} for row in stored()]
    conn.execute(insert(journal_rows), rows)
    found = list(journal.read(conn, 0))
    assert [seq for seq, _ in found] == [row["seq"] for row in rows]
    engine = Engine()
    for (_, event), row in zip(found, stored(), strict=True):
        kind, body = journal.encode(event)
        now = json.loads(body)
        was = row["body"]
        assert isinstance(was, dict)
        assert kind == row["kind"]
        assert _known(now, was) == was, "fields are only ever added"
        engine.handle(event)


def _known(now: object, was: object) -> object:
    """What is stored today, without the fields that an older form did not have."""
    if isinstance(now, dict) and isinstance(was, dict):
        return {name: _known(now[name], was[name]) for name in was}
    if isinstance(now, list) and isinstance(was, list) and len(now) == len(was):
        return [_known(one, other) for one, other in zip(now, was, strict=True)]
    return now


def test_what_is_appended_is_read_back_in_order_over_pages(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PAGE_ROWS", 3)
    journal.append(conn, 0, [TimeReached(at_ms) for at_ms in range(10, 16)])
    journal.append(conn, 6, [TimeReached(16)])
    assert [(seq, event.at_ms) for seq, event in journal.read(conn, 0)] == [(n, n + 9) for n in range(1, 8)]
    assert [seq for seq, _ in journal.read(conn, 4)] == [5, 6, 7]
    assert journal.last_seq(conn) == 7


def test_an_empty_journal_is_at_nought(conn: Connection) -> None:
    assert journal.last_seq(conn) == 0
    assert list(journal.read(conn, 0)) == []
    assert journal.position(conn, "projection") == 0


def test_the_newest_snapshot_that_fits_is_loaded_and_only_a_few_are_kept(conn: Connection) -> None:
    for seq in (10, 20, 30, 40, 50):
        journal.save_snapshot(conn, seq, 1, 7, {"seq": seq})
    journal.save_snapshot(conn, 50, 2, 7, {"seq": 50, "again": True})
    kept = conn.execute(select(snapshots.c.seq).order_by(snapshots.c.seq)).scalars().all()
    assert kept == [30, 40, 50]
    assert journal.load_snapshot(conn, 7, 99) == (50, {"seq": 50, "again": True})
    assert journal.load_snapshot(conn, 7, 49) == (40, {"seq": 40})
    assert journal.load_snapshot(conn, 7, 29) is None
    assert journal.load_snapshot(conn, 8, 99) is None


def test_each_follower_has_a_position_of_its_own(conn: Connection) -> None:
    journal.move_position(conn, "projection", 5)
    journal.move_position(conn, "reports", 2)
    journal.move_position(conn, "projection", 9)
    assert (journal.position(conn, "projection"), journal.position(conn, "reports")) == (9, 2)

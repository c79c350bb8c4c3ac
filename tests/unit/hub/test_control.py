"""The control socket: its owner alone may use it, and whatever goes wrong is told in words."""

import asyncio
import socket as socketlib
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from hub import control, lock
from hub.bootstrap import Hub, default_rules
from hub.config import Config
from hub.store.tables import rule_sets


@pytest.fixture
async def socket(hub: Hub) -> AsyncIterator[Path]:
    """The control socket of a hub that runs and so holds the lock."""
    path = lock.beside(hub.config.store.url, ".sock")
    path.write_bytes(b"left by a dead hub")
    held = lock.acquire(hub.config.store.url)
    runner = await control.serve(hub, path)
    yield path
    await runner.cleanup()
    held.close()


def changed() -> dict[str, object]:
    body = default_rules()
    return {**body, "rules": body["rules"][1:]}


async def test_only_the_owner_may_open_it(socket: Path) -> None:
    mode = (await asyncio.to_thread(socket.stat)).st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_bad_rules_are_refused_with_their_place(socket: Path, config: Config) -> None:
    body = changed()
    body["default"] = {"queue": "nowhere"}
    with pytest.raises(control.Refused, match="/default/queue"):
        await control.do(config, "rules/publish", {"body": body, "author": "ada", "note": ""})


async def test_nothing_to_roll_back_to_is_told(socket: Path, config: Config) -> None:
    for wanted, words in (("", "no older rule set"), ("feed", "feed")):
        with pytest.raises(control.Refused, match=words):
            await control.do(config, "rules/rollback", {"to": wanted, "author": "ada"})


async def test_an_operation_that_this_hub_does_not_know_is_refused(socket: Path, config: Config) -> None:
    with pytest.raises(control.Refused, match="older version"):
        await control.do(config, "coffee/make", {})


async def test_rules_that_could_not_be_written_are_not_in_force(
    socket: Path, hub: Hub, config: Config
) -> None:
    """The next contact must not cite a rule set that was never published."""
    before = hub.dispatcher.engine.rule_set
    refuse = "CREATE TRIGGER no BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no'); END"
    await hub.store.write(lambda c: c.execute(text(refuse)))
    with pytest.raises(control.Refused, match="log says why"):
        await control.do(config, "rules/publish", {"body": changed(), "author": "ada", "note": ""})
    await hub.store.write(lambda c: c.execute(text("DROP TRIGGER no")))
    assert (await hub.store.read(hub.rulebook.current)).hash == before == hub.dispatcher.engine.rule_set
    states = await hub.store.read(lambda c: c.execute(select(rule_sets.c.hash, rule_sets.c.state)).all())
    assert [tuple(row) for row in states] == [(before, "published")]


async def test_one_rule_set_is_published_at_a_time(socket: Path, hub: Hub, config: Config) -> None:
    first = hub.dispatcher.engine.rule_set
    asked = {"body": changed(), "author": "ada", "note": "less"}
    second = (await control.do(config, "rules/publish", asked))["hash"]
    seq = hub.dispatcher.seq
    assert (await control.do(config, "rules/publish", asked))["hash"] == second
    assert hub.dispatcher.seq == seq, "what is in force already is not published again"
    rows = await hub.store.read(lambda c: c.execute(select(rule_sets.c.hash, rule_sets.c.state)).all())
    assert dict(tuple(row) for row in rows) == {first: "retired", second: "published"}
    assert hub.dispatcher.engine.rule_set == second


async def test_a_running_hub_is_led_from_draft_into_force(socket: Path, hub: Hub, config: Config) -> None:
    before, who = hub.dispatcher.engine.rule_set, {"author": "ada", "note": ""}
    made = await control.do(config, "rules/draft", {"body": changed(), **who})
    assert made["state"] == "draft"
    wanted = {"hash": made["hash"]}
    with pytest.raises(control.Refused, match="not been simulated"):
        await control.do(config, "rules/approve", {**wanted, **who})
    with pytest.raises(control.Refused, match="JSON object"):
        await control.do(config, "rules/simulated", {**wanted, "summary": "fine"})
    assert (await control.do(config, "rules/simulated", {**wanted, "summary": {}}))["state"] == "simulated"
    assert (await control.do(config, "rules/approve", {**wanted, **who}))["author"] == "ada"
    share = {"percent": 20, "queues": []}
    assert (await control.do(config, "rules/stage", {**wanted, **share, **who}))["state"] == "staged"
    assert hub.dispatcher.engine.rule_set == before
    assert (await control.do(config, "rules/unstage", who))["state"] == "approved"
    with pytest.raises(control.Refused, match="on trial"):
        await control.do(config, "rules/unstage", who)
    assert (await control.do(config, "rules/publish", {**wanted, **who}))["state"] == "published"
    assert hub.dispatcher.engine.rule_set == made["hash"]


async def test_a_hub_without_a_socket_is_a_connection_error(hub: Hub, config: Config) -> None:
    with lock.acquire(config.store.url), pytest.raises(ConnectionError, match="does not answer"):
        await control.do(config, "rules/rollback", {})


async def test_a_hub_that_is_stuck_is_not_waited_for_for_ever(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "DEADLINE_S", 0.1)

    with socketlib.socket(socketlib.AF_UNIX) as listener:
        listener.bind(str(lock.beside(config.store.url, ".sock")))
        listener.listen()  # connections are taken by the kernel and answered by nobody
        with lock.acquire(config.store.url), pytest.raises(ConnectionError, match="does not answer"):
            await control.do(config, "rules/rollback", {})

"""A hub that is killed while the rules change: states, steps and journal agree, wherever it was."""

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.bootstrap import Hub, catch_up, core, default_rules
from hub.config import Config, StoreSettings
from hub.rulebook import Trial, history, steps_of
from hub.store.tables import journal
from tests.unit.hub.conftest import MovedClock

ROOT = Path(__file__).parents[3]


async def change_for_ever(url: str) -> None:
    """Draft, approve, try, publish, roll back, over and over, with a word after each round."""
    async with core(Config(store=StoreSettings(url))) as hub:
        await catch_up(hub)
        book, transact, number = hub.rulebook, hub.dispatcher.transact, 0
        while True:
            number += 1
            body = {**default_rules(), "name": f"round {number}"}
            wanted = (await transact(lambda c, at, b=body: book.save_draft(c, at, b, "ada", ""))).hash
            await transact(lambda c, at, w=wanted: book.record_simulation(c, at, w, {}, "sim"))
            await transact(lambda c, at, w=wanted: book.approve(c, at, w, "bob", ""))
            await transact(lambda c, at, w=wanted: book.stage(c, at, w, Trial(20, ()), "ada", ""))
            if number % 3 == 0:
                await transact(lambda c, at: book.end_trial(c, at, "ada", ""))
            await transact(lambda c, at, w=wanted: book.publish_approved(c, at, w, "ada", ""))
            if number % 2 == 0:
                await transact(lambda c, at: book.roll_back(c, at, "", "ada"))
            print(number, flush=True)


async def in_order(hub: Hub) -> None:
    """States are those of the last steps, and what is in force is what the engine was last told."""
    rows = await hub.store.read(history)
    steps = await hub.store.read(lambda c: steps_of(c, [row.hash for row in rows]))
    assert {row.hash: row.state for row in rows} == {step.hash: step.state for step in steps}
    [published] = [row.hash for row in rows if row.state == "published"]
    assert hub.dispatcher.engine.rule_set == published
    staged = ""
    kinds = ("RuleSetPublished", "RuleSetStaged")
    query = select(journal).where(journal.c.kind.in_(kinds)).order_by(journal.c.seq)
    for event in await hub.store.read(lambda c: c.execute(query).all()):
        staged = event.body.split('"')[5] if event.kind == kinds[1] else ""
    assert [row.hash for row in rows if row.state == "staged"] == ([staged] if staged else [])
    assert all((row.trial is not None) == (row.state == "staged") for row in rows)


@pytest.mark.parametrize("rounds", [1, 4, 9])
async def test_whenever_it_dies_the_next_one_finds_the_rules_in_order(
    tmp_path: Path, empty_database: Path, rounds: int
) -> None:
    shutil.copyfile(empty_database, tmp_path / "hub.db")
    url = f"sqlite:///{tmp_path}/hub.db"
    program = f"import asyncio; from {__name__} import change_for_ever as go; asyncio.run(go({url!r}))"
    child = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(rounds):
        assert await asyncio.to_thread(child.stdout.readline), "the hub died by itself"
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    async with core(Config(store=StoreSettings(url)), MovedClock()) as hub:
        await in_order(hub)
        await hub.dispatcher.transact(
            lambda c, at: hub.rulebook.publish(c, at, {**default_rules(), "name": "last"}, "ada", "")
        )
        await in_order(hub)

"""A hub core on a database of its own: real store, journal, engine, executor; tests move the clock.

Migrations and password hashes are made once a run and copied: they cost more than most tests.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from hub import staff
from hub.bootstrap import Hub, catch_up, core
from hub.clock import Clock
from hub.config import Code, Config, StoreSettings
from hub.store.migrate import migrate
from hub.store.tables import agents
from routing.types import AgentId, Presence


class MovedClock(Clock):
    """Wall time that stands still unless moved."""

    def __init__(self, now_ms: int = 1_790_000_000_000) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> int:
        return self.at_ms

    def move(self, ms: int) -> None:
        self.at_ms += ms


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that nobody wrote to, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "hub.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def config(tmp_path: Path, empty_database: Path) -> Config:
    shutil.copyfile(empty_database, tmp_path / "hub.db")
    return Config(
        store=StoreSettings(f"sqlite:///{tmp_path}/hub.db"),
        aux_codes=(Code("break", {"en": "Break"}),),
        dispositions=(Code("resolved", {"en": "Resolved"}),),
    )


@pytest.fixture
async def hub(config: Config, clock: MovedClock) -> AsyncIterator[Hub]:
    async with core(config, clock) as hub:
        await add_agents(hub, "mia", "wei")
        hub.dispatcher.start()
        yield hub
        hub.dispatcher.stop()


_rows: dict[str, dict[str, Any]] = {}
"""Every agent made in this run, by username."""


async def add_agents(hub: Hub, *usernames: str) -> None:
    """Agents with every skill of the first rules, able to take one call or three written contacts."""
    for username in usernames:
        await hub.store.write(lambda c, username=username: _add(c, username))  # type: ignore[misc]
    await catch_up(hub)


def _add(connection: Connection, username: str) -> None:
    if username in _rows:
        connection.execute(insert(agents), _rows[username])
        return
    skills = dict.fromkeys(("english", "chinese", "orders", "billing", "complaints", "vip"), 80)
    capacity = {"units": 3, "caps": {"voice": 1, "chat": 3, "sms": 3, "email": 3}, "weights": {"voice": 3}}
    agent_id = staff.create_agent(
        connection,
        username=username,
        name=username.title(),
        password="rapport",
        skills=skills,
        capacity=capacity,
        phone_endpoint=f"phone-{username}",
    )
    made = connection.execute(select(agents).where(agents.c.agent_id == agent_id)).one()
    _rows[username] = dict(made._mapping)


async def at_work(hub: Hub, agent_id: str) -> None:
    """The agent has a console and is available."""
    await hub.desk.reachable(AgentId(agent_id), True)
    await hub.desk.set_presence(AgentId(agent_id), Presence.AVAILABLE, "")


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until the condition holds; fail after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)

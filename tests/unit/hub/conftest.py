"""A hub core on a database of its own: real store, journal, engine, executor; tests move the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from hub import staff
from hub.bootstrap import Hub, catch_up, core
from hub.clock import Clock
from hub.config import Code, Config, StoreSettings
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


@pytest.fixture
def config(tmp_path: Path) -> Config:
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


async def add_agents(hub: Hub, *usernames: str) -> None:
    """Agents with every skill of the first rules, able to take one call or three written contacts."""
    skills = dict.fromkeys(("english", "chinese", "orders", "billing", "complaints", "vip"), 80)
    capacity = {"units": 3, "caps": {"voice": 1, "chat": 3, "sms": 3, "email": 3}, "weights": {"voice": 3}}
    for username in usernames:
        await hub.store.write(
            lambda c, username=username: staff.create_agent(  # type: ignore[misc]
                c,
                username=username,
                name=username.title(),
                password="rapport",
                skills=skills,
                capacity=capacity,
                phone_endpoint=f"phone-{username}",
            )
        )
    await catch_up(hub)


async def at_work(hub: Hub, agent_id: str) -> None:
    """The agent has a console and is available."""
    await hub.desk.reachable(AgentId(agent_id), True)
    await hub.desk.set_presence(AgentId(agent_id), Presence.AVAILABLE, "")


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until the condition holds; fail after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)

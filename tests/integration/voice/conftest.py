"""One real Asterisk for the suite, phones on it, and voice with a desk, in this process or in one to kill."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from telephony.voice import Settings, Voice, build
from tests.integration.voice.desk import WAIT_S, Desk
from tests.lab.asterisk import Asterisk
from tests.lab.miniua import UserAgent

CHECKOUT = Path(__file__).resolve().parents[3]
CALLER_HZ = 400.0
AGENT_HZ = {"agent1": 900.0, "agent2": 1250.0, "agent3": 1600.0}


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    server = Asterisk(announce_s=6)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


@asynccontextmanager
async def running_voice(asterisk: Asterisk, desk: Desk, **more: Any) -> AsyncIterator[Voice]:
    """Voice in this process; left when Asterisk is connected, stopped at the end."""
    voice = build(Settings(**asterisk.settings(), **more), desk)
    desk.voice = voice
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(voice.run())
        try:
            await desk.until("resynced")
            yield voice
        finally:
            running.cancel()


class Killable:
    """Voice and its desk in another process. `heard` waits for what the desk heard there."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def heard(self, what: str) -> list[Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(WAIT_S):
            while line := await self._process.stdout.readline():
                name, *arguments = json.loads(line)
                if name == what:
                    return arguments
        raise AssertionError(f"the process ended before {what}")

    async def kill(self) -> None:
        """kill -9."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


@asynccontextmanager
async def killable_voice(asterisk: Asterisk, *agents: str) -> AsyncIterator[Killable]:
    given = {"settings": asterisk.settings(), "agents": agents}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.voice.adapter_process",
        json.dumps(given),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
    )
    killable = Killable(process)
    try:
        await killable.heard("resynced")
        yield killable
    finally:
        await killable.kill()


@pytest.fixture
async def caller(asterisk: Asterisk) -> AsyncIterator[UserAgent]:
    async with UserAgent("caller", asterisk.sip_port, tone_hz=CALLER_HZ) as phone:
        yield phone


@asynccontextmanager
async def _agent(asterisk: Asterisk, name: str) -> AsyncIterator[UserAgent]:
    async with UserAgent(name, asterisk.sip_port, asterisk.password, tone_hz=AGENT_HZ[name]) as phone:
        await phone.register()
        yield phone
        await phone.register(expires_s=0)


@pytest.fixture
async def agent1(asterisk: Asterisk) -> AsyncIterator[UserAgent]:
    async with _agent(asterisk, "agent1") as phone:
        yield phone


@pytest.fixture
async def agent2(asterisk: Asterisk) -> AsyncIterator[UserAgent]:
    async with _agent(asterisk, "agent2") as phone:
        yield phone

"""A served hub with two agents and a supervisor."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.bootstrap import Hub
from hub.config import Config, Softphone
from tests.unit.hub.api.serving import Browser, Served, add_supervisor, served


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, softphone=Softphone("wss://pbx.example:8089/ws", "pbx.example"))


@pytest.fixture
async def site(hub: Hub, tmp_path: Path) -> AsyncIterator[Served]:
    await add_supervisor(hub)
    async with served(hub, tmp_path / "static") as found:
        yield found


@pytest.fixture
async def mia(site: Served) -> AsyncIterator[Browser]:
    async with Browser(site.url) as browser:
        await browser.login("mia")
        yield browser


@pytest.fixture
async def wei(site: Served) -> AsyncIterator[Browser]:
    async with Browser(site.url) as browser:
        await browser.login("wei")
        yield browser


@pytest.fixture
async def sue(site: Served) -> AsyncIterator[Browser]:
    async with Browser(site.url) as browser:
        await browser.login("sue")
        yield browser


@pytest.fixture
async def stranger(site: Served) -> AsyncIterator[Browser]:
    async with Browser(site.url) as browser:
        yield browser

"""A real Chromium at a whole hub: the shipped configuration, the demo company, a real SMS gateway."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Browser, async_playwright

from tests.e2e.console.desk import Desk
from tests.lab.hub_process import ROOT, HubProcess, free_port
from tests.lab.sms_gateway import SmsGateway, sms_gateway

OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
def smtp_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where the hub takes mail, as the shipped configuration says."""
    port = free_port()
    monkeypatch.setenv("RAPPORT_DEMO_SMTP_PORT", str(port))
    return port


@pytest.fixture
async def gateway() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


def shipped() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    return document


@pytest.fixture
def document(gateway: SmsGateway) -> dict[str, Any]:
    document = shipped()
    document["accounts"]["sms"] |= {
        "api_url": gateway.url,
        "account_sid": gateway.account_sid,
        "auth_token": gateway.auth_token,
    }
    return document


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's database as a first start leaves it; each test begins with a copy."""
    hub = HubProcess(tmp_path_factory.mktemp("seeded"), shipped())
    asyncio.run(hub.start())
    asyncio.run(hub.stop())
    return hub.database


@pytest.fixture
async def hub(
    tmp_path: Path, document: dict[str, Any], seeded: Path, smtp_port: int
) -> AsyncIterator[HubProcess]:
    if not (ROOT / "hub" / "static" / "index.html").is_file():
        pytest.fail("hub/static/index.html is missing: make ui")
    hub = HubProcess(tmp_path, document)
    for file in seeded.parent.glob(f"{seeded.name}*"):
        shutil.copy(file, tmp_path)
    async with hub:
        yield hub


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def open_desk(browser: Browser, hub: HubProcess) -> AsyncIterator[OpenDesk]:
    """`await open_desk(language="en", scheme="light", width=1366, height=768)`: a browser of its own."""
    desks: list[Desk] = []
    async with AsyncExitStack() as contexts:

        async def open_one(
            language: str = "en",
            scheme: str = "light",
            width: int = 1366,
            height: int = 768,
            url: str = hub.url,
        ) -> Desk:
            context = await browser.new_context(
                viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
            )
            contexts.push_async_callback(context.close)
            desk = Desk(await context.new_page(), url)
            await desk.prefer(language, scheme)
            desks.append(desk)
            return desk

        yield open_one
    assert [desk.faults for desk in desks if desk.faults] == []

"""A real Chromium at a whole hub on a real Asterisk: consoles that take calls, callers that can be heard."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.e2e.console.conftest import gateway, hub, open_desk, seeded, shipped, smtp_port
from tests.integration.hub import peers
from tests.lab.asterisk import Asterisk
from tests.lab.miniua import UserAgent

__all__ = ["gateway", "hub", "open_desk", "seeded", "smtp_port"]

CALLER_HZ, AGENT_HZ = 400.0, 900.0
FAKE_MICROPHONE = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """Phones for Mia, Wei and Noah, and one for the browser of each."""
    server = Asterisk(agents=tuple(peers.ENDPOINTS[name] for name in ("mia", "wei", "noah")), announce_s=6)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


@pytest.fixture
def document(asterisk: Asterisk) -> dict[str, Any]:
    """The shipped configuration with that Asterisk; agents have phones of their own."""
    document = shipped()
    document["voice"] = peers.voice_section(asterisk)
    return document


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FAKE_MICROPHONE)
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def caller(asterisk: Asterisk) -> AsyncIterator[UserAgent]:
    async with UserAgent("caller", asterisk.sip_port, tone_hz=CALLER_HZ) as telephone:
        yield telephone

"""A call from the browser on /demo: real Asterisk, the menu by keypad, an agent's phone that answers."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.console.desk import WAIT_MS
from tests.e2e.widget.conftest import ROOT
from tests.integration.hub.peers import at_work
from tests.lab.asterisk import Asterisk, install
from tests.lab.hub_process import HubProcess

AGENT_HZ = 900.0
FAKE_MICROPHONE = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
HEARD = """() => new Promise((resolve) => {
  // The loudest frequency of what the page plays, in Hz.
  const audio = window.heardAudio;
  if (!audio?.srcObject) return resolve(0);
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(audio.srcObject).connect(analyser);
  setTimeout(() => {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const top = bins.reduce((best, value, index) => (value > bins[best] ? index : best), 1);
    resolve(bins[top] > -90 ? top * context.sampleRate / analyser.fftSize : 0);
    void context.close();
  }, 600);
})"""
REMEMBER_AUDIO = """(() => {
  const Plain = window.Audio;
  window.Audio = function (...given) { return (window.heardAudio = new Plain(...given)); };
})()"""


@pytest.fixture
async def asterisk() -> AsyncIterator[Asterisk]:
    await asyncio.to_thread(install)
    async with Asterisk(agents=("agent1",)) as asterisk:
        yield asterisk


@pytest.fixture
async def hub(tmp_path: Path, asterisk: Asterisk) -> AsyncIterator[HubProcess]:
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    document["voice"] = asterisk.settings()
    websocket = f"ws://127.0.0.1:{asterisk.http_port}/ws"
    document["demo"]["phone"] = {"ws_uri": websocket, "password": asterisk.password}
    async with HubProcess(tmp_path, document) as hub:
        yield hub


@pytest.fixture
async def page(hub: HubProcess) -> AsyncIterator[Page]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FAKE_MICROPHONE)
        try:
            page = await browser.new_page(locale="en-GB")
            await page.add_init_script(REMEMBER_AUDIO)
            await page.goto(f"{hub.url}/demo")
            yield page
        finally:
            await browser.close()


async def press(page: Page, key: str) -> None:
    await page.get_by_role("group", name="Keypad").get_by_role("button", name=key, exact=True).click()


async def test_a_customer_calls_from_the_page_and_is_known(
    page: Page, hub: HubProcess, asterisk: Asterisk
) -> None:
    async with at_work(hub, asterisk, "mia", tone_hz=AGENT_HZ) as mia:
        await page.get_by_role("radio", name="Margaret Hale").check(force=True)
        await page.get_by_role("tab", name="Call").click()
        await page.get_by_role("button", name="Call", exact=True).click()
        await expect(page.get_by_text("Connected")).to_be_visible()
        await press(page, "1")
        await press(page, "4")
        await press(page, "#")
        ringing = await mia.phone.rung(30)
        offer = await mia.console.offered()
        assert offer["contact"]["card"]["name"] == "Margaret Hale"
        assert offer["contact"]["answers"]["language"] == "en"
        ringing.answer()
        await mia.console.active(offer["contact"]["contact_id"])
        async with asyncio.timeout(WAIT_MS / 1000):
            while abs(await page.evaluate(HEARD) - AGENT_HZ) > 15:
                pass
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.get_by_text("The call has ended.")).to_be_visible()
        await mia.console.in_state(offer["contact"]["contact_id"], "wrap_up")
        await mia.console.wrap_up(offer["contact"]["contact_id"])

"""What a newcomer does: call from the page /demo, answer in the console; both in browsers, no other phone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS
from tests.e2e.voice.sound import REMEMBER_AUDIO, hears
from tests.e2e.voice.test_softphone import answered, at_the_phone
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.hub_process import HubProcess

MICROPHONE_HZ = 400.0
"""What Chromium's fake microphone beeps."""


@pytest.fixture
def document(document: dict[str, Any], asterisk: Asterisk) -> dict[str, Any]:
    lines = {"ws_uri": asterisk.ws_url, "password": asterisk.password}
    document["softphone"], document["demo"]["phone"] = lines, dict(lines)
    return document


@pytest.fixture
async def customer(browser: Browser, hub: HubProcess) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    await page.add_init_script(REMEMBER_AUDIO)
    await page.goto(f"{hub.url}/demo")
    yield page
    await context.close()


async def test_a_call_from_the_demo_page_to_the_console(open_desk: OpenDesk, customer: Page) -> None:
    desk = await open_desk()
    await at_the_phone(desk)
    await customer.get_by_role("radio", name="Margaret Hale").check(force=True)
    await customer.get_by_role("tab", name="Call").click()
    await customer.get_by_role("button", name="Call", exact=True).click()
    await expect(customer.get_by_text("Connected")).to_be_visible(timeout=WAIT_MS)
    for key in ("1", "4", "#"):
        keypad = customer.get_by_role("group", name="Keypad")
        await keypad.get_by_role("button", name=key, exact=True).click()
    await expect(desk.offer).to_contain_text("Margaret Hale", timeout=2 * WAIT_MS)
    await hears(customer, MUSIC_HZ)
    await answered(desk)
    await hears(customer, MICROPHONE_HZ)
    await hears(desk.page, MICROPHONE_HZ)
    await desk.page.get_by_test_id("call").get_by_role("button", name="Hang up").click()
    await expect(customer.get_by_text("The call has ended.")).to_be_visible(timeout=WAIT_MS)
    await desk.wrap_up("Resolved")

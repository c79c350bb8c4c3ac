"""A call at the console, on a real Asterisk: the screen pops before the phone is answered."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS
from tests.integration.hub import peers
from tests.lab.asterisk import Asterisk
from tests.lab.hub_process import HubProcess
from tests.lab.miniua import UserAgent

MARGARET = "+442079460101"
ENDPOINT = peers.ENDPOINTS["wei"]


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    server = Asterisk(agents=(ENDPOINT,), announce_s=6)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


@pytest.fixture
def document(document: dict[str, Any], asterisk: Asterisk) -> dict[str, Any]:
    document["voice"] = peers.voice_section(asterisk)
    return document


async def test_a_call_pops_up_is_answered_held_hung_up_and_wrapped_up(
    open_desk: OpenDesk, hub: HubProcess, asterisk: Asterisk
) -> None:
    desk = await open_desk()
    async with (
        peers.phone(asterisk, ENDPOINT, "ring") as telephone,
        UserAgent("caller", asterisk.sip_port) as caller,
    ):
        await desk.log_in("wei")
        await desk.become_available()
        dialog = await caller.call(peers.DIRECT, from_user=MARGARET)
        ringing = await telephone.rung()
        await expect(desk.offer).to_contain_text("Margaret Hale", timeout=WAIT_MS)
        await expect(desk.offer).to_contain_text("Answer on your phone")
        assert ringing.state == "ringing", "the pop-up came before the phone was answered"

        telephone.accept(ringing)
        call = desk.page.get_by_test_id("call")
        await expect(call).to_have_attribute("data-state", "active", timeout=WAIT_MS)
        await expect(desk.offer).to_be_hidden()
        await expect(desk.customer).to_contain_text("Margaret Hale")
        await call.get_by_role("button", name="Hold").click()
        await expect(call).to_have_attribute("data-state", "held", timeout=WAIT_MS)
        await call.get_by_role("button", name="Resume").click()
        await expect(call).to_have_attribute("data-state", "active", timeout=WAIT_MS)
        await desk.write("Wants the delivery moved.")
        await expect(desk.box).to_have_value("")
        await expect(desk.page.get_by_test_id("unsent")).to_have_count(0, timeout=WAIT_MS)
        await expect(desk.messages.filter(has_text="Wants the delivery moved.")).to_have_count(
            1, timeout=WAIT_MS
        )

        await call.get_by_role("button", name="Hang up").click()
        await dialog.wait("ended")
        await desk.wrap_up("Resolved")
        await expect(desk.page.get_by_text("Nothing yet")).to_be_visible()


async def test_rejecting_at_the_console_stops_the_phone(
    open_desk: OpenDesk, hub: HubProcess, asterisk: Asterisk
) -> None:
    desk = await open_desk()
    async with (
        peers.phone(asterisk, ENDPOINT, "ring") as telephone,
        UserAgent("caller", asterisk.sip_port) as caller,
    ):
        await desk.log_in("wei")
        await desk.become_available()
        await caller.call(peers.DIRECT, from_user=MARGARET)
        ringing = await telephone.rung()
        await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
        await desk.page.keyboard.press("Alt+KeyR")
        await expect(desk.offer).to_be_hidden(timeout=WAIT_MS)
        await ringing.wait("ended")

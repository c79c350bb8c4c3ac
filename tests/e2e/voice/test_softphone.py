"""The telephone inside the console: no other phone, real Asterisk, sound in both directions."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from hub.demo.seed_showcase import SHOWCASE
from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS, Desk
from tests.e2e.console.test_screens import LOOKS, Camera
from tests.e2e.voice.conftest import CALLER_HZ
from tests.e2e.voice.sound import LOUDEST_HZ, REMEMBER_AUDIO, hears
from tests.integration.hub.peers import state_of, until_rows
from tests.lab.agent import Agent
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.hub_process import HubProcess
from tests.lab.miniua import Dialog, UserAgent

MARGARET = next(person for person in SHOWCASE if person.key == "margaret")
VOICE_MIN_LEVEL = 300.0
"""The fake microphone beeps; comfort noise stays far below."""
REFUSE_MICROPHONE = """navigator.mediaDevices.getUserMedia = async () => {
  if (window.allowed) return window.realMicrophone({ audio: true });
  throw new DOMException('refused', 'NotAllowedError');
};"""
KEEP_MICROPHONE = "window.realMicrophone = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"


@pytest.fixture
def document(document: dict[str, Any], asterisk: Asterisk) -> dict[str, Any]:
    document["softphone"] = {"ws_uri": asterisk.ws_url, "password": asterisk.password}
    return document


async def phone_is(desk: Desk, state: str) -> None:
    await expect(desk.page.get_by_test_id("phone")).to_have_attribute("data-state", state, timeout=WAIT_MS)


async def at_the_phone(desk: Desk, username: str = "mia") -> None:
    """Logged in, registered, available."""
    await desk.page.add_init_script(REMEMBER_AUDIO)
    await desk.log_in(username)
    await desk.become_available()
    await phone_is(desk, "ready")


def call_of(desk: Desk) -> Locator:
    return desk.page.get_by_test_id("call")


async def answered(desk: Desk) -> None:
    """Accept in the page, which alone must answer."""
    await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
    await desk.offer.get_by_role("button", name="Accept").click()
    await expect(call_of(desk)).to_have_attribute("data-state", "active", timeout=WAIT_MS)


async def hears_caller(desk: Desk) -> None:
    await hears(desk.page, CALLER_HZ)


async def hears_agent(customer: Dialog, on: bool = True) -> None:
    """Wait until the customer hears the fake microphone; or nothing, longer than between beeps."""
    quiet_s = 0.0
    async with asyncio.timeout(WAIT_MS / 1000):
        while True:
            loud = customer.media.loudness() > VOICE_MIN_LEVEL
            if on and loud:
                return
            quiet_s = 0.0 if loud else quiet_s + 0.05
            if not on and quiet_s > 3:
                return
            await asyncio.sleep(0.05)


async def test_a_call_is_answered_muted_keyed_and_hung_up_in_the_page(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    desk = await open_desk()
    await at_the_phone(desk)
    customer = await caller.call("2000", from_user=MARGARET.phone)
    await expect(desk.offer).to_contain_text("Press Accept to talk through your headset", timeout=WAIT_MS)
    await customer.hears(MUSIC_HZ)
    assert await desk.page.evaluate(LOUDEST_HZ) == 0, "nothing is heard before the agent accepts"
    await answered(desk)
    await hears_caller(desk)
    await hears_agent(customer)

    call = call_of(desk)
    await call.get_by_role("button", name="Mute").click()
    await expect(call).to_contain_text("Muted")
    await hears_agent(customer, on=False)
    await call.get_by_role("button", name="Mute").click()
    await hears_agent(customer)

    await call.get_by_role("button", name="Keypad").click()
    keys = desk.page.get_by_role("group", name="Keypad")
    for key in ("4", "2", "#"):
        await keys.get_by_role("button", name=key, exact=True).click()
    async with asyncio.timeout(WAIT_MS / 1000):
        while customer.media.digits_heard != "42#":
            await asyncio.sleep(0.05)
    await desk.page.keyboard.press("Escape")

    await call.get_by_role("button", name="Hold").click()
    await expect(call).to_have_attribute("data-state", "held", timeout=WAIT_MS)
    customer.media.forget()
    await customer.hears(MUSIC_HZ)
    await call.get_by_role("button", name="Resume").click()
    await expect(call).to_have_attribute("data-state", "active", timeout=WAIT_MS)
    await hears_caller(desk)

    await call.get_by_role("button", name="Hang up").click()
    await customer.wait("ended")
    await desk.wrap_up("Resolved")
    await phone_is(desk, "ready")


async def test_the_caller_hangs_up_and_the_next_call_comes(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    desk = await open_desk()
    await at_the_phone(desk)
    for _ in range(2):
        customer = await caller.call("2000", from_user=MARGARET.phone)
        await answered(desk)
        await hears_agent(customer)
        customer.hang_up()
        await desk.wrap_up("Resolved")


async def test_accepted_before_the_phone_rings(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    """At the moment of the offer, on another console of the agent: the phone here answers as it rings."""
    desk = await open_desk()
    await at_the_phone(desk)
    async with Agent(hub.url, "mia") as console:

        async def accept(offer: dict[str, Any]) -> None:
            await console.accept(offer["offer_id"])

        console.on_offer = accept
        customer = await caller.call("2000", from_user=MARGARET.phone)
        await expect(call_of(desk)).to_have_attribute("data-state", "active", timeout=WAIT_MS)
        await hears_agent(customer)
        await hears_caller(desk)
        customer.hang_up()
        await expect(desk.page.get_by_test_id("wrap-up")).to_be_visible(timeout=WAIT_MS)


async def test_a_call_given_up_or_rejected_stops_ringing_here(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    desk = await open_desk()
    await at_the_phone(desk)
    customer = await caller.call("2000", from_user=MARGARET.phone)
    await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
    customer.hang_up()
    await expect(desk.offer).to_have_count(0, timeout=WAIT_MS)
    customer = await caller.call("2000", from_user=MARGARET.phone)
    await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
    await desk.offer.get_by_role("button", name="Reject").click()
    await expect(desk.offer).to_have_count(0, timeout=WAIT_MS)
    await until_rows(hub, [("queued", "")], *state_of(MARGARET.phone))
    await expect(call_of(desk)).to_have_count(0)
    await phone_is(desk, "ready")


async def test_one_tab_is_the_phone_and_another_may_take_it(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    """Accepting in a tab that is not the phone answers in the one that is; a call is never taken away."""
    first = await open_desk()
    await at_the_phone(first)
    second = Desk(await first.context.new_page(), hub.url)
    await second.page.add_init_script(REMEMBER_AUDIO)
    await second.page.goto(hub.url)
    await second.is_live()
    await phone_is(second, "elsewhere")

    customer = await caller.call("2000", from_user=MARGARET.phone)
    await answered(second)
    await hears_agent(customer)
    await hears_caller(first)
    await expect(call_of(second).get_by_role("button", name="Mute")).to_have_count(0)
    await second.page.get_by_role("button", name="Use the phone here").click()
    await expect(second.page.get_by_text("The other tab is on a call")).to_be_visible()
    customer.hang_up()
    await second.wrap_up("Resolved")

    await second.page.get_by_role("button", name="Use the phone here").click()
    await phone_is(second, "ready")
    await phone_is(first, "elsewhere")
    customer = await caller.call("2000", from_user=MARGARET.phone)
    await answered(second)
    await hears_caller(second)
    customer.hang_up()
    await second.wrap_up("Resolved")
    await second.page.close()
    await phone_is(first, "ready")


async def test_without_a_microphone_no_calls_come(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    desk = await open_desk()
    await desk.page.add_init_script(KEEP_MICROPHONE + REFUSE_MICROPHONE)
    await desk.log_in("mia")
    await desk.become_available()
    await phone_is(desk, "no_microphone")
    await expect(desk.page.get_by_role("alert")).to_contain_text("The browser refuses the microphone")
    await caller.call("2000", from_user=MARGARET.phone)
    await until_rows(hub, [("queued", "")], *state_of(MARGARET.phone))
    await expect(desk.offer).to_have_count(0)
    await desk.page.evaluate("window.allowed = true")
    await desk.page.get_by_role("button", name="Try again").click()
    await phone_is(desk, "ready")
    await expect(desk.offer).to_be_visible(timeout=WAIT_MS)


async def test_a_lost_registration_is_told_and_comes_back(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    desk = await open_desk()
    lines: list[Any] = []
    cut = False

    async def relay(line: Any) -> None:
        """The way to the telephone system, which this test cuts."""
        if cut:
            await line.close()
            return
        line.connect_to_server()
        lines.append(line)

    await desk.page.route_web_socket("**/ws", relay)
    await at_the_phone(desk)
    cut = True
    for line in lines:
        await line.close()
    await phone_is(desk, "lost")
    await expect(desk.page.get_by_role("alert")).to_contain_text("lost the telephone system")
    await expect(desk.page.get_by_test_id("link")).to_have_attribute("data-state", "live")
    await caller.call("2000", from_user=MARGARET.phone)
    await until_rows(hub, [("queued", "")], *state_of(MARGARET.phone))
    await expect(desk.offer).to_have_count(0)
    cut = False
    await phone_is(desk, "ready")
    await expect(desk.offer).to_be_visible(timeout=WAIT_MS)


async def test_a_tab_with_a_call_asks_before_it_closes(
    open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    desk = await open_desk()
    await at_the_phone(desk)
    customer = await caller.call("2000", from_user=MARGARET.phone)
    await answered(desk)
    await expect(call_of(desk).get_by_role("button", name="Mute")).to_be_visible(timeout=WAIT_MS)
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    desk.page.on("dialog", lambda dialog: asyncio.ensure_future(stay(dialog)))
    await desk.page.close(run_before_unload=True)
    async with asyncio.timeout(WAIT_MS / 1000):
        while not asked:
            await asyncio.sleep(0.05)
    assert asked == ["beforeunload"]
    await hears_agent(customer)
    await desk.page.close()
    await customer.wait("ended")


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
async def test_screens_of_the_phone(
    language: str, scheme: str, open_desk: OpenDesk, hub: HubProcess, caller: UserAgent
) -> None:
    """Pictures of the telephone in var/screens/."""
    camera = Camera(language, scheme)
    desk = await open_desk(language, scheme, 1440, 900)
    await desk.page.add_init_script(KEEP_MICROPHONE + REFUSE_MICROPHONE)
    await desk.log_in("mia")
    await desk.become_available()
    await phone_is(desk, "no_microphone")
    await camera.shoot(desk, "softphone-no-microphone")
    await desk.page.evaluate("window.allowed = true")
    await desk.page.get_by_role("alert").get_by_role("button").click()
    await phone_is(desk, "ready")
    customer = await caller.call("2000", from_user=MARGARET.phone)
    await desk.accept()
    buttons = call_of(desk).get_by_role("button")
    await expect(buttons).to_have_count(5, timeout=WAIT_MS)
    await expect(call_of(desk)).to_have_attribute("data-state", "active", timeout=WAIT_MS)
    await buttons.nth(2).click()
    await expect(desk.page.get_by_role("group", name=re.compile("Keypad|拨号键盘"))).to_be_visible()
    await camera.shoot(desk, "softphone-call")
    customer.hang_up()

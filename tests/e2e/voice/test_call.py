"""A call at the console: who it is before the phone is lifted, Accept lifts it, and how it ends.

The agents have ordinary SIP phones here; the telephone inside the console is in `test_softphone.py`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Locator, expect

from hub.demo.seed_showcase import SHOWCASE
from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS, Desk
from tests.e2e.console.test_screens import LOOKS, Camera
from tests.e2e.voice.conftest import AGENT_HZ, CALLER_HZ
from tests.integration.hub.peers import ENDPOINTS, at_work, finish, press, state_of, until_rows
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.hub_process import HubProcess
from tests.lab.miniua import UserAgent

PEOPLE = {person.key: person for person in SHOWCASE}
RING_STOPS_S = 0.2


@asynccontextmanager
async def phone_of(asterisk: Asterisk, username: str) -> AsyncIterator[UserAgent]:
    """The agent's registered SIP phone; it rings until it is answered, or told to answer by NOTIFY."""
    name = ENDPOINTS[username]
    async with UserAgent(name, asterisk.sip_port, asterisk.password, AGENT_HZ) as telephone:
        await telephone.register()
        yield telephone
        await telephone.register(expires_s=0)


async def is_available(desk: Desk, username: str = "mia") -> None:
    await desk.log_in(username)
    await desk.become_available()


def button(place: Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name)


async def test_a_call_from_the_screen_pop_to_the_wrap_up(
    open_desk: OpenDesk, hub: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    margaret = PEOPLE["margaret"]
    desk = await open_desk()
    async with phone_of(asterisk, "mia") as phone:
        await is_available(desk)
        customer = await caller.call("1000", from_user=margaret.phone)
        await press(customer, "1", "4", "#")
        ringing = await phone.rung(30)

        # Everything is on the screen while the phone still rings.
        for words in ("Incoming call", margaret.name, "Platinum", "Value", "Loyalty", "English"):
            await expect(desk.offer).to_contain_text(words, timeout=WAIT_MS)
        value = desk.offer.get_by_test_id("value")
        assert int(await value.inner_text()) > 50
        before = desk.offer.get_by_role("list", name="Last interactions").get_by_role("listitem")
        await expect(before).to_have_count(3)
        await expect(desk.customer.get_by_role("heading", name=margaret.name)).to_be_visible()
        await expect(desk.customer).to_contain_text("Last interactions")
        assert ringing.state == "ringing"

        await button(desk.offer, "Accept").click()
        await ringing.wait("up")
        await customer.hears(AGENT_HZ)
        await ringing.hears(CALLER_HZ)
        call = desk.page.get_by_test_id("call")
        await expect(call).to_have_attribute("data-state", "active", timeout=WAIT_MS)
        await expect(call).to_contain_text(margaret.name)
        await expect(call).to_contain_text("On the call")
        await expect(call).to_contain_text(re.compile(r"0:(0[1-9]|[1-5]\d)"), timeout=WAIT_MS)
        await expect(desk.offer).to_have_count(0)

        await button(call, "Hold").click()
        await expect(call).to_contain_text("On hold", timeout=WAIT_MS)
        customer.media.forget()
        await customer.hears(MUSIC_HZ)
        await button(call, "Resume").click()
        await expect(call).to_contain_text("On the call", timeout=WAIT_MS)
        customer.media.forget()
        await customer.hears(AGENT_HZ)

        await button(call, "Hang up").click()
        await customer.wait("ended")
        await ringing.wait("ended")
        await expect(call).to_have_count(0)
        await expect(desk.page.get_by_test_id("presence")).to_contain_text("Wrapping up")
        await desk.wrap_up("Resolved", "Corkscrew replaced.")
        story = (
            "select state, disposition from interactions where address = ? and channel = 'voice'"
            " order by opened_at_ms desc limit 1"
        )
        await until_rows(hub, [("closed", "resolved")], story, margaret.phone)

        again = await caller.call("2000", from_user=PEOPLE["derek"].phone)
        await expect(desk.offer).to_contain_text("Derek Stone", timeout=WAIT_MS)
        again.hang_up()
        await expect(desk.offer).to_have_count(0, timeout=WAIT_MS)


async def test_rejected_in_the_page_the_next_agent_is_rung(
    open_desk: OpenDesk, hub: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    desk = await open_desk()
    async with phone_of(asterisk, "mia") as phone:
        await is_available(desk)
        customer = await caller.call("2000", from_user="+442079461108")
        refused = await phone.rung()
        async with at_work(hub, asterisk, "noah", tone_hz=AGENT_HZ) as noah:
            await button(desk.offer, "Reject").click()
            await refused.wait("cancelled")
            await expect(desk.offer).to_have_count(0, timeout=WAIT_MS)
            ringing = await noah.phone.rung()
            offer = await noah.console.offered()
            ringing.answer()
            await customer.hears(AGENT_HZ)
            customer.hang_up()
            await finish(noah, offer["contact"]["contact_id"])
        await expect(desk.page.get_by_test_id("presence")).to_have_attribute("data-presence", "available")
        await expect(desk.work).to_have_count(0)


async def test_a_caller_who_gives_up_takes_the_offer_along(
    open_desk: OpenDesk, hub: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    number = PEOPLE["derek"].phone
    desk = await open_desk()
    async with phone_of(asterisk, "mia") as phone:
        await is_available(desk)
        customer = await caller.call("2000", from_user=number)
        ringing = await phone.rung()
        await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
        customer.hang_up()
        assert await ringing.wait("cancelled") - customer.times["ended"] < RING_STOPS_S
        await expect(desk.offer).to_have_count(0, timeout=WAIT_MS)
        await until_rows(hub, [("abandoned", "caller left (waiting)")], *state_of(number))
        await expect(desk.page.get_by_test_id("presence")).to_have_attribute("data-presence", "available")
        await expect(desk.page.get_by_text("Nothing yet")).to_be_visible()


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
async def test_screens_of_a_call(
    language: str, scheme: str, open_desk: OpenDesk, asterisk: Asterisk, hub: HubProcess, caller: UserAgent
) -> None:
    """Pictures of each state in var/screens/."""
    camera = Camera(language, scheme)
    person = PEOPLE["margaret" if language == "en" else "xiaoyun"]
    desk = await open_desk(language, scheme, 1440, 900)
    async with phone_of(asterisk, "wei") as phone:
        await is_available(desk, "wei")
        customer = await caller.call("1000", from_user=person.phone)
        await press(customer, "1" if language == "en" else "2", "4", "#")
        ringing = await phone.rung(30)
        await expect(desk.offer).to_contain_text(person.name, timeout=WAIT_MS)
        await camera.shoot(desk, "call-offer")
        assert ringing.state == "ringing"
        await desk.accept()
        call = desk.page.get_by_test_id("call")
        await expect(call).to_have_attribute("data-state", "active", timeout=WAIT_MS)
        await desk.write("Wants two more cases by Friday." if language == "en" else "周五前还要两箱。")
        await expect(desk.messages).to_have_count(1, timeout=WAIT_MS)
        await camera.shoot(desk, "call-active")
        await call.get_by_role("button").nth(1).click()
        await expect(call).to_have_attribute("data-state", "held", timeout=WAIT_MS)
        await camera.shoot(desk, "call-held")
        await call.get_by_role("button").last.click()
        await customer.wait("ended")
        await expect(desk.page.get_by_test_id("wrap-up")).to_be_visible(timeout=WAIT_MS)
        await camera.shoot(desk, "call-wrap-up")
        await desk.wrap_up("Resolved" if language == "en" else "已解决", "…")

"""An agent's day in a real browser: log in, be offered, talk, lose the network, wrap up."""

import re

from playwright.async_api import expect

from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS, until
from tests.integration.hub import peers
from tests.lab.hub_process import HubProcess
from tests.lab.sms_gateway import SmsGateway

MARGARET = "+442079460101"
"""A demo customer who has bought for years."""


def texts(visitor: peers.Visitor) -> list[str]:
    return [text for _, _, text in visitor.seen]


async def test_a_wrong_password_is_told_and_a_right_one_opens_the_console(open_desk: OpenDesk) -> None:
    desk = await open_desk()
    await desk.log_in("mia", "not-the-password")
    await expect(desk.page.get_by_role("alert")).to_contain_text("wrong", timeout=WAIT_MS)
    await desk.log_in("mia")
    await desk.is_live()
    await desk.page.reload()
    await desk.is_live()


async def test_too_many_wrong_passwords_are_told_with_the_time_to_wait(open_desk: OpenDesk) -> None:
    desk = await open_desk()
    await desk.log_in("mia", "wrong")
    alert = desk.page.get_by_role("alert")
    limited = re.compile(r"Too many attempts. Try again in \d+ second")
    for attempt in range(20):
        await expect(alert).to_be_visible(timeout=WAIT_MS)
        if limited.match(await alert.inner_text()):
            break
        await desk.page.locator("input[type=password]").fill(f"wrong {attempt}")
        await desk.page.keyboard.press("Enter")
    await expect(alert).to_have_text(limited)
    await expect(desk.page.get_by_role("button", name="Sign in")).to_be_disabled()


async def test_a_chat_from_offer_to_wrap_up(open_desk: OpenDesk, hub: HubProcess) -> None:
    desk = await open_desk()
    await desk.log_in("mia")
    await desk.become_available()
    async with peers.visitor(hub) as visitor:
        await visitor.say("client-0001", "The corkscrew broke.")
        await expect(desk.offer).to_contain_text("Incoming chat", timeout=WAIT_MS)
        await expect(desk.offer).to_contain_text("The corkscrew broke.")
        await expect(desk.page).to_have_title(re.compile(r"^\(1\)"))
        await desk.accept()
        await expect(desk.messages.last).to_contain_text("The corkscrew broke.", timeout=WAIT_MS)

        await desk.write("I will send a new one.")
        await until(lambda: "I will send a new one." in texts(visitor))
        await desk.page.get_by_role("tab", name="Internal note").click()
        await desk.write("Goodwill, no return.")
        await expect(desk.messages.filter(has_text="Goodwill, no return.")).to_have_attribute(
            "data-author", "note"
        )
        await visitor.say("client-0002", "Thank you!")
        await expect(desk.messages.last).to_contain_text("Thank you!", timeout=WAIT_MS)
        assert "Goodwill, no return." not in texts(visitor)

        await desk.page.get_by_role("button", name="End chat").click()
        form = desk.page.get_by_test_id("wrap-up")
        await form.locator("button[type=submit]").click()
        await expect(form).to_contain_text("Choose an outcome first.")
        await desk.wrap_up("Resolved", "A new corkscrew.")
        await expect(desk.page.get_by_text("Nothing yet")).to_be_visible()


async def test_nothing_typed_is_lost_or_sent_twice(open_desk: OpenDesk, hub: HubProcess) -> None:
    desk = await open_desk()
    await desk.log_in("mia")
    await desk.become_available()
    async with peers.visitor(hub) as visitor:
        await visitor.say("client-0001", "Hello?")
        await desk.accept()
        await expect(desk.page.get_by_role("button", name="End chat")).to_be_enabled(timeout=WAIT_MS)

        await desk.context.set_offline(True)
        await expect(desk.page.get_by_text("Connection lost")).to_be_visible(timeout=2 * WAIT_MS)
        await expect(desk.page.get_by_role("button", name="End chat")).to_be_disabled()
        await desk.write("Written without a network.")
        await expect(desk.page.get_by_test_id("unsent")).to_contain_text("Waiting for the connection")
        await desk.box.fill("Half a sen")
        await visitor.say("client-0002", "Said meanwhile.")

        await desk.context.set_offline(False)
        await desk.is_live()
        await expect(desk.messages.filter(has_text="Said meanwhile.")).to_have_count(1, timeout=WAIT_MS)
        await expect(desk.messages.filter(has_text="Written without a network.")).to_have_count(
            1, timeout=WAIT_MS
        )
        await expect(desk.page.get_by_test_id("unsent")).to_have_count(0)
        await expect(desk.box).to_have_value("Half a sen")
        await desk.page.reload()
        await expect(desk.box).to_have_value("Half a sen", timeout=WAIT_MS)
        await until(lambda: texts(visitor).count("Written without a network.") == 1)


async def test_the_hub_dies_and_the_console_goes_on_by_itself(open_desk: OpenDesk, hub: HubProcess) -> None:
    desk = await open_desk()
    await desk.log_in("mia")
    await desk.become_available()
    async with peers.visitor(hub) as visitor:
        await visitor.say("client-0001", "Still there?")
        await desk.accept()
        await expect(desk.page.get_by_role("button", name="End chat")).to_be_enabled(timeout=WAIT_MS)
        await hub.kill()
        await expect(desk.page.get_by_text("Connection lost")).to_be_visible(timeout=2 * WAIT_MS)
        await desk.write("Yes, one moment.")
        await hub.start()
        await desk.is_live()
        await expect(desk.messages.filter(has_text="Yes, one moment.")).to_have_count(1, timeout=WAIT_MS)
        await until(lambda: texts(visitor).count("Yes, one moment.") == 1)


async def test_a_text_pops_the_customer_and_two_contacts_stand_side_by_side(
    open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway
) -> None:
    desk = await open_desk()
    await desk.log_in("wei")
    await desk.become_available()
    await peers.text(gateway, hub, MARGARET, "Where is my order?", "SM" + "1" * 32)
    await expect(desk.offer).to_contain_text("Margaret Hale", timeout=WAIT_MS)
    await expect(desk.offer).to_contain_text("Platinum")
    await desk.accept()
    for words in ("Margaret Hale", "Platinum", "Open matters", "Last interactions"):
        await expect(desk.customer).to_contain_text(words)
    await desk.customer.get_by_role("button", name="Why this score").click()
    await expect(desk.customer).to_contain_text("As of")
    async with peers.visitor(hub) as visitor:
        await visitor.say("client-0001", "Hi.")
        await desk.accept()
        await expect(desk.work).to_have_count(2)
        await desk.work.first.click()
        await expect(desk.customer).to_contain_text("Margaret Hale")
    await desk.write("It comes tomorrow.")
    await until(lambda: any(sent.body == "It comes tomorrow." for sent in gateway.sent))


async def test_a_missed_offer_is_explained_and_one_click_brings_work_back(
    open_desk: OpenDesk, hub: HubProcess
) -> None:
    peers.publish_ring_time(hub, 3)
    desk = await open_desk()
    await desk.log_in("mia")
    await desk.become_available()
    async with peers.visitor(hub) as visitor:
        await visitor.say("client-0001", "Anybody?")
        await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
        await expect(desk.page.get_by_text("You missed an offer")).to_be_visible(timeout=WAIT_MS)
        await expect(desk.offer).to_be_hidden()
        await desk.page.get_by_role("button", name="I am back").click()
        await expect(desk.page.get_by_test_id("presence")).to_have_attribute("data-presence", "available")
        await desk.accept()


async def test_the_supervisor_sees_who_waits_and_why(
    open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway
) -> None:
    desk = await open_desk()
    await desk.log_in("sam", path="/supervisor")
    board = desk.page.get_by_test_id("board")
    await expect(board).to_contain_text("Queues", timeout=WAIT_MS)
    await peers.text(gateway, hub, MARGARET, "Hello?", "SM" + "2" * 32)
    waiting = board.locator("li").filter(has_text="Margaret Hale")
    await expect(waiting).to_contain_text("offline", timeout=WAIT_MS)
    agent = await open_desk()
    await agent.log_in("wei")
    await agent.become_available()
    await agent.accept()
    await expect(waiting).to_have_count(1, timeout=WAIT_MS)
    await expect(waiting).to_contain_text("陈伟", timeout=WAIT_MS)

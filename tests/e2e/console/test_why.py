"""Explanations in a real browser: why somebody waits, why an agent got a contact; status after the work."""

import secrets

from playwright.async_api import Route, expect

from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS, Desk
from tests.e2e.console.test_screens import MARGARET
from tests.integration.hub import peers
from tests.lab.hub_process import HubProcess
from tests.lab.sms_gateway import SmsGateway


async def text(gateway: SmsGateway, hub: HubProcess) -> None:
    await peers.text(gateway, hub, MARGARET, "Where is my order?", "SM" + secrets.token_hex(16))


async def board_with_margaret(open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway) -> Desk:
    desk = await open_desk()
    await desk.log_in("sam", path="/supervisor")
    await expect(desk.page.locator("table").first).to_be_visible(timeout=WAIT_MS)
    await text(gateway, hub)
    await expect(desk.waiting).to_have_count(1, timeout=WAIT_MS)
    return desk


async def test_a_supervisor_asks_why_somebody_waits_with_the_keys_alone(
    open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway
) -> None:
    desk = await board_with_margaret(open_desk, hub, gateway)
    await desk.waiting.focus()
    await desk.page.keyboard.press("Enter")
    drawer = desk.page.get_by_role("dialog", name="Margaret Hale")
    await expect(drawer).to_contain_text("Nobody who could help is free", timeout=WAIT_MS)
    await expect(drawer).to_contain_text("1 of 1")
    await expect(drawer.get_by_role("listitem").filter(has_text="comes to work").first).to_be_visible()
    await expect(drawer).to_contain_text("Routed by the rule “")
    await desk.page.keyboard.press("Escape")
    await expect(drawer).to_have_count(0, timeout=WAIT_MS)
    await expect(desk.waiting).to_be_focused()


async def test_the_open_explanation_follows_what_happens(
    open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway
) -> None:
    desk = await board_with_margaret(open_desk, hub, gateway)
    await desk.waiting.click()
    await expect(desk.page.get_by_test_id("why")).to_be_visible(timeout=WAIT_MS)
    agent = await open_desk()
    await agent.log_in("wei")
    await agent.become_available()
    await agent.accept()
    over = desk.page.get_by_test_id("why-over")
    await expect(over).to_contain_text("It waits no longer", timeout=WAIT_MS)
    await expect(over.get_by_test_id("decision")).to_contain_text("陈伟", timeout=WAIT_MS)


async def test_an_explanation_that_does_not_come_says_so_and_can_be_asked_again(
    open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway
) -> None:
    desk = await board_with_margaret(open_desk, hub, gateway)

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, body="{}", content_type="application/problem+json")

    await desk.page.route("**/why", fail)
    await desk.waiting.click()
    trouble = desk.page.get_by_role("alert")
    await expect(trouble).to_contain_text("could not be loaded", timeout=WAIT_MS)
    await desk.page.unroute("**/why", fail)
    await trouble.get_by_role("button").click()
    await expect(desk.page.get_by_test_id("why")).to_be_visible(timeout=WAIT_MS)


async def test_an_agent_sees_who_was_compared_and_who_could_not_be_asked(
    open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway
) -> None:
    desk = await open_desk()
    await desk.log_in("wei")
    await desk.become_available()
    await text(gateway, hub)
    await desk.accept()
    decision = desk.customer.get_by_test_id("decision").first
    await expect(decision).to_contain_text("nobody else was free", timeout=WAIT_MS)
    await expect(decision.get_by_role("listitem").filter(has_text="陈伟")).to_contain_text("Chosen")
    await expect(decision.get_by_role("listitem").filter(has_text="fit of skills").last).to_contain_text("+")
    await expect(decision.get_by_role("listitem").filter(has_text="offline").first).to_be_visible()


async def test_a_status_may_wait_for_the_work_in_hand(
    open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway
) -> None:
    desk = await open_desk()
    await desk.log_in("wei")
    await desk.become_available()
    await text(gateway, hub)
    await desk.accept()
    presence = desk.page.get_by_test_id("presence")
    await presence.click()
    await desk.page.get_by_role("menuitemcheckbox").click()
    await expect(desk.page.get_by_role("menuitemcheckbox")).to_be_checked()
    await desk.page.get_by_role("menuitem", name="Break").click()
    await expect(desk.page.get_by_test_id("pending")).to_contain_text("then Break", timeout=WAIT_MS)
    await expect(presence).to_have_attribute("data-presence", "available")
    await desk.page.set_viewport_size({"width": 390, "height": 844})
    await expect(desk.page.get_by_test_id("pending")).to_be_in_viewport(ratio=1)
    await expect(presence).to_be_in_viewport(ratio=1)
    await desk.page.set_viewport_size({"width": 1366, "height": 768})
    await desk.page.locator("main header button").click()
    await desk.wrap_up("Resolved")
    await expect(presence).to_have_attribute("data-presence", "aux", timeout=WAIT_MS)
    await expect(desk.page.get_by_test_id("pending")).to_have_count(0)

"""Every screen of the console passes WCAG A/AA in light and dark, English and Chinese; keys alone suffice."""

import asyncio
import secrets

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.accessibility import Audit
from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS, Desk, until
from tests.e2e.console.test_screens import MARGARET, write_mail
from tests.integration.hub import peers
from tests.lab.hub_process import HubProcess
from tests.lab.sms_gateway import SmsGateway

STRANGER = "+442079460777"
STOPS_MAX = 60
"""More Tab stops than any screen has."""

FOCUS = r"""() => {
  // Where the focus is, and what is wrong with how it shows; "" is nothing.
  let at = document.activeElement;
  if (at === null || at === document.body) return "no focus";
  const box = at.getBoundingClientRect();
  const inView = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  if (!inView) return `out of view: ${at.outerHTML.slice(0, 200)}`;
  const ring = /\b0px 0px 0px [2-9]/;  // a shadow that neither moves nor blurs: round the box of the field
  for (let box = at, height = 0; box && height < 4; box = box.parentElement, height++) {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(box);
    if (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 || ring.test(boxShadow)) return "";
  }
  return `without a ring: ${at.outerHTML.slice(0, 200)}`;
}"""


async def text(gateway: SmsGateway, hub: HubProcess, sender: str) -> None:
    await peers.text(gateway, hub, sender, "Where is my order?", "SM" + secrets.token_hex(16))


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_screen_passes(
    language: str, open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway, smtp_port: int
) -> None:
    audit = Audit()
    desk = await open_desk(language, "auto", 1440, 900)
    await desk.log_in("wei", "wrong")
    await expect(desk.page.get_by_role("alert")).to_be_visible()
    await audit.look(desk.page, "login")
    await desk.log_in("wei")
    await desk.is_live()
    await audit.look(desk.page, "away")
    await desk.page.get_by_test_id("presence").click()
    await expect(desk.page.get_by_role("menu")).to_be_visible()
    await audit.look(desk.page, "presence")
    await desk.page.get_by_role("menuitem").first.click()
    await expect(desk.page.get_by_test_id("presence")).to_have_attribute("data-presence", "available")
    await audit.look(desk.page, "available")
    await work(desk, audit, hub, gateway, smtp_port)
    await desk.page.get_by_test_id("presence").click()
    await desk.page.get_by_role("menuitem").nth(-2).click()
    await expect(desk.page.get_by_test_id("presence")).to_have_attribute("data-presence", "offline")
    await board(await open_desk(language, "auto", 1440, 900), audit, hub, gateway)

    peers.publish_ring_time(hub, 2)
    late = await open_desk(language, "auto", 1440, 900)
    await late.log_in("mia")
    await late.become_available()  # and does not answer the one who waits
    await expect(late.page.get_by_test_id("presence")).to_have_attribute(
        "data-presence", "rona", timeout=WAIT_MS
    )
    await audit.look(late.page, "rona")
    await hub.kill()
    await expect(late.page.get_by_test_id("link")).to_have_attribute("data-state", "stale", timeout=WAIT_MS)
    await audit.look(late.page, "connection lost")
    audit.verdict()


async def work(desk: Desk, audit: Audit, hub: HubProcess, gateway: SmsGateway, smtp_port: int) -> None:
    """A chat, a text and a mail side by side, and the first of them to its end."""
    async with peers.visitor(hub) as visitor:
        await visitor.say("client-0001", "The corkscrew broke.")
        await desk.accept()
        await desk.write("I will send you a new one today.")
        await expect(desk.page.get_by_test_id("unsent")).to_have_count(0, timeout=WAIT_MS)
        await text(gateway, hub, MARGARET)
        await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
        await audit.look(desk.page, "offer")
        await desk.accept()
        await expect(desk.customer).to_contain_text("Margaret Hale", timeout=WAIT_MS)
        await desk.customer.locator("button[aria-expanded]").first.click()
        await audit.look(desk.page, "screen-pop")
        await desk.page.get_by_test_id("presence").click()
        await desk.page.get_by_role("menuitemcheckbox").click()
        await audit.look(desk.page, "status after the work")
        await desk.page.get_by_role("menuitem").nth(1).click()
        await expect(desk.page.get_by_test_id("pending")).to_be_visible(timeout=WAIT_MS)
        await audit.look(desk.page, "status to come")
        await desk.page.get_by_test_id("presence").click()
        await desk.page.get_by_role("menuitem").first.click()
        await expect(desk.page.get_by_test_id("pending")).to_have_count(0, timeout=WAIT_MS)
        await asyncio.to_thread(write_mail, smtp_port)
        await desk.accept()
        await expect(desk.page.locator("iframe")).to_be_visible(timeout=WAIT_MS)
        await audit.look(desk.page, "mail")

        await desk.work.first.click()
        await desk.page.get_by_role("tab").nth(1).click()
        await desk.write("VIP?")
        await expect(desk.messages.last).to_have_attribute("data-author", "note", timeout=WAIT_MS)
        await desk.box.fill("A second note")
        await audit.look(desk.page, "note")
        await desk.page.get_by_role("tab").first.click()
        await desk.box.fill("One more")
        await audit.look(desk.page, "chat")
        await desk.page.set_viewport_size({"width": 390, "height": 844})
        await audit.look(desk.page, "chat, narrow")
        await desk.page.set_viewport_size({"width": 1440, "height": 900})
        await desk.page.locator("main header button").click()
        form = desk.page.get_by_test_id("wrap-up")
        await form.locator("button[type=submit]").click()
        await expect(form.get_by_role("combobox")).to_have_attribute("aria-invalid", "true")
        await audit.look(desk.page, "wrap-up")


async def board(desk: Desk, audit: Audit, hub: HubProcess, gateway: SmsGateway) -> None:
    await desk.log_in("sam", path="/supervisor")
    await expect(desk.page.locator("table").first).to_be_visible(timeout=WAIT_MS)
    await text(gateway, hub, STRANGER)
    await expect(desk.waiting.first).to_be_visible(timeout=WAIT_MS)
    await audit.look(desk.page, "board")
    await desk.waiting.first.click()
    await expect(desk.page.get_by_test_id("why")).to_be_visible(timeout=WAIT_MS)
    await audit.look(desk.page, "why it waits")
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0, timeout=WAIT_MS)


async def press(desk: Desk, key: str) -> None:
    """Press `key`; then the focus is somewhere, in view and with a ring."""
    await desk.page.keyboard.press(key)
    await focus_is_seen(desk, key)


async def focus_is_seen(desk: Desk, after: str) -> None:
    """A closing menu or a sent form may take a moment to hand the focus on."""
    ends_at = asyncio.get_running_loop().time() + WAIT_MS / 1000
    while fault := await desk.page.evaluate(FOCUS):
        assert asyncio.get_running_loop().time() < ends_at, f"after {after}: {fault}"
        await asyncio.sleep(0.02)


async def tab_to(desk: Desk, wanted: Locator, key: str = "Tab") -> None:
    """Press `key` until `wanted` has the focus; every stop on the way must show where it is."""
    for _ in range(STOPS_MAX):
        if await wanted.evaluate("(element) => element === document.activeElement"):
            return
        await press(desk, key)
    raise AssertionError(f"{key} never comes to {wanted}")


async def test_keys_alone_serve_a_customer_and_the_focus_is_always_seen(
    open_desk: OpenDesk, hub: HubProcess
) -> None:
    desk = await open_desk()
    page, keys = desk.page, desk.page.keyboard
    await page.goto(desk.url)
    await tab_to(desk, page.get_by_label("User name"))
    await keys.type("mia")
    await tab_to(desk, page.locator("input[type=password]"))
    await keys.type("rapport")
    await tab_to(desk, page.get_by_role("button", name="Sign in"))
    await keys.press("Enter")
    await desk.is_live()

    await tab_to(desk, page.get_by_test_id("presence"))
    await keys.press("Enter")
    await tab_to(desk, page.get_by_role("menuitem", name="Available"), "ArrowDown")
    await press(desk, "Enter")
    await expect(page.get_by_test_id("presence")).to_have_attribute("data-presence", "available")
    async with peers.visitor(hub) as visitor:
        await visitor.say("client-0001", "The corkscrew broke.")
        await expect(desk.offer).to_be_focused(timeout=WAIT_MS)
        await tab_to(desk, desk.offer.get_by_role("button", name="Accept"))
        await press(desk, "Enter")
        await expect(desk.messages.last).to_contain_text("The corkscrew broke.", timeout=WAIT_MS)
        await focus_is_seen(desk, "the offer")
        await tab_to(desk, desk.box)
        await keys.type("I will send a new one.")
        await press(desk, "Control+Enter")
        await until(lambda: any("I will send a new one." in said for *_, said in visitor.seen))
        await tab_to(desk, page.get_by_role("button", name="End chat"), "Shift+Tab")
        await keys.press("Enter")
        form = page.get_by_test_id("wrap-up")
        await expect(form.get_by_role("combobox")).to_be_focused(timeout=WAIT_MS)
        await focus_is_seen(desk, "the end of the chat")
        await press(desk, "ArrowDown")
        await expect(page.get_by_role("option").first).to_be_visible()
        await press(desk, "ArrowDown")
        await expect(page.locator("[role=option][data-combobox-selected]")).to_have_count(1)
        await press(desk, "Enter")
        await expect(form.get_by_role("combobox")).not_to_have_value("")
        await tab_to(desk, form.locator("textarea:not([aria-hidden])"))
        await keys.type("A new corkscrew.")
        await tab_to(desk, form.locator("button[type=submit]"))
        await keys.press("Enter")
        await expect(desk.work).to_have_count(0, timeout=WAIT_MS)
        await focus_is_seen(desk, "the wrap-up")

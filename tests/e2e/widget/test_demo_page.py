"""A newcomer plays the customers on /demo, in real Chromium against a whole hub; an agent answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from playwright.async_api import Browser, Page, expect

from tests.e2e.widget.conftest import ROOT
from tests.lab.agent import Agent
from tests.lab.hub_process import HubProcess

SCREENS = ROOT / "var" / "screens"


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[HubProcess]:
    if not (ROOT / "hub" / "static" / "demo.html").is_file():
        pytest.fail("hub/static/demo.html is missing: make ui")
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    async with HubProcess(tmp_path, document) as hub:
        yield hub


async def opened(browser: Browser, hub: HubProcess, **context: object) -> tuple[Page, list[str]]:
    """The page, and what its console complains about."""
    window = await browser.new_context(locale="en-GB", **context)  # type: ignore[arg-type]
    page = await window.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.goto(f"{hub.url}/demo")
    await expect(page.get_by_role("radio", name="Margaret Hale")).to_be_checked()
    return page, complaints


async def answer(agent: Agent, text: str) -> dict[str, str]:
    """Accept what is offered, reply, and hand back whom the card names and the channel."""
    offer = await agent.offered()
    await agent.accept(offer["offer_id"])
    contact = await agent.active(offer["contact"]["contact_id"])
    await agent.reply(contact["contact_id"], text)
    return {
        "name": contact["card"]["name"],
        "channel": contact["channel"],
        "contact_id": contact["contact_id"],
    }


async def finish(agent: Agent, contact_id: str) -> None:
    await agent.end(contact_id)
    await agent.in_state(contact_id, "wrap_up")
    await agent.wrap_up(contact_id)
    await agent.until(lambda: contact_id not in agent.contacts)


async def test_text_mail_and_chat_are_answered_and_the_customer_is_known(
    browser: Browser, hub: HubProcess
) -> None:
    page, complaints = await opened(browser, hub)
    async with Agent(hub.url, "oliver") as oliver:  # speaks English, serves important customers
        await oliver.available()

        await page.get_by_role("tab", name="SMS").click()
        await page.get_by_label("Text message").fill("Where is my order?")
        await page.keyboard.press("Enter")
        served = await answer(oliver, "It left us this morning.")
        assert (served["name"], served["channel"]) == ("Margaret Hale", "sms")
        await expect(page.get_by_text("It left us this morning.")).to_be_visible()
        await oliver.until(lambda: any(m["delivery"] == "delivered" for m in oliver.messages.values()))
        await finish(oliver, served["contact_id"])

        await page.get_by_role("tab", name="E-mail").click()
        await page.get_by_label("Subject").fill("Invoice 发票")
        await page.get_by_label("Your mail").fill("Please send it again.\n\nMargaret")
        await page.get_by_role("button", name="Send").click()
        served = await answer(oliver, "Here it is: number 4711.")
        assert (served["name"], served["channel"]) == ("Margaret Hale", "email")
        await expect(page.get_by_text("Here it is: number 4711.")).to_be_visible()
        await page.get_by_role("button", name="Reply").click()
        await page.get_by_label("Your mail").fill("Thank you!")
        await page.get_by_role("button", name="Send").click()
        await oliver.until(lambda: any("Thank you!" in m["text"] for m in oliver.messages.values()))
        assert set(oliver.contacts) == {served["contact_id"]}, "the answer threads"
        await finish(oliver, served["contact_id"])

        await page.get_by_role("tab", name="Chat").click()
        await page.get_by_role("button", name="Open the chat").click()
        await page.get_by_label("Your message").fill("One more thing")
        await page.keyboard.press("Enter")
        served = await answer(oliver, "Tell me.")
        assert (served["name"], served["channel"]) == ("Margaret Hale", "chat"), "the shop signed her in"
        await expect(page.get_by_text("You are talking to Oliver Grant")).to_be_visible()
        await expect(page.get_by_role("dialog").get_by_text("Tell me.")).to_be_visible()
        SCREENS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SCREENS / "demo-chat.png")
        await finish(oliver, served["contact_id"])
        await expect(page.get_by_text("This conversation has ended.")).to_be_visible()

        await page.get_by_role("radio", name="Jordan New").check(force=True)
        await page.get_by_role("button", name="Open the chat").click()
        await page.get_by_label("Your message").fill("I am new here")
        await page.keyboard.press("Enter")
        offer = await oliver.offered()
        assert offer["contact"]["card"]["known"] is False
    assert complaints == []


async def test_what_cannot_be_sent_is_said_in_words(browser: Browser, hub: HubProcess) -> None:
    page, _ = await opened(browser, hub)
    await page.get_by_role("tab", name="Call").click()
    await expect(page.get_by_text("make lab")).to_be_visible()
    await page.get_by_role("tab", name="SMS").click()
    await page.route("**/demo/api/sms", lambda route: route.abort())
    await page.get_by_label("Text message").fill("kept")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("The hub does not answer")
    await expect(page.get_by_label("Text message")).to_have_value("kept")
    await hub.kill()
    await expect(page.get_by_text("The hub does not answer. Trying again…").first).to_be_visible()
    await hub.start()
    await page.unroute("**/demo/api/sms")
    await expect(page.locator(".warning")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").get_by_text("kept")).to_be_visible()


async def test_screens_of_the_demo_page(browser: Browser, hub: HubProcess) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    for width, height in ((1366, 900), (390, 844)):
        for scheme in ("light", "dark"):
            page, _ = await opened(
                browser, hub, color_scheme=scheme, viewport={"width": width, "height": height}
            )
            for language in ("en", "zh"):
                if language == "zh":
                    await page.get_by_role("button", name="中文").click()
                for number, card in enumerate(("chat", "sms", "mail", "call")):
                    await page.get_by_role("tab").nth(number).click()
                    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                    assert await page.evaluate(overflow) == 0
                    await page.screenshot(path=SCREENS / f"demo-{card}-{language}-{scheme}-{width}.png")
            await page.context.close()

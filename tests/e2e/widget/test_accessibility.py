"""The demo page and the visitor's widget pass WCAG A/AA checks in light and dark, English and Chinese."""

from playwright.async_api import Browser, expect

from tests.e2e.accessibility import Audit
from tests.e2e.widget.test_demo_page import hub, opened  # noqa: F401
from tests.e2e.widget.test_widget import answer, visiting
from tests.integration.webchat.chat_site import Site, until
from tests.lab.hub_process import HubProcess

CARDS = ("chat", "sms", "mail", "call")


async def test_every_tab_of_the_demo_page_passes(browser: Browser, hub: HubProcess) -> None:  # noqa: F811
    audit = Audit()
    page, _ = await opened(browser, hub, reduced_motion="reduce")
    for language in ("en", "zh"):
        if language == "zh":
            await page.get_by_role("button", name="中文").click()
        for number, card in enumerate(CARDS):
            await page.get_by_role("tab").nth(number).click()
            await audit.look(page, f"{card}, {language}")
    audit.verdict()


async def test_the_open_widget_passes(browser: Browser, site: Site) -> None:
    audit = Audit()
    for query in ("lang=en", "zh"):
        async with visiting(browser, site, query, reduced_motion="reduce") as (page, _):
            await audit.look(page, f"closed, {query}")
            await page.locator("button").first.click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await audit.look(page, f"open, {query}")
            count = len(site.host.inbounds)
            await page.get_by_role("dialog").locator("textarea").fill("Where is my order?")
            await page.keyboard.press("Enter")
            await until(lambda before=count: len(site.host.inbounds) > before)  # type: ignore[misc]
            if query == "lang=en":
                await answer(site, "On its way: https://shop.example/o/1")
                await expect(page.get_by_text("On its way")).to_be_visible()
            await audit.look(page, f"talking, {query}")
    audit.verdict()

"""The visitor's widget in real Chromium, against the real adapter."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.widget.conftest import GREETING, ROOT, STATIC
from tests.integration.webchat.chat_site import Site, until

STYLE = "(e) => { const s = getComputedStyle(e); return [s.color, s.fontSize, s.position, s.display]; }"
SCREENS = ROOT / "var" / "screens"


@asynccontextmanager
async def visiting(
    browser: Browser, site: Site, query: str = "", **context: Any
) -> AsyncIterator[tuple[Page, BrowserContext]]:
    """A visitor's window on the shop; fails afterwards if the page logged an error."""
    opened = await browser.new_context(
        viewport=context.pop("viewport", {"width": 1280, "height": 800}), **context
    )
    page = await opened.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{site.url}/shop?{query}")
    yield page, opened
    assert errors == []
    await opened.close()


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def open_chat(page: Page) -> None:
    await page.get_by_role("button", name="Open chat").click()
    await expect(page.get_by_text("Every day 8:00–20:00")).to_be_visible()


async def answer(site: Site, text: str, number: int = 1) -> None:
    visitor = site.host.visitors()[0]
    site.host.agent_joins(visitor, "Mia Ortiz")
    site.host.agent_says(visitor, text, f"a{number}")
    await site.chat.changed(visitor)


async def test_visitor_and_agent_talk(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await page.get_by_label("Your name (optional)").fill("Ada")
        await say(page, "Where is my <b>order</b>? <img src=x onerror=alert(1)>")
        await until(lambda: len(site.host.inbounds) == 1)
        assert site.host.inbounds[0].text == "Where is my <b>order</b>? <img src=x onerror=alert(1)>"
        assert site.host.inbounds[0].answers == {"language": "en", "name": "Ada"}
        await answer(site, "On its way: https://shop.example/o/1. Anything else?")
        await expect(page.get_by_text("You are talking to Mia Ortiz")).to_be_visible()
        link = page.get_by_role("link", name="https://shop.example/o/1")
        assert await link.get_attribute("href") == "https://shop.example/o/1"
        assert "noopener" in (await link.get_attribute("rel") or "")
        await site.chat.typing(site.host.visitors()[0], "Mia Ortiz")
        await expect(page.get_by_label("Mia Ortiz is typing")).to_be_visible()
        await expect(page.locator("img")).to_have_count(0)
        log = page.get_by_role("log")
        await expect(log).to_contain_text("<b>order</b>")
        await expect(log).not_to_contain_text("Sending")


async def test_a_reload_goes_on_where_it_was_with_the_draft(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await say(page, "before the reload")
        await until(lambda: len(site.host.inbounds) == 1)
        await page.get_by_label("Your message").fill("half a thou")
        await page.reload()
        await expect(page.get_by_text("before the reload")).to_be_visible()
        await expect(page.get_by_label("Your message")).to_have_value("half a thou")
        await say(page, "after the reload")
        await until(lambda: len(site.host.inbounds) == 2)
        assert len(site.host.visitors()) == 1


async def test_a_cut_line_keeps_what_is_written_and_sends_it_once(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await say(page, "one")
        await until(lambda: len(site.host.inbounds) == 1)
        await expect(page.get_by_text("Sending…")).to_have_count(0)
        site.down = True
        site.cut_all()
        await expect(page.get_by_text("No connection.")).to_be_visible()
        await say(page, "two")
        await say(page, "three")
        await expect(page.get_by_text("Sending…")).to_have_count(2)
        site.host.agent_says(site.host.visitors()[0], "said meanwhile", "a1")
        site.down = False
        await expect(page.get_by_text("No connection.")).to_be_hidden()
        await expect(page.get_by_text("said meanwhile")).to_be_visible()
        await expect(page.get_by_text("Sending…")).to_have_count(0)
        lines = site.host.lines(site.host.visitors()[0])
        assert [text for _, _, text in lines] == ["one", "said meanwhile", "two", "three"]
        await shows(page, "one", "said meanwhile", "two", "three")


async def shows(page: Page, *said: str) -> None:
    """Wait until the bubbles of the conversation are the greeting and these."""
    await expect(page.locator("[role=log] .text")).to_have_text([GREETING, *said])


async def test_what_was_unsent_survives_closing_the_page(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, context):
        await open_chat(page)
        await say(page, "one")
        await until(lambda: len(site.host.inbounds) == 1)
        await expect(page.get_by_text("Sending…")).to_have_count(0)
        site.down = True
        site.cut_all()
        await expect(page.get_by_text("No connection.")).to_be_visible()
        await say(page, "written in the tunnel")
        await page.close()
        site.down = False
        page = await context.new_page()
        await page.goto(f"{site.url}/shop")
        await until(lambda: len(site.host.inbounds) == 2)
        await expect(page.get_by_role("log").get_by_text("written in the tunnel")).to_have_count(1)
        await shows(page, "one", "written in the tunnel")


async def test_two_tabs_of_one_visitor_agree(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (one, context):
        await open_chat(one)
        await say(one, "from the first tab")
        await until(lambda: len(site.host.inbounds) == 1)
        two = await context.new_page()
        await two.goto(f"{site.url}/shop")
        await expect(two.get_by_text("from the first tab")).to_be_visible()
        await say(two, "from the second tab")
        await expect(one.get_by_text("from the second tab")).to_be_visible()
        for page in (one, two):
            await shows(page, "from the first tab", "from the second tab")


async def test_a_text_that_is_too_long_is_refused_with_the_reason_and_kept(
    browser: Browser, site: Site
) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await say(page, "x" * 4001)
        await expect(page.get_by_role("alert")).to_contain_text("4001 characters; at most 4000")
        assert len(await page.get_by_label("Your message").input_value()) == 4001
        assert site.host.inbounds == []
        await say(page, "😀" * 4000)
        await until(lambda: len(site.host.inbounds) == 1)


async def test_a_refused_message_can_be_tried_again_or_discarded(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await say(page, "refuse me")
        await expect(page.get_by_text("Not sent · This visitor is blocked.")).to_be_visible()
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_text("Not sent · This visitor is blocked.")).to_be_visible()
        await page.get_by_role("button", name="Discard").click()
        await expect(page.get_by_text("refuse me")).to_have_count(0)
        await page.reload()
        await expect(page.get_by_text(GREETING)).to_be_visible()
        await expect(page.get_by_text("refuse me")).to_have_count(0)


async def test_lone_surrogates_do_not_stop_the_chat(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await page.get_by_label("Your message").evaluate(
            "(e) => { e.value = 'half \\ud83d char'; e.dispatchEvent(new Event('input', {bubbles: true})); }"
        )
        await page.get_by_label("Your message").press("Enter")
        await until(lambda: len(site.host.inbounds) == 1)
        assert site.host.inbounds[0].text == "half \ufffd char"


async def test_an_ended_chat_offers_a_new_one(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await say(page, "old matter")
        await until(lambda: len(site.host.inbounds) == 1)
        await page.get_by_role("button", name="End chat").click()
        await page.get_by_role("button", name="End it").click()
        await expect(page.get_by_text("This conversation has ended.")).to_be_visible()
        await page.get_by_role("button", name="Start a new conversation").click()
        await expect(page.get_by_text("old matter")).to_have_count(0)
        await say(page, "new matter")
        await until(lambda: len(site.host.inbounds) == 2)
        await expect(page.get_by_text("new matter")).to_be_visible()
        await shows(page, "new matter")
        site.host.agent_ends(site.host.visitors()[0])
        await site.chat.changed(site.host.visitors()[0])
        await expect(page.get_by_text("This conversation has ended.")).to_be_visible()


async def test_an_answer_to_a_closed_panel_is_counted_on_the_launcher(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        await open_chat(page)
        await say(page, "hello?")
        await until(lambda: len(site.host.inbounds) == 1)
        await page.keyboard.press("Escape")
        await answer(site, "one", 1)
        await answer(site, "two", 2)
        await expect(page.get_by_role("button", name="Open chat, 2 new")).to_be_visible()
        await page.reload()
        await page.get_by_role("button", name="Open chat, 2 new").click()
        await expect(page.get_by_text("two")).to_be_visible()
        await expect(page.get_by_label("Your message")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()


async def test_everything_can_be_done_with_the_keyboard(browser: Browser, site: Site) -> None:
    async with visiting(browser, site) as (page, _):
        launcher = page.get_by_role("button", name="Open chat")
        await expect(launcher).to_have_attribute("aria-expanded", "false")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="a link of the page")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(launcher).to_be_focused()
        await page.keyboard.press("Enter")
        panel = page.get_by_role("dialog", name="Northwind")
        await expect(panel).to_be_visible()
        await expect(page.get_by_label("Your message")).to_be_focused()
        await page.keyboard.type("typed")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("two lines")
        await page.keyboard.press("Enter")
        await until(lambda: len(site.host.inbounds) == 1)
        assert site.host.inbounds[0].text == "typed\ntwo lines"
        end = panel.get_by_role("button", name="End chat")
        await expect(end).to_be_visible()  # from when the hub has said that there is a conversation
        messages = panel.get_by_role("log", name="Messages")
        close = panel.get_by_role("button", name="Close chat")
        for stop in (messages, close, end, panel.get_by_role("button", name="中文")):
            await page.keyboard.press("Shift+Tab")
            await expect(stop).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("您的消息")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_role("button", name="打开聊天")).to_be_focused()


async def test_the_css_of_a_hostile_page_does_not_reach_the_widget(browser: Browser, site: Site) -> None:
    boxes = []
    for query in ("", "hostile"):
        async with visiting(browser, site, query, reduced_motion="reduce") as (page, _):
            await open_chat(page)
            await expect(page.get_by_label("Your message")).to_be_visible()
            panel = page.get_by_role("dialog")
            boxes.append((await panel.bounding_box(), await panel.evaluate(STYLE)))
    assert boxes[0] == boxes[1]
    assert boxes[0][1] == ["rgb(23, 26, 33)", "14px", "fixed", "flex"]


async def test_it_works_under_a_strict_content_security_policy(browser: Browser, site: Site) -> None:
    async with visiting(browser, site, "csp") as (page, _):
        await open_chat(page)
        await say(page, "strict")
        await until(lambda: len(site.host.inbounds) == 1)
        assert await page.get_by_role("dialog").evaluate("(e) => getComputedStyle(e).position") == "fixed"


async def test_on_a_page_from_right_to_left_it_stands_on_the_left(browser: Browser, site: Site) -> None:
    async with visiting(browser, site, "rtl") as (page, _):
        await open_chat(page)
        await say(page, "שלום, איפה ההזמנה שלי?")
        await until(lambda: len(site.host.inbounds) == 1)
        box = await page.get_by_role("dialog").bounding_box()
        assert box is not None
        assert box["x"] == 20


async def test_the_script_stays_small() -> None:
    assert len(gzip.compress((STATIC / "widget.js").read_bytes(), 9)) <= 25_000


async def test_screens_of_the_widget(browser: Browser, site: Site) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for language in ("en", "zh"):
            for width, height in ((1280, 800), (390, 844)):
                viewport = {"width": width, "height": height}
                async with visiting(
                    browser, site, language, viewport=viewport, color_scheme=scheme, reduced_motion="reduce"
                ) as (page, _):
                    name = f"widget-{language}-{scheme}-{width}"
                    await page.get_by_role(
                        "button", name="Open chat" if language == "en" else "打开聊天"
                    ).click()
                    field = page.get_by_label("Your message" if language == "en" else "您的消息")
                    await expect(page.locator(".name")).to_be_visible()
                    await page.screenshot(path=SCREENS / f"{name}-new.png")
                    await field.fill(
                        "Where is my order 4711?" if language == "en" else "请问我的订单 4711 到哪里了？"
                    )
                    await field.press("Enter")
                    await expect(page.locator(".mine .by")).to_be_visible()
                    visitor = site.host.visitors()[-1]
                    site.host.agent_joins(visitor, "Mia Ortiz")
                    site.host.agent_says(
                        visitor,
                        "It left our warehouse this morning." if language == "en" else "今天早上已出库。",
                        visitor,
                    )
                    await site.chat.changed(visitor)
                    await expect(page.locator(".theirs .by")).to_be_visible()
                    await site.chat.typing(visitor, "Mia Ortiz")
                    await expect(page.locator(".dots")).to_be_visible()
                    site.down = True
                    site.cut_all()
                    await expect(page.locator(".banner.offline")).to_be_visible()
                    await field.fill("Great, thank you" if language == "en" else "太好了，谢谢")
                    await field.press("Enter")
                    await page.screenshot(path=SCREENS / f"{name}-talk.png")
                    site.down = False

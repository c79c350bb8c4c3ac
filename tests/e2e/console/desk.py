"""An agent at a real browser: what a person does at the console, by what a person sees."""

import asyncio
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

WAIT_MS = 20_000


class Desk:
    """One console page. Everything waits for what must become visible, at most WAIT_MS."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    @property
    def offer(self) -> Locator:
        return self.page.get_by_test_id("offer").first

    @property
    def work(self) -> Locator:
        return self.page.get_by_test_id("work")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("message")

    @property
    def customer(self) -> Locator:
        return self.page.get_by_test_id("customer")

    @property
    def waiting(self) -> Locator:
        """Who waits, on the supervisor's board."""
        return self.page.get_by_test_id("waiting")

    @property
    def box(self) -> Locator:
        """Where the agent writes."""
        return self.page.locator("[data-testid=composer] textarea:not([aria-hidden])")

    async def prefer(self, language: str = "en", scheme: str = "light") -> None:
        """What this browser has chosen before."""
        await self.page.add_init_script(
            f"localStorage.setItem('rapport.language', '{language}');"
            f"localStorage.setItem('mantine-color-scheme-value', '{scheme}')"
        )

    async def log_in(self, username: str, password: str = "rapport", path: str = "/") -> None:
        await self.page.goto(self.url + path)
        await self.page.locator("input[autocomplete=username]").fill(username)
        await self.page.locator("input[type=password]").fill(password)
        await self.page.keyboard.press("Enter")

    async def is_live(self) -> None:
        await expect(self.page.get_by_test_id("link")).to_have_attribute(
            "data-state", "live", timeout=WAIT_MS
        )

    async def become_available(self) -> None:
        await self.is_live()
        await self.page.get_by_test_id("presence").click()
        await self.page.get_by_role("menuitem").first.click()
        await expect(self.page.get_by_test_id("presence")).to_have_attribute("data-presence", "available")

    async def accept(self) -> None:
        """With the keys, as somebody with both hands on them does."""
        await expect(self.offer).to_be_visible(timeout=WAIT_MS)
        count = await self.work.count()
        await self.page.keyboard.press("Alt+KeyA")
        await expect(self.work).to_have_count(count + 1, timeout=WAIT_MS)

    async def write(self, text: str) -> None:
        await self.box.fill(text)
        await self.page.keyboard.press("Control+Enter")

    async def wrap_up(self, outcome: str, note: str = "") -> None:
        form = self.page.get_by_test_id("wrap-up")
        await form.get_by_role("combobox").click()
        await self.page.get_by_role("option", name=outcome).click()
        await form.locator("textarea:not([aria-hidden])").fill(note)
        count = await self.work.count()
        await form.locator("button[type=submit]").click()
        await expect(self.work).to_have_count(count - 1, timeout=WAIT_MS)

    async def command(self, path: str, body: dict[str, Any]) -> int:
        """A command with this browser's session, for what the test needs done beside the console."""
        answer = await self.context.request.post(self.url + path, data=body)
        return answer.status


async def until(condition: Any, seconds: float = WAIT_MS / 1000) -> None:
    """Wait until `condition()` is true; AssertionError when it never is."""
    ends_at = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < ends_at, "it never came true"
        await asyncio.sleep(0.05)

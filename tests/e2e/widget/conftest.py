"""A real Chromium, and a site that embeds the built widget."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from channels.webchat import Settings
from tests.integration.webchat.chat_site import Site, serving

ROOT = Path(__file__).resolve().parents[3]
STATIC = Path(os.environ.get("RAPPORT_STATIC", ROOT / "hub" / "static"))

GREETING = "Hello! What can we do for you?"
SHOP = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}
<body><h1>A shop</h1><p>Things to buy.</p><a href="#x">a link of the page</a>
<script src="/widget.js" data-account="web" async></script></body></html>"""

HOSTILE = """<style>
html { font-size: 3px !important; letter-spacing: 9px !important; }
body *, body *::before, body *::after { all: unset !important; color: red !important;
  font: 40px/3 fantasy !important; transform: rotate(45deg) !important; position: static !important; }
body > * { display: none !important; visibility: hidden !important; opacity: 0 !important;
  z-index: -1 !important; }
</style>"""

CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"


async def _shop(request: web.Request) -> web.Response:
    lang = "zh-CN" if "zh" in request.query else "en"
    head = HOSTILE if "hostile" in request.query else ""
    headers = {"Content-Security-Policy": CSP} if "csp" in request.query else {}
    return web.Response(
        text=SHOP.format(lang=lang, head=head).replace('lang="en"', 'lang="en" dir="rtl"')
        if "rtl" in request.query
        else SHOP.format(lang=lang, head=head),
        content_type="text/html",
        headers=headers,
    )


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    if not (STATIC / "widget.js").is_file():
        pytest.fail("hub/static/widget.js is missing: make ui")
    settings = Settings(
        site_name="Northwind",
        greeting={"en": GREETING, "zh": "您好！请问有什么可以帮您？"},
        hours={"en": "Every day 8:00–20:00", "zh": "每天 8:00–20:00"},
        wait_text={"en": "about 1 minute", "zh": "约 1 分钟"},
    )
    async with serving(tmp_path / "chat.db", settings, STATIC, [web.get("/shop", _shop)]) as site:
        site.host.step_ms = 700
        yield site


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()

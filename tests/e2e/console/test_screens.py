"""Pictures of every screen in English and Chinese, light and dark, to var/screens/ (`make screens`)."""

import asyncio
import secrets
import smtplib
from email.message import EmailMessage

import pytest
from playwright.async_api import expect

from tests.e2e.console.conftest import OpenDesk
from tests.e2e.console.desk import WAIT_MS, Desk
from tests.integration.hub import peers
from tests.lab.hub_process import ROOT, HubProcess
from tests.lab.sms_gateway import SmsGateway

FOLDER = ROOT / "var" / "screens"
MARGARET = "+442079460101"
LOOKS = [(language, scheme) for language in ("en", "zh") for scheme in ("light", "dark")]
PHONE = {"width": 390, "height": 844}

HTML = """<p>Dear team,</p><p>please send me the <b>invoice</b> for my last order once more:</p>
<ul><li>Hale &amp; Daughters Ltd</li><li>12 Quay Street, Bristol</li></ul>
<p>Kind regards<br>Margaret Hale</p>"""


def write_mail(port: int) -> None:
    mail = EmailMessage()
    mail["From"] = "Margaret Hale <margaret.hale@post.example>"
    mail["To"] = peers.SUPPORT
    mail["Subject"] = "Invoice for my order"
    mail["Message-ID"] = f"<{secrets.token_hex(8)}@post.example>"
    mail.set_content("Dear team, please send me the invoice for my last order once more.")
    mail.add_alternative(HTML, subtype="html")
    mail.add_attachment(b"%PDF-1.4\n" * 900, maintype="application", subtype="pdf", filename="invoice.pdf")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as relay:
        relay.send_message(mail)


class Camera:
    def __init__(self, language: str, scheme: str) -> None:
        self._suffix = f"{language}-{scheme}"
        FOLDER.mkdir(parents=True, exist_ok=True)

    async def shoot(self, desk: Desk, name: str) -> None:
        """One picture, once the page's fonts are there and nothing waits to be loaded."""
        await desk.page.evaluate("document.fonts.ready")
        await expect(desk.page.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT_MS)
        picture = await desk.page.screenshot(path=FOLDER / f"{name}-{self._suffix}.png")
        assert len(picture) > 5_000, "an empty page"


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
async def test_screens(
    language: str, scheme: str, open_desk: OpenDesk, hub: HubProcess, gateway: SmsGateway, smtp_port: int
) -> None:
    camera = Camera(language, scheme)
    desk = await open_desk(language, scheme, 1440, 900)
    await desk.log_in("wei", "wrong")
    await expect(desk.page.get_by_role("alert")).to_be_visible()
    await camera.shoot(desk, "login")
    await desk.log_in("wei")
    await desk.is_live()
    await camera.shoot(desk, "console-away")
    await desk.page.get_by_test_id("presence").click()
    await expect(desk.page.get_by_role("menu")).to_be_visible()
    await camera.shoot(desk, "presence")
    await desk.page.get_by_role("menuitem").first.click()

    async with peers.visitor(hub) as visitor:
        await visitor.say(
            "client-0001", "您好，我买的开瓶器坏了。" if language == "zh" else "The corkscrew broke."
        )
        await desk.accept()
        await desk.write("我马上为您寄一个新的。" if language == "zh" else "I will send you a new one today.")
        await expect(desk.page.get_by_test_id("unsent")).to_have_count(0, timeout=WAIT_MS)
        await peers.text(gateway, hub, MARGARET, "Where is my order?", "SM" + secrets.token_hex(16))
        await expect(desk.offer).to_be_visible(timeout=WAIT_MS)
        await camera.shoot(desk, "offer")
        await desk.accept()
        await asyncio.to_thread(write_mail, smtp_port)
        await desk.accept()
        await expect(desk.page.locator("iframe")).to_be_visible(timeout=WAIT_MS)
        await camera.shoot(desk, "mail")
        await desk.customer.get_by_test_id("decision").first.scroll_into_view_if_needed()
        await camera.shoot(desk, "decision")
        await desk.page.get_by_test_id("presence").click()
        await desk.page.get_by_test_id("after-work").click()
        await camera.shoot(desk, "presence-later")
        await desk.page.keyboard.press("Escape")

        await desk.work.first.click()
        await desk.page.get_by_role("tab").nth(1).click()
        await desk.write("VIP?" if language == "en" else "是贵宾吗？")
        await expect(desk.messages.last).to_have_attribute("data-author", "note", timeout=WAIT_MS)
        await desk.page.get_by_role("tab").first.click()
        await desk.box.fill("One more" if language == "en" else "还有")
        await camera.shoot(desk, "chat")
        await desk.page.set_viewport_size(PHONE)
        await camera.shoot(desk, "chat-narrow")
        await desk.page.set_viewport_size({"width": 1440, "height": 900})

        await desk.page.locator("main header button").click()
        await expect(desk.page.get_by_test_id("wrap-up")).to_be_visible(timeout=WAIT_MS)
        await camera.shoot(desk, "wrap-up")
        await desk.context.set_offline(True)
        await expect(desk.page.get_by_test_id("link")).to_have_attribute(
            "data-state", "stale", timeout=2 * WAIT_MS
        )
        await camera.shoot(desk, "connection-lost")
        await desk.context.set_offline(False)
        await desk.is_live()

    supervisor = await open_desk(language, scheme, 1440, 900)
    await supervisor.log_in("sam", path="/supervisor")
    await expect(supervisor.page.locator("table").first).to_be_visible(timeout=WAIT_MS)
    for number in ("+442079460777", "+442079460778", "+442079460779"):
        await peers.text(gateway, hub, number, "Hello?", "SM" + secrets.token_hex(16))
    await expect(supervisor.waiting.first).to_be_visible(timeout=WAIT_MS)
    await camera.shoot(supervisor, "board")
    await supervisor.waiting.last.click()
    await expect(supervisor.page.get_by_test_id("why")).to_be_visible(timeout=WAIT_MS)
    await camera.shoot(supervisor, "why")
    await supervisor.page.keyboard.press("Escape")
    await expect(supervisor.page.get_by_role("dialog")).to_have_count(0, timeout=WAIT_MS)
    await supervisor.page.set_viewport_size(PHONE)
    await camera.shoot(supervisor, "board-narrow")

"""The outside of a contact centre on real servers: mail, SMS, chat visitors and callers, each keeping count."""

import asyncio
import contextlib
import smtplib
from collections import Counter
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from tests.integration.webchat.visitor import Visitor, new_token
from tests.lab.asterisk import Asterisk
from tests.lab.dovecot import Dovecot
from tests.lab.hub_process import HubProcess
from tests.lab.miniua import Dialog, UserAgent
from tests.lab.postfix import Postfix
from tests.lab.sms_gateway import SmsGateway

SUPPORT = "support@harbour-vine.example"
NUMBER = "+447700900001"
PASSWORD = "mail-secret"
DIRECT = "2000"
"""Calls to this number skip the menu."""


class Mail:
    """Real Postfix and Dovecot with the company's mailbox and one per customer."""

    def __init__(self, customers: list[str]) -> None:
        self.dovecot = Dovecot(dict.fromkeys([SUPPORT, *customers], PASSWORD))
        self.postfix = Postfix(self.dovecot)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Mail"]:
        await asyncio.to_thread(self.dovecot.start)
        await asyncio.to_thread(self.postfix.start)
        try:
            yield self
        finally:
            await asyncio.to_thread(self.postfix.stop)
            await asyncio.to_thread(self.dovecot.stop)

    def account(self) -> dict[str, Any]:
        """The section of config.yaml."""
        peer = {"host": "127.0.0.1", "tls": "none"}
        return {
            "type": "email",
            "address": SUPPORT,
            "imap": {**peer, "port": self.dovecot.port, "user": SUPPORT, "password": PASSWORD},
            "smtp": {**peer, "port": self.postfix.port},
        }

    def write(self, sender: str, subject: str, text: str, *, to: str = SUPPORT, **headers: str) -> str:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Message-ID"] = make_msgid(domain="customer.example")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.postfix.port, local_hostname="customer.example") as relay:
            relay.sendmail(sender, [to], message.as_bytes())
        return str(message["Message-ID"])

    def received(self, address: str) -> list[bytes]:
        """Every mail in this mailbox."""
        folder = self.dovecot.maildir(address)
        return [path.read_bytes() for part in ("new", "cur") for path in (folder / part).glob("*")]


def sms_account(gateway: SmsGateway) -> dict[str, Any]:
    return {
        "type": "sms",
        "number": NUMBER,
        "account_sid": gateway.account_sid,
        "auth_token": gateway.auth_token,
        "region": "GB",
        "api_url": gateway.url,
    }


async def text(gateway: SmsGateway, hub: HubProcess, sender: str, body: str, sid: str) -> None:
    """A carrier that repeats its webhook call until the hub has taken it."""
    while True:
        with contextlib.suppress(OSError, asyncio.TimeoutError, Exception):
            status, _ = await gateway.deliver(f"{hub.url}/channels/sms", sender, NUMBER, body, sid=sid)
            if status == 200:
                return
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def visitor(hub: HubProcess, address: str = "") -> AsyncIterator[Visitor]:
    """A chat visitor who stays connected; `address` is what a trusted proxy tells of where they are."""
    guest = Visitor(hub.url, await new_token(hub.url, address), address)
    live = asyncio.ensure_future(guest.live())
    try:
        yield guest
    finally:
        live.cancel()
        await asyncio.gather(live, return_exceptions=True)


def voice_section(asterisk: Asterisk) -> dict[str, Any]:
    return {**asterisk.settings(), "flows": {DIRECT: "direct"}}


@contextlib.asynccontextmanager
async def phone(asterisk: Asterisk, name: str, answers: str = "auto") -> AsyncIterator[UserAgent]:
    """An agent's registered phone."""
    async with UserAgent(name, asterisk.sip_port, asterisk.password, answers=answers) as agent:
        await agent.register()
        yield agent


async def call_until_served(caller: UserAgent, number: str, dialogs: list[Dialog]) -> None:
    dialogs.append(await caller.call(DIRECT, from_user=number))


def count(values: list[str]) -> Counter[str]:
    return Counter(values)


def log_of(folder: Path) -> str:
    return (folder / "hub.log").read_text(encoding="utf-8", errors="replace")

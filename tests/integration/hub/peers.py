"""The outside of a contact centre on real servers: mail, SMS, visitors, callers, agents' phones."""

import asyncio
import contextlib
import json
import os
import re
import smtplib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from importlib.resources import files
from pathlib import Path
from typing import Any

from hub.demo.seed_agents import DEMO_LOGINS
from tests.integration.webchat.visitor import Visitor, new_token
from tests.lab.agent import Agent
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

    def account(self, address: str = SUPPORT) -> dict[str, Any]:
        """The section of config.yaml."""
        peer = {"host": "127.0.0.1", "tls": "none"}
        return {
            "type": "email",
            "address": address,
            "imap": {**peer, "port": self.dovecot.port, "user": address, "password": PASSWORD},
            "smtp": {**peer, "port": self.postfix.port},
        }

    def write(self, sender: str, subject: str, text: str, *, to: str = SUPPORT, **headers: str) -> str:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Message-ID"] = make_msgid(domain="customer.example")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return self.send(message)

    def send(self, message: EmailMessage) -> str:
        """Hand it to Postfix; its Message-ID once Postfix has taken it."""
        if "Message-ID" not in message:
            message["Message-ID"] = make_msgid(domain="customer.example")
        with smtplib.SMTP("127.0.0.1", self.postfix.port, local_hostname="customer.example") as relay:
            relay.sendmail(message["From"], [message["To"]], message.as_bytes())
        return str(message["Message-ID"])

    def drop(self, address: str, name: str, content: bytes) -> None:
        """Put these very bytes into the mailbox, as no relay would pass them on."""
        folder = self.dovecot.maildir(address)
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(exist_ok=True)
            os.chown(folder / part, self.dovecot.uid, self.dovecot.gid)
        path = folder / "tmp" / name
        path.write_bytes(content)
        os.chown(path, self.dovecot.uid, self.dovecot.gid)
        path.rename(folder / "new" / name)

    def delivered_at_ms(self, address: str, message_id: str) -> int:
        """When Postfix wrote the mail into the mailbox: its file's name has seconds and, after M, µs."""
        for path in self._files(address):
            if message_id.encode() in path.read_bytes():
                stamp = re.match(r"(\d+)\.\w*?M(\d+)", path.name)
                assert stamp is not None, path.name
                return int(stamp[1]) * 1000 + int(stamp[2]) // 1000
        raise AssertionError(f"{message_id} is not in the mailbox")

    def _files(self, address: str) -> list[Path]:
        folder = self.dovecot.maildir(address)
        return [path for part in ("new", "cur") for path in (folder / part).glob("*")]

    def received(self, address: str) -> list[bytes]:
        """Every mail in this mailbox."""
        return [path.read_bytes() for path in self._files(address)]


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


def count(values: list[str]) -> Counter[str]:
    return Counter(values)


ENDPOINTS = {login.username: login.phone_endpoint for login in DEMO_LOGINS}


@dataclass(slots=True)
class Worker:
    """An agent at work: a console and a phone."""

    console: Agent
    phone: UserAgent


@contextlib.asynccontextmanager
async def at_work(
    hub: HubProcess, asterisk: Asterisk, username: str, answers: str = "ring", tone_hz: float = 0
) -> AsyncIterator[Worker]:
    """An agent with a registered phone who is available; goes off work at the end."""
    name = ENDPOINTS[username]
    async with (
        UserAgent(name, asterisk.sip_port, asterisk.password, tone_hz, answers) as telephone,
        Agent(hub.url, username) as console,
    ):
        await telephone.register()
        await console.until(lambda: console.presence["phone_reachable"])
        await console.available()
        try:
            yield Worker(console, telephone)
        finally:
            await console.post("/api/presence", {"presence": "offline"})
            await telephone.register(expires_s=0)
            await console.until(lambda: not console.presence["phone_reachable"])


async def talking(caller: UserAgent, worker: Worker, number: str) -> tuple[Dialog, Dialog, str]:
    """Customer and agent talk: both dialogs and the contact."""
    customer = await caller.call("2000", from_user=number)
    ringing = await worker.phone.rung()
    offer = await worker.console.offered()
    ringing.answer()
    contact = await worker.console.active(offer["contact"]["contact_id"])
    return customer, ringing, contact["contact_id"]


async def finish(worker: Worker, contact_id: str) -> None:
    """Wrap up, and see the agent free again."""
    await worker.console.in_state(contact_id, "wrap_up")
    await worker.console.wrap_up(contact_id)
    await worker.console.until(lambda: contact_id not in worker.console.contacts)
    await worker.console.until(lambda: worker.console.presence["load_units"] == 0)


def state_of(number: str) -> tuple[str, str]:
    """The query for what became of a caller's newest contact."""
    query = (
        "select c.state, c.end_reason from contacts c join interactions i using (interaction_id)"
        " where i.address = ? order by c.arrived_at_ms desc limit 1"
    )
    return query, number


async def press(customer: Dialog, *inputs: str) -> None:
    """Type each input after the one before is sent; digits interrupt what is being said."""
    for digits in inputs:
        customer.press(digits)
        await customer.pressed()


def rows(hub: HubProcess, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the hub's database says."""
    with contextlib.closing(sqlite3.connect(f"file:{hub.database}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


async def until_rows(hub: HubProcess, expected: Any, query: str, *values: Any, seconds: float = 20) -> None:
    """Wait until the database says so; AssertionError shows what it said last."""
    ends_at = asyncio.get_running_loop().time() + seconds
    while (found := rows(hub, query, *values)) != expected:
        assert asyncio.get_running_loop().time() < ends_at, f"{found}, not {expected}"
        await asyncio.sleep(0.05)


def publish_ring_time(hub: HubProcess, ring_s: int) -> None:
    """The demo company's rules with another time to ring, published as an operator does."""
    rules = json.loads(files("hub.demo").joinpath("ruleset.json").read_bytes())
    for queue in rules["queues"]:
        queue["policy"] |= {"ring_s": ring_s, "exclusion_s": 2 * ring_s}
    path = hub.folder / "rules.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    hub.run("rules", "publish", str(path))

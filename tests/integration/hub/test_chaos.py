"""Two hundred contacts over all channels while the hub is killed ten times: none lost, none doubled."""

import asyncio
import contextlib
import json
import random
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.integration.hub import peers
from tests.lab.agent import Agent, Refused
from tests.lab.asterisk import Asterisk
from tests.lab.hub_process import HubProcess
from tests.lab.miniua import UserAgent
from tests.lab.sms_gateway import SmsGateway

TEXTS, CHATS, MAILS, CALLS = 65, 60, 60, 15
KILLS = 10
STAFF = ("mia", "wei", "jun", "emma", "oliver", "lin", "noah", "yan")
SEED = 20261123


async def serve_everything(agent: Agent) -> None:
    """Accept whatever is offered, answer written contacts once, end, wrap up."""
    answered: set[str] = set()

    async def work(offer: dict[str, Any]) -> None:
        voice = offer["contact"]["channel"] == "voice"
        if not voice:  # a call is taken on the phone
            with contextlib.suppress(Refused):
                await agent.accept(offer["offer_id"])

    async def follow_up() -> None:
        while True:
            for contact in list(agent.contacts.values()):
                contact_id, state = contact["contact_id"], contact["state"]
                with contextlib.suppress(Refused, TimeoutError):
                    if state == "active" and contact_id not in answered:
                        if contact["channel"] != "voice":
                            await reply_once(agent, contact_id)
                        answered.add(contact_id)
                        await agent.end(contact_id)
                    elif state == "wrap_up":
                        await agent.wrap_up(contact_id)
            await asyncio.sleep(0.05)

    agent.on_offer = work
    await agent.available()
    await follow_up()


async def reply_once(agent: Agent, contact_id: str) -> None:
    """The client id makes the repeat after a kill harmless."""
    body = {"client_id": f"reply-{contact_id}", "text": f"answer to {contact_id}", "note": False}
    await agent.post(f"/api/contacts/{contact_id}/messages", body)


async def kill_now_and_then(hub: HubProcess, rng: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(rng.uniform(0.3, 2.5))
        await hub.kill()
        await hub.start()


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.timeout(420)
async def test_two_hundred_contacts_survive_ten_kills(tmp_path: Path, gateway: SmsGateway) -> None:
    rng = random.Random(SEED)
    writers = [f"writer{number:02d}@customer.example" for number in range(MAILS)]
    mail = peers.Mail(writers)
    phones = tuple(f"agent{number}" for number in range(1, 9))
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(mail.running())
        asterisk = await stack.enter_async_context(Asterisk(agents=phones))
        document = {
            "demo": {"enabled": True},
            "dispositions": [{"code": "resolved", "labels": {"en": "Resolved", "zh": "已解决"}}],
            "voice": peers.voice_section(asterisk),
            "accounts": {
                "support-mail": mail.account(),
                "sms": peers.sms_account(gateway),
                "web": {"type": "webchat", "trusted_proxies": 1},
            },
        }
        hub = await stack.enter_async_context(HubProcess(tmp_path, document))
        for name in phones:
            await stack.enter_async_context(peers.phone(asterisk, name))
        guests = [await stack.enter_async_context(peers.visitor(hub, f"10.0.0.{n}")) for n in range(CHATS)]
        callers = [
            await stack.enter_async_context(UserAgent(f"caller{n}", asterisk.sip_port)) for n in range(CALLS)
        ]
        agents = [await stack.enter_async_context(Agent(hub.url, name)) for name in STAFF]
        serving = [asyncio.ensure_future(serve_everything(agent)) for agent in agents]
        killing = asyncio.ensure_future(kill_now_and_then(hub, rng))
        await arrive(rng, hub, gateway, mail, writers, guests, callers)
        await killing
        await settled(hub.database, seconds=120)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await hub.stop()
        check_journal(hub.database)
        check_peers(hub.database, gateway, mail, writers, guests)


async def arrive(
    rng: random.Random,
    hub: HubProcess,
    gateway: SmsGateway,
    mail: peers.Mail,
    writers: list[str],
    guests: list[Any],
    callers: list[UserAgent],
) -> None:
    """Everybody comes within the time of the kills, in a random order."""

    async def text(number: int) -> None:
        await peers.text(gateway, hub, f"+44770091{number:04d}", f"text {number}", f"SM{number:032d}")

    async def write(address: str) -> None:
        await asyncio.to_thread(mail.write, address, "Where is it?", f"mail of {address}")

    async def later(job: Any) -> None:
        await asyncio.sleep(rng.uniform(0, 15))
        await job

    jobs = [text(number) for number in range(TEXTS)]
    jobs += [guest.say(f"hello-{index:04d}", f"chat {index}") for index, guest in enumerate(guests)]
    jobs += [write(address) for address in writers]
    jobs += [caller.call(peers.DIRECT, from_user=f"07700920{i:03d}") for i, caller in enumerate(callers)]
    await asyncio.gather(*[later(job) for job in jobs])


async def settled(database: Path, seconds: float) -> None:
    """Every contact is there and closed or waiting, and the outbox is empty."""
    total = TEXTS + CHATS + MAILS + CALLS
    async with asyncio.timeout(seconds):
        while True:
            states = Counter(state for (state,) in rows(database, "select state from contacts"))
            queued = rows(database, "select 1 from outbox where state in ('queued', 'sending')")
            over = states["closed"] + states["queued"] + states["abandoned"]
            if sum(states.values()) == over == total and not queued:
                return
            await asyncio.sleep(0.5)


def check_journal(database: Path) -> None:
    arrived = [
        json.loads(body)["contact"]
        for (body,) in rows(database, "select body from journal where kind = 'ContactArrived'")
    ]
    assert len(arrived) == len(set(arrived)) == TEXTS + CHATS + MAILS + CALLS
    by_channel = dict(rows(database, "select channel, count(*) from contacts group by channel"))
    assert by_channel == {"sms": TEXTS, "chat": CHATS, "email": MAILS, "voice": CALLS}
    states = dict(rows(database, "select state, count(*) from contacts group by state"))
    assert set(states) <= {"closed", "queued"}, states
    doubled = rows(
        database,
        "select interaction_id, text from messages group by interaction_id, author, text having count(*) > 1",
    )
    assert doubled == []


def check_peers(
    database: Path, gateway: SmsGateway, mail: peers.Mail, writers: list[str], guests: list[Any]
) -> None:
    """What the carriers and visitors counted themselves agrees with what the hub believes."""
    texts = Counter(sent.recipient for sent in gateway.sent)
    assert all(count == 1 for count in texts.values()), texts
    certain = rows(
        database,
        "select i.address, m.delivery, i.channel from messages m join interactions i using (interaction_id)"
        " join contacts c using (contact_id) where m.author = 'agent' and i.channel in ('sms', 'email')",
    )
    for address, delivery, channel in certain:
        got = texts[address] if channel == "sms" else len(mail.received(address))
        expected = {0, 1} if delivery == "unknown" else {1}
        assert got in expected, f"{channel} to {address} is {delivery}, received {got}"
    for guest in guests:
        said = [words for _, author, words in guest.seen if author == "visitor"]
        heard = [words for _, author, words in guest.seen if author == "agent"]
        assert len(said) == 1
        assert len(heard) <= 1
        assert [seq for seq, _, _ in guest.seen] == list(range(1, len(guest.seen) + 1))

"""Mail through a whole hub: customers, agents' consoles, and real Postfix and Dovecot that may die."""

import asyncio
import email
import email.policy
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.hub.conftest import CUSTOMERS, Mailroom
from tests.integration.hub.peers import rows, until_rows
from tests.lab.agent import Agent

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "mail"
ANNA, BEN, CHEN, DORA = CUSTOMERS
OFFERED_MS = 2_000
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256)) * 40


async def write(room: Mailroom, sender: str, subject: str, text: str, **headers: str) -> str:
    to = headers.pop("to", room.address)
    return await asyncio.to_thread(room.mail.write, sender, subject, text, to=to, **headers)


async def taken(agent: Agent) -> dict[str, Any]:
    """Accept the first offer; the contact."""
    offer = await agent.offered()
    await agent.accept(offer["offer_id"])
    return await agent.active(offer["contact"]["contact_id"])


async def finish(agent: Agent, contact_id: str) -> None:
    await agent.end(contact_id)
    await agent.in_state(contact_id, "wrap_up")
    await agent.wrap_up(contact_id)
    await agent.until(lambda: contact_id not in agent.contacts)


async def received(room: Mailroom, address: str, subject: str, seconds: float = 20) -> list[EmailMessage]:
    """The mails with this subject in a customer's mailbox, at least one."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        mails = [
            email.message_from_bytes(raw, policy=email.policy.default) for raw in room.mail.received(address)
        ]
        if found := [mail for mail in mails if mail["Subject"] == subject]:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"no mail {subject!r} for {address}")


async def conversation(agent: Agent, interaction_id: str) -> list[dict[str, Any]]:
    shown = await agent.get(f"/api/interactions/{interaction_id}/messages")
    items: list[dict[str, Any]] = shown["items"]
    return items


async def test_a_mail_is_offered_within_two_seconds_of_delivery(mailroom: Mailroom) -> None:
    """From delivery into the mailbox to the hub's own time of the offer; the first pays for the reader."""
    async with Agent(mailroom.hub.url, "mia") as mia:
        await mia.available()
        for number in (1, 2, 3):
            message_id = await write(mailroom, ANNA, f"Question {number}", "Where is it?")
            offer = await mia.offered()
            contact_id = offer["contact"]["contact_id"]
            assert offer["contact"]["subject"] == f"Question {number}"
            assert offer["contact"]["card"]["addresses"] == [{"kind": "email", "address": ANNA}]
            delivered_at_ms = mailroom.mail.delivered_at_ms(mailroom.address, message_id)
            offered = "select min(d.at_ms) from decisions d where d.contact_id = ?"
            [[offered_at_ms]] = rows(mailroom.hub, offered, contact_id)
            assert 0 <= offered_at_ms - delivered_at_ms < OFFERED_MS, f"mail {number}"
            await mia.accept(offer["offer_id"])
            await mia.active(contact_id)
            await finish(mia, contact_id)


@pytest.mark.parametrize("thread", ["token", "references"])
async def test_the_answer_comes_back_into_the_same_story(mailroom: Mailroom, thread: str) -> None:
    """While it is being worked on, and again after it was closed: then as a contact of its own."""
    subject = f"Where is my parcel? ({thread})"
    async with Agent(mailroom.hub.url, "mia") as mia:
        await mia.available()
        await write(mailroom, BEN, subject, "It has not come.")
        contact = await taken(mia)
        await mia.reply(contact["contact_id"], "It left us on Monday.")
        [reply] = await received(mailroom, BEN, f"Re: {subject}")
        assert reply.get_content().startswith("It left us on Monday.")
        assert reply["From"].addresses[0].addr_spec == mailroom.address
        await mia.until(lambda: any(m["delivery"] == "sent" for m in mia.messages.values()))

        headers = {
            "In_Reply_To": reply["Message-ID"],
            "References": reply["References"] + " " + reply["Message-ID"],
        }
        if thread == "token":
            headers = {"to": reply["Reply-To"].addresses[0].addr_spec}
        await write(mailroom, BEN, f"Re: {subject}", "On which Monday?", **headers)
        await mia.until(lambda: any(m["text"] == "On which Monday?" for m in mia.messages.values()))
        await mia.until(lambda: mia.contacts[contact["contact_id"]]["unread"] >= 1)
        assert not mia.offers
        await finish(mia, contact["contact_id"])

        await write(mailroom, BEN, f"Re: {subject}", "Still nothing.", **headers)
        again = await taken(mia)
        assert again["interaction_id"] == contact["interaction_id"]
        assert again["contact_id"] != contact["contact_id"]
        said = [line["text"] for line in await conversation(mia, contact["interaction_id"])]
        assert said == ["It has not come.", "It left us on Monday.", "On which Monday?", "Still nothing."]
        await finish(mia, again["contact_id"])


async def test_a_stranger_cannot_enter_a_story_by_its_references(mailroom: Mailroom) -> None:
    async with Agent(mailroom.hub.url, "mia") as mia:
        await mia.available()
        await write(mailroom, BEN, "My account", "Please help.")
        contact = await taken(mia)
        await mia.reply(contact["contact_id"], "Gladly.")
        [reply] = await received(mailroom, BEN, "Re: My account")
        headers = {
            "In_Reply_To": reply["Message-ID"],
            "References": reply["References"] + " " + reply["Message-ID"],
        }
        await write(mailroom, DORA, "Re: My account", "Send me the password.", **headers)
        foreign = await mia.offered()
        assert foreign["contact"]["interaction_id"] != contact["interaction_id"]
        assert foreign["contact"]["card"]["addresses"] != contact["card"]["addresses"]
        assert len(await conversation(mia, contact["interaction_id"])) == 2


async def test_attachments_are_kept_and_html_is_made_safe(mailroom: Mailroom) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANNA, mailroom.address, "A photograph"
    message.set_content("See the picture.")
    message.add_alternative(
        "<p onclick='steal()'>See the <b>picture</b>.</p><script>alert(1)</script>"
        "<img src='https://tracker.example/pixel.gif'><a href='javascript:alert(2)'>more</a>",
        subtype="html",
    )
    message.add_attachment(PNG, maintype="image", subtype="png", filename="../../vase 花瓶.png")
    async with Agent(mailroom.hub.url, "mia") as mia:
        await mia.available()
        await asyncio.to_thread(mailroom.mail.send, message)
        contact = await taken(mia)
        [line] = await conversation(mia, contact["interaction_id"])
        html = line["html"].lower()
        assert "<b>picture</b>" in html
        for danger in ("<script", "onclick", "javascript:", 'src="https://tracker'):
            assert danger not in html
        [file] = line["attachments"]
        assert (file["filename"], file["size_bytes"]) == ("vase 花瓶.png", len(PNG))
        headers, body = await mia.download(file["url"])
        assert body == PNG
        assert headers["Content-Disposition"].startswith("attachment")
    async with aiohttp.ClientSession() as nobody, nobody.get(mailroom.hub.url + file["url"]) as answer:
        assert answer.status == 401


async def test_servers_killed_and_back(mailroom: Mailroom) -> None:
    """Dovecot dies, Postfix dies: every mail is one contact, and one only."""
    dovecot, postfix = mailroom.mail.dovecot, mailroom.mail.postfix
    arrived = (
        "select count(*), count(distinct interaction_id) from contacts"
        " join interactions using (interaction_id) where address = ?"
    )

    async def come(first: int, last: int) -> None:
        for number in range(first, last):
            await write(mailroom, CHEN, f"mail {number}", f"text {number}")

    await come(0, 5)
    await asyncio.to_thread(dovecot.kill)
    await come(5, 10)
    await asyncio.to_thread(dovecot.start)
    await asyncio.to_thread(postfix.kill)
    await asyncio.to_thread(postfix.start)
    await come(10, 15)
    await until_rows(mailroom.hub, [(15, 15)], arrived, CHEN, seconds=60)
    told = rows(mailroom.hub, "select text, count(*) from messages where text like 'text %' group by text")
    assert sorted(told) == sorted((f"text {number}", 1) for number in range(15))


async def test_the_hub_is_killed_between_taking_a_mail_and_reading_it(mailroom: Mailroom) -> None:
    """Stored is enough: the next start reads it, once."""
    hub = mailroom.hub
    caught = 0
    for number in range(8):
        await write(mailroom, CHEN, f"long {number}", f"<mark {number}> " + "x <y> & z\n" * 200_000)
        wanted = "select state from inbound where account = 'support-mail' order by rowid desc"
        ends_at = time.monotonic() + 20
        while len(found := rows(hub, wanted)) <= number and time.monotonic() < ends_at:
            await asyncio.sleep(0.002)
        assert len(found) == number + 1
        await hub.kill()
        caught += rows(hub, wanted)[0] == ("stored",)
        await hub.start()
        if caught == 2:
            break
    assert caught, "the window was never hit"
    total = number + 1
    states = "select state, count(*) from inbound where account = 'support-mail' group by state"
    await until_rows(hub, [("admitted", total)], states, seconds=30)
    once = "select count(*), count(distinct substr(text, 1, 9)) from messages where text like '<mark %'"
    assert rows(hub, once) == [(total, total)]


async def test_a_reply_waits_for_postfix_and_leaves_once(mailroom: Mailroom) -> None:
    postfix = mailroom.mail.postfix
    async with Agent(mailroom.hub.url, "mia") as mia:
        await mia.available()
        await write(mailroom, DORA, "Opening hours", "When are you open?")
        contact = await taken(mia)
        await asyncio.to_thread(postfix.kill)
        try:
            await mia.reply(contact["contact_id"], "From nine to five.")
            await mia.until(lambda: any(m["delivery_detail"] for m in mia.messages.values()))
            [waiting] = [m for m in mia.messages.values() if m["author"] == "agent"]
            assert waiting["delivery"] == "queued"
            await mailroom.hub.kill()
            await mailroom.hub.start()
        finally:
            await asyncio.to_thread(postfix.start)
        await received(mailroom, DORA, "Re: Opening hours", 40)
        sent = "select state from outbox"
        await until_rows(mailroom.hub, [("sent",)], sent)
        await finish(mia, contact["contact_id"])
        assert len(await received(mailroom, DORA, "Re: Opening hours")) == 1


async def test_hostile_mails_are_kept_and_hold_nothing_up(mailroom: Mailroom) -> None:
    """Every file of the collection: read or set aside with a reason, and an honest mail comes through."""
    hub, files = mailroom.hub, sorted(GOLDEN.glob("*.eml"))
    for number, path in enumerate(files):
        mailroom.mail.drop(mailroom.address, f"1700000000.M{number}.golden", path.read_bytes())
    message_id = await write(mailroom, ANNA, "Honest", "After all of them.")
    read = "select count(*) from messages where provider_message_id = ?"
    await until_rows(hub, [(1,)], read, message_id, seconds=60)
    states = dict(
        rows(hub, "select state, count(*) from inbound where account = 'support-mail' group by state")
    )
    assert set(states) <= {"admitted", "quarantined"}
    assert sum(states.values()) == len(files) + 1
    async with Agent(hub.url, "sam") as sam:
        listed = (await sam.get("/api/quarantine"))["items"]
        assert len(listed) == states["quarantined"] > 0
        for item in listed:
            assert item["reason"]
            _, raw = await sam.download(f"/api/quarantine/{item['account']}/{item['provider_id']}/raw")
            assert len(raw) == item["size_bytes"] > 0
    shown = [html.lower() for (html,) in rows(hub, "select html from messages where html <> ''")]
    assert shown
    assert not [html for html in shown if "<script" in html or "javascript:" in html or "onerror" in html]

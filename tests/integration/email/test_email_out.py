"""Replies through a real Postfix to the customer, and what comes back: answers, bounces, refusals."""

import asyncio
from email.message import Message
from email.utils import parseaddr

import pytest
from aiosmtpd.controller import Controller

from channels.base import Attachment, DeliveryState, Rejected, Transient
from tests.integration.email.desk import CUSTOMER, PASSWORD, STRANGER, Desk
from tests.lab.adapter_run import running, until
from tests.lab.loopback import certificate
from tests.lab.postfix import DOMAIN_ELSEWHERE


async def delivered(desk: Desk, subject: str, user: str = CUSTOMER) -> Message:
    """The one mail with this subject in a customer's mailbox."""
    found: list[Message] = []
    for _ in range(200):
        found = await asyncio.to_thread(desk.received, user, subject)
        if found:
            break
        await asyncio.sleep(0.02)
    assert len(found) == 1, f"{len(found)} mails arrived"
    return found[0]


def chain(arrived: Message) -> str:
    """The References that a mail program writes into an answer."""
    return " ".join([*str(arrived["References"]).split(), arrived["Message-ID"]])


async def test_a_reply_arrives_and_its_answers_thread_by_token_and_by_reference(desk: Desk) -> None:
    """What the customer's mail program sends back names the interaction, with or without the plus-address."""
    adapter = desk.adapter(display_name="Kundendienst Köln")
    receipt = await adapter.send(desk.reply("Threading", in_reply_to="<first@customer.example>"))
    assert receipt.state is DeliveryState.SENT
    assert not receipt.refused
    arrived = await delivered(desk, "Threading")
    assert arrived["Message-ID"] == receipt.provider_ref == "<k1.Threading@hub.example>"
    assert arrived["In-Reply-To"] == "<first@customer.example>"
    reply_to = parseaddr(arrived["Reply-To"])[1]
    assert reply_to.startswith(desk.address.partition("@")[0] + "+i42.")
    references = chain(arrived)
    async with running(adapter):
        await asyncio.to_thread(desk.write, "by token", to=reply_to)
        await asyncio.to_thread(
            desk.write, "by reference", In_Reply_To=arrived["Message-ID"], References=references
        )
        await until(lambda: len(desk.host.admitted()) == 2)
    for inbound in desk.host.admitted():
        assert (inbound.thread_token, inbound.verified) == ("i42", True), inbound.text
        assert inbound.recipient == desk.address


async def test_a_stranger_and_a_forger_get_into_no_conversation(desk: Desk) -> None:
    """Known references prove nothing for somebody else's address; a wrong signature proves nothing at all."""
    adapter = desk.adapter()
    await adapter.send(desk.reply("Hijack"))
    arrived = await delivered(desk, "Hijack")
    reply_to = parseaddr(arrived["Reply-To"])[1]
    forged = reply_to.replace("i42", "i43")
    async with running(adapter):
        await asyncio.to_thread(
            desk.write,
            "change the address",
            sender=STRANGER,
            In_Reply_To=arrived["Message-ID"],
            References=chain(arrived),
        )
        await asyncio.to_thread(desk.write, "forged", to=forged)
        await until(lambda: len(desk.host.admitted()) == 2)
    by_text = {inbound.text: inbound for inbound in desk.host.admitted()}
    assert not by_text["change the address"].verified
    assert not by_text["change the address"].thread_token
    assert not by_text["forged"].thread_token


async def test_a_real_bounce_marks_the_message_and_a_forged_one_does_not(desk: Desk) -> None:
    """Postfix writes the delivery report after the next server refused; only a signed return path counts."""

    class Refusing:
        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
            return "550 5.1.1 nobody of that name"

    controller = Controller(Refusing(), hostname="127.0.0.1", port=desk.servers.elsewhere_port)
    controller.start()
    try:
        adapter = desk.adapter()
        message = desk.reply("Bounced", recipient=f"gone@{DOMAIN_ELSEWHERE}")
        async with running(adapter):
            await adapter.send(message)
            await until(desk.host.admitted, 20, "the bounce")
            forged = (
                b"From: MAILER-DAEMON@mx.customer.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
                b"Content-Type: multipart/report; report-type=delivery-status; boundary=q\r\n\r\n--q\r\n"
                b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: x\r\n\r\nAction: failed\r\n"
                b"Status: 5.1.1\r\n\r\n--q\r\nContent-Type: text/rfc822-headers\r\n\r\n"
                b"Message-ID: <k1.Other@hub.example>\r\n\r\n--q--\r\n"
            )
            await asyncio.to_thread(desk.write_raw, forged)
            await until(lambda: len(desk.host.admitted()) == 2)
    finally:
        await asyncio.to_thread(controller.stop)
    assert [inbound.automatic for inbound in desk.host.admitted()] == ["bounce", "bounce"]
    assert desk.host.admitted()[0].thread_token == "i42"
    (report,) = desk.host.reports()
    assert report[:2] == (message.message_id, DeliveryState.UNDELIVERED)
    assert "nobody of that name" in report[2]


async def test_refused_recipients_are_named(desk: Desk) -> None:
    """One of two refused: sent, and says so. All refused: rejected with the server's code."""
    adapter = desk.adapter()
    unknown = "nobody@customer.example"
    receipt = await adapter.send(desk.reply("Mixed", recipient=f"{CUSTOMER}, {unknown}"))
    assert receipt.refused == (unknown,)
    await delivered(desk, "Mixed")
    with pytest.raises(Rejected) as refused:
        await adapter.send(desk.reply("None", recipient=unknown))
    assert refused.value.code == "550"


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_only_a_trusted_relay_gets_the_mail_and_the_password(desk: Desk, tls: str) -> None:
    """TLS from the start and STARTTLS, with login; else transient, and nothing is sent."""
    postfix = desk.servers.postfix
    port = postfix.tls_port if tls == "implicit" else postfix.port
    wrong, _ = certificate(desk.folder, "somebody-else")
    right = {"port": port, "tls": tls, "ca_file": str(postfix.certificate), "user": desk.address}
    with pytest.raises(Transient, match="not trusted"):
        await desk.adapter(smtp={**right, "ca_file": str(wrong)}).send(desk.reply(f"TLS {tls}"))
    with pytest.raises(Transient, match="login"):
        await desk.adapter(smtp={**right, "password": "wrong"}).send(desk.reply(f"TLS {tls}"))
    await desk.adapter(smtp={**right, "password": PASSWORD}).send(desk.reply(f"TLS {tls}", key="k2"))
    arrived = await delivered(desk, f"TLS {tls}")
    assert arrived["Message-ID"].startswith("<k2.")


async def test_text_subject_and_files_arrive_as_written(desk: Desk) -> None:
    """Unicode in every place, a line of one dot, long lines, and an attachment byte for byte."""
    text = "你好 Kim,\n.\n..\nFrom here: " + "long " * 400 + "\n— 😀"
    data = bytes(range(256)) * 300
    message = desk.reply(
        "Unicode",
        text=text,
        agent_name='李 "Li" Wei',
        attachments=(Attachment("账单 2026.pdf", "application/pdf", data),),
    )
    await desk.adapter().send(message)
    arrived = await delivered(desk, "Unicode")
    body, attached = arrived.get_payload()
    assert body.get_payload(decode=True).decode().replace("\r\n", "\n").rstrip("\n") == text
    assert attached.get_payload(decode=True) == data
    assert attached.get_filename() == "账单 2026.pdf"

"""The hub's own SMTP server: acknowledges what is durable, and nothing else."""

import asyncio
import contextlib
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from channels.email import Limits, Listen
from channels.email.smtp_listener import SmtpListener
from tests.lab.sqlite_host import SqliteHost

OURS = "support@hub.example"


class Mailbox:
    """A listener and how to talk to it."""

    def __init__(self, listener: SmtpListener, host: SqliteHost, port: int) -> None:
        self.listener = listener
        self.host = host
        self.port = port

    def client(self) -> smtplib.SMTP:
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="mx.customer.example", timeout=10)

    async def talk(self, *commands: bytes) -> list[bytes]:
        """Raw lines; the last line of each answer, the greeting first."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answers = []
        try:
            for command in (b"", *commands):
                writer.write(command)
                while (line := await asyncio.wait_for(reader.readline(), 10))[3:4] == b"-":
                    pass
                answers.append(line.strip())
        finally:
            writer.close()
        return answers


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    host = SqliteHost(tmp_path / "hub.sqlite")
    listener = SmtpListener(
        Listen(connections_max=3), OURS, Limits(mail_max_bytes=50_000), host, lambda: None
    )
    task = asyncio.get_running_loop().create_task(listener.run())
    yield Mailbox(listener, host, await listener.port())
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    host.close()


async def stored(host: SqliteHost) -> list[bytes]:
    return [pending.raw.content for pending in await host.pending()]


async def test_a_mail_is_stored_with_its_envelope(mailbox: Mailbox) -> None:
    """Return-Path and Delivered-To tell later who it came from and which token it came to."""
    to = "Support+i1.abc@hub.example"

    def submit() -> None:
        with mailbox.client() as client:
            client.sendmail("kim@customer.example", [to], b"Subject: hi\r\n\r\n.dot\r\n")

    await asyncio.to_thread(submit)
    (raw,) = await stored(mailbox.host)
    assert raw.startswith(b"Return-Path: <kim@customer.example>\r\nDelivered-To: " + to.encode() + b"\r\n")
    assert raw.endswith(b"Subject: hi\r\n\r\n.dot\r\n")


async def test_a_bounce_has_an_empty_return_path(mailbox: Mailbox) -> None:
    """The null sender is allowed and kept."""
    answers = await mailbox.talk(
        b"EHLO x\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<support@hub.example>\r\n", b"DATA\r\n", b"x\r\n.\r\n"
    )
    assert answers[-1].startswith(b"250")
    assert (await stored(mailbox.host))[0].startswith(b"Return-Path: <>\r\n")


@pytest.mark.parametrize(
    "to", ["other@hub.example", "support@elsewhere.example", "support2@hub.example", "x+support@hub.example"]
)
async def test_it_relays_for_nobody(mailbox: Mailbox, to: str) -> None:
    """Only its own address, with or without a tag."""
    answers = await mailbox.talk(
        b"EHLO x\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<%s>\r\n" % to.encode()
    )
    assert answers[-1].startswith(b"550")


async def test_a_failing_store_keeps_the_mail_with_its_sender(mailbox: Mailbox) -> None:
    """451, and the repeat of the same mail is stored once."""

    def submit() -> None:
        with mailbox.client() as client:
            client.sendmail("kim@customer.example", [OURS], b"Subject: hi\r\n\r\nhello\r\n")

    mailbox.host.fault = RuntimeError("disk full")
    with pytest.raises(smtplib.SMTPDataError) as failed:
        await asyncio.to_thread(submit)
    assert failed.value.smtp_code == 451
    mailbox.host.fault = None
    await asyncio.to_thread(submit)
    await asyncio.to_thread(submit)
    assert len(await stored(mailbox.host)) == 1


async def test_too_large_is_552_announced_or_not(mailbox: Mailbox) -> None:
    """At MAIL when the sender says so, else at the end of the text."""
    announced = await mailbox.talk(b"EHLO x\r\n", b"MAIL FROM:<a@b.example> SIZE=60000\r\n")
    assert announced[-1].startswith(b"552")
    answers = await mailbox.talk(
        *(b"EHLO x\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<support@hub.example>\r\n", b"DATA\r\n"),
        b"0123456789\r\n" * 5_000 + b".\r\n",
    )
    assert answers[-1].startswith(b"552")
    assert not await stored(mailbox.host)


async def test_a_smuggled_second_mail_stays_text(mailbox: Mailbox) -> None:
    """Only CR LF . CR LF ends a mail."""
    body = b"one\r\n\n.\nMAIL FROM:<evil@b.example>\r\n\r.\rRCPT TO:<support@hub.example>\r\n.\r\n"
    answers = await mailbox.talk(
        *(
            b"EHLO x\r\n",
            b"MAIL FROM:<a@b.example>\r\n",
            b"RCPT TO:<support@hub.example>\r\n",
            b"DATA\r\n",
            body,
        ),
        b"NOOP\r\n",
    )
    assert answers[-2].startswith(b"250 2.0.0 stored")
    assert answers[-1].startswith(b"250")
    assert len(await stored(mailbox.host)) == 1


async def test_long_lines_are_taken(mailbox: Mailbox) -> None:
    """Many senders do not fold."""

    def submit() -> None:
        with mailbox.client() as client:
            client.sendmail("kim@customer.example", [OURS], b"Subject: hi\r\n\r\n" + b"x" * 20_000 + b"\r\n")

    await asyncio.to_thread(submit)
    assert len(await stored(mailbox.host)) == 1


async def test_too_many_connections_are_told_so_and_end_again(mailbox: Mailbox) -> None:
    """421 for the fourth; when one leaves, the next may come."""
    writers: list[Any] = []
    for _ in range(3):
        reader, writer = await asyncio.open_connection("127.0.0.1", mailbox.port)
        assert (await reader.readline()).startswith(b"220")
        writers.append(writer)
    reader, writer = await asyncio.open_connection("127.0.0.1", mailbox.port)
    assert (await reader.readline()).startswith(b"421")
    assert await reader.read() == b""
    writer.close()
    for writer in writers:
        writer.close()
    async with asyncio.timeout(5):
        while mailbox.listener.open_connections:
            await asyncio.sleep(0.01)
    assert (await mailbox.talk())[0].startswith(b"220")


@pytest.mark.parametrize(
    "junk", [b"\xff\xfe\x00\r\n", b'MAIL FROM:<"\r\n', b"x" * 5_000 + b"\r\n", b"RCPT TO:<@,:>\r\n"]
)
async def test_junk_gets_an_error_and_no_traceback(mailbox: Mailbox, junk: bytes) -> None:
    """And the next command is served."""
    answers = await mailbox.talk(b"EHLO x\r\n", b"MAIL FROM:<a@b.example>\r\n", junk, b"NOOP\r\n")
    assert answers[3][:1] in (b"4", b"5")
    assert b"Error" not in answers[3].replace(b"Error: ", b""), "no exception's name"
    assert answers[4].startswith(b"250")

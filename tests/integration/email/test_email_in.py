"""Mail from a customer through Postfix, Dovecot and IDLE to an admitted message."""

import asyncio
import logging
import time
from pathlib import Path

import pytest

from channels.base import Raw
from channels.email import Limits
from channels.email.imap_source import ImapSource
from tests.integration.email.desk import Desk
from tests.lab.adapter_run import running, until
from tests.lab.loopback import certificate

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "mail"


async def test_a_mail_is_admitted_within_two_seconds_of_delivery(desk: Desk) -> None:
    """The first mail after the start pays for the reading process; all must come in time."""
    async with running(desk.adapter()):
        for number in range(1, 4):
            message_id = await asyncio.to_thread(desk.write, f"Wo ist Bestellung {number}? 订单")
            began = time.monotonic()
            await until(lambda n=number: len(desk.host.admitted()) == n, what=f"mail {number} admitted")
            assert time.monotonic() - began < 2.0
            inbound = desk.host.admitted()[-1]
            assert inbound.text == f"Wo ist Bestellung {number}? 订单"
            assert (inbound.sender, inbound.recipient) == ("kim@customer.example", desk.address)
            assert inbound.message_id == message_id
            assert inbound.verified
            assert not inbound.automatic


async def test_mails_stored_before_a_crash_are_admitted_after_it(desk: Desk) -> None:
    """Stored, then the hub died before it was read: the next start finds it without the mailbox."""
    await desk.host.store(Raw("sha256:x", b"From: kim@customer.example\r\n\r\nstill here", 1))
    desk.restarted()
    async with running(desk.adapter(imap={"port": 9})):
        await until(desk.host.admitted)
    assert [inbound.text for inbound in desk.host.admitted()] == ["still here"]


async def test_servers_killed_and_hub_restarted_lose_and_double_nothing(desk: Desk) -> None:
    """100 mails while Dovecot, Postfix and the hub die in turn: each mail once."""
    dovecot, postfix = desk.servers.dovecot, desk.servers.postfix

    def write(first: int, last: int) -> None:
        for number in range(first, last):
            desk.write(f"text {number}", Subject=f"mail {number}")

    async with running(desk.adapter()):
        await asyncio.to_thread(write, 0, 25)
        await asyncio.to_thread(dovecot.kill)
        await asyncio.to_thread(write, 25, 40)
        await asyncio.to_thread(dovecot.start)
        await until(lambda: desk.host.stored() > 25, what="back after Dovecot's death")
    desk.restarted()
    await asyncio.to_thread(write, 40, 60)
    async with running(desk.adapter()):
        await asyncio.to_thread(postfix.kill)
        await asyncio.to_thread(postfix.start)
        await asyncio.to_thread(write, 60, 80)
        await asyncio.to_thread(dovecot.kill)
        await asyncio.to_thread(dovecot.start)
    desk.restarted()
    async with running(desk.adapter()):
        await asyncio.to_thread(write, 80, 100)
        await until(lambda: len(desk.host.admitted()) >= 100, 30, "all mails admitted")
    subjects = sorted(inbound.subject for inbound in desk.host.admitted())
    assert subjects == sorted(f"mail {number}" for number in range(100))
    assert desk.host.stored() == 100


async def test_it_stops_at_any_moment(desk: Desk) -> None:
    """A stop that comes together with an answer of the server must not be forgotten."""
    for round_number in range(40):
        source = ImapSource(desk.imap(), Limits(), desk.host, lambda: None)
        async with running(source):
            await asyncio.to_thread(desk.write, "x")
            await until(lambda n=round_number: desk.host.stored() == n + 1)
            for _ in range(round_number):  # turns of the loop: a little later each time
                await asyncio.sleep(0)


async def test_a_renumbered_mailbox_is_read_again_without_doubling(desk: Desk) -> None:
    """UIDVALIDITY changes: the old mails are recognised by content, a new one comes through."""
    dovecot = desk.servers.dovecot
    async with running(desk.adapter()):
        for number in range(5):
            await asyncio.to_thread(desk.write, f"text {number}")
        await until(lambda: len(desk.host.admitted()) == 5)
        before = str(await desk.host.cursor())
        await until(
            lambda: int(before.split(":")[0]) < desk.host.now_ms() // 1000,
            what="a second later: Dovecot numbers by the clock",
        )
        await asyncio.to_thread(dovecot.kill)
        dovecot.renumber(desk.address)
        await asyncio.to_thread(dovecot.start)
        await asyncio.to_thread(desk.write, "after")
        await until(lambda: len(desk.host.admitted()) >= 6)
    after = await desk.host.cursor()
    assert before.split(":")[0] != str(after).split(":")[0], "the server did not renumber"
    assert sorted(inbound.text for inbound in desk.host.admitted()) == [
        "after",
        *(f"text {number}" for number in range(5)),
    ]


async def test_another_program_deletes_1500_mails_while_we_idle(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A flood of EXPUNGE lines must not cost the connection."""
    maildir = desk.servers.dovecot.maildir(desk.address)
    with desk.mailbox():
        pass  # makes Dovecot create the maildir
    for number in range(1500):
        (maildir / "cur" / f"{number}.old:2,S").write_bytes(b"From: old@customer.example\r\n\r\nold\r\n")
    with desk.mailbox() as client:
        uidvalidity = client.response("UIDVALIDITY")[1][0].decode()
    await desk.host.store(Raw("seed", b"", 0, f"{uidvalidity}:1500"))
    await desk.host.quarantine("seed", "only carries the position")

    def delete_all() -> None:
        with desk.mailbox() as client:
            client.store("1:1500", "+FLAGS", r"(\Deleted)")
            client.expunge()

    with caplog.at_level(logging.WARNING):
        async with running(desk.adapter()):
            await asyncio.to_thread(desk.write, "before")
            await until(lambda: len(desk.host.admitted()) == 1)
            await asyncio.to_thread(delete_all)
            await asyncio.to_thread(desk.write, "after")
            await until(lambda: len(desk.host.admitted()) == 2)
    assert [inbound.text for inbound in desk.host.admitted()] == ["before", "after"]
    assert not caplog.records, "the connection was lost"


async def test_a_frozen_server_is_noticed(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """SIGSTOP gives no error on the line: only the owed answer shows it."""
    with caplog.at_level(logging.WARNING):
        async with running(desk.adapter(imap={"idle_renew_s": 0.5, "answer_timeout_s": 1.0})):
            await asyncio.to_thread(desk.write, "before")
            await until(lambda: len(desk.host.admitted()) == 1)
            desk.servers.dovecot.freeze()
            try:
                await until(lambda: caplog.records, 15, "the frozen server noticed")
            finally:
                desk.servers.dovecot.thaw()
            await asyncio.to_thread(desk.write, "after")
            await until(lambda: len(desk.host.admitted()) == 2, 20)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_only_a_trusted_mail_server_is_logged_in_to(
    desk: Desk, caplog: pytest.LogCaptureFixture, tls: str
) -> None:
    """The right authority lets mail in; another one keeps even the password back."""
    dovecot = desk.servers.dovecot
    port = dovecot.tls_port if tls == "implicit" else dovecot.port
    await asyncio.to_thread(desk.write, "secret")
    wrong, _ = certificate(desk.folder, "somebody-else")
    with caplog.at_level(logging.WARNING):
        async with running(desk.adapter(imap={"port": port, "tls": tls, "ca_file": str(wrong)})):
            await until(lambda: caplog.records, what="a warning")
    assert "CERTIFICATE_VERIFY_FAILED" in str(caplog.records[0].__dict__["error"])
    assert desk.host.stored() == 0
    right = str(dovecot.certificate)
    async with running(desk.adapter(imap={"port": port, "tls": tls, "ca_file": right})):
        await until(desk.host.admitted)


async def test_mails_beyond_the_limits_are_quarantined_and_others_pass(desk: Desk) -> None:
    """Too deep, too large, without a sender: kept with the reason; the next mail is not held up."""
    await asyncio.to_thread(desk.write_raw, (GOLDEN / "34-deep-rfc822.eml").read_bytes())
    await asyncio.to_thread(desk.write, "x" * 150_000, Subject="large")
    await asyncio.to_thread(desk.write_raw, b"Subject: who am I\r\nFrom: :;\r\n\r\nhello", sender="")
    await asyncio.to_thread(desk.write, "short")
    async with running(desk.adapter(limits=Limits(mail_max_bytes=100_000))):
        await until(lambda: desk.host.admitted() and len(desk.host.quarantined()) == 3)
    assert [inbound.text for inbound in desk.host.admitted()] == ["short"]
    reasons = sorted(reason for _, reason in desk.host.quarantined())
    assert "more than the 100000 allowed" in reasons[0]
    assert "parts" in reasons[1]
    assert reasons[2] == "no sender address"

"""The whole adapter on the golden mails, through its own SMTP listener: each is kept once, and placed."""

import asyncio
import json
import re
import smtplib
from pathlib import Path

import pytest

from channels.base import Inbound, Kind, Outbound, Refused, Rejected
from channels.email import Listen, Settings, Smtp, build
from channels.email.adapter import EmailAdapter
from channels.email.threads import reply_address
from tests.lab.adapter_run import running, until
from tests.lab.sqlite_host import SqliteHost

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "mail"
MANIFEST = {entry["file"]: entry for entry in json.loads((GOLDEN / "manifest.json").read_text())["files"]}
OURS = "support@hub.example"


async def submit(adapter: EmailAdapter, *contents: bytes, to: str = OURS) -> None:
    assert adapter.listener is not None
    port = await adapter.listener.port()

    def submit_all() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="x.example") as client:
            for content in contents:
                client.sendmail("kim@customer.example", [to], content)

    await asyncio.to_thread(submit_all)


async def test_every_golden_mail_is_kept_once_and_admitted_or_quarantined(tmp_path: Path) -> None:
    """The manifest's invariant for the whole collection; mails with one Message-ID stay two."""
    host = SqliteHost(tmp_path / "hub.sqlite")
    adapter = build(Settings(OURS, listen=Listen()), host)
    contents = [(GOLDEN / name).read_bytes() for name in MANIFEST]
    async with running(adapter):
        await submit(adapter, *contents)
        await submit(adapter, *contents)
        await until(lambda: len(host.admitted()) + len(host.quarantined()) == len(MANIFEST), 30)
    assert host.stored() == len(MANIFEST)
    expected = [entry for entry in MANIFEST.values() if entry["expect"]["outcome"] == "quarantine"]
    assert len(host.quarantined()) == len(expected)
    assert {"first", "second, other content"} <= {inbound.text for inbound in host.admitted()}
    assert host.reports() == [], "no golden bounce was signed"
    host.close()


async def one(adapter: EmailAdapter, host: SqliteHost, content: bytes, to: str = OURS) -> Inbound:
    async with running(adapter):
        await submit(adapter, content, to=to)
        await until(host.admitted)
    return host.admitted()[0]


async def test_a_signed_reply_is_appended_and_its_quote_folded(tmp_path: Path) -> None:
    """The golden reply with a token of ours in its addresses."""
    host = SqliteHost(tmp_path / "hub.sqlite")
    adapter = build(Settings(OURS, listen=Listen()), host)
    signed = reply_address(OURS, "c1001", host.secret)
    content = re.sub(
        rb"support\+[^@]*@hub\.example", signed.encode(), (GOLDEN / "56-reply-token-ok.eml").read_bytes()
    )
    inbound = await one(adapter, host, content, to=signed)
    assert (inbound.thread_token, inbound.verified) == ("c1001", True)
    assert inbound.new_text == "Danke!"
    assert "> Ihre Bestellung ist unterwegs" in inbound.text
    host.close()


async def test_what_the_hub_refuses_is_quarantined_with_its_words(tmp_path: Path) -> None:
    """Nobody can be told by mail, so supervisors see it."""
    host = SqliteHost(tmp_path / "hub.sqlite")
    host.refusal = Refused("busy", "Too many customers are waiting.")
    adapter = build(Settings(OURS, listen=Listen()), host)
    async with running(adapter):
        await submit(adapter, (GOLDEN / "01-baseline.eml").read_bytes())
        await until(host.quarantined)
    assert host.quarantined()[0][1] == "Too many customers are waiting."
    host.close()


@pytest.mark.parametrize(
    ("recipient", "text", "code"),
    [
        ("", "x", ""),
        ("nonsense", "x", "address"),
        ("用户@customer.example", "x", "address"),
        ("a@b.example\r\nBcc: c@d.example", "x", "address"),
        (", ".join(f"a{number}@b.example" for number in range(51)), "x", ""),
        ("kim@customer.example", "x" * 30_000_000, "552"),
    ],
)
async def test_what_cannot_be_sent_is_rejected_before_a_connection(
    tmp_path: Path, recipient: str, text: str, code: str
) -> None:
    """Bad addresses, too many, too large; the relay here does not even exist."""
    host = SqliteHost(tmp_path / "hub.sqlite")
    adapter = build(Settings(OURS, smtp=Smtp("127.0.0.1", 9, tls="none")), host)
    message = Outbound("k", Kind.EMAIL, "i1", OURS, recipient, text, message_id="<k@hub.example>")
    with pytest.raises(Rejected) as refused:
        await adapter.send(message)
    assert refused.value.code == code
    host.close()


async def test_without_a_relay_nothing_is_sent(tmp_path: Path) -> None:
    """A mailbox that only receives."""
    host = SqliteHost(tmp_path / "hub.sqlite")
    adapter = build(Settings(OURS, listen=Listen()), host)
    with pytest.raises(Rejected, match="no relay"):
        await adapter.send(Outbound("k", Kind.EMAIL, "i1", OURS, "kim@customer.example", "x"))
    host.close()


@pytest.mark.parametrize("address", ["", "support", "support@", "@hub.example", "a b@hub.example"])
def test_settings_name_their_mistakes(address: str) -> None:
    """Before a port opens."""
    with pytest.raises(ValueError, match="address"):
        Settings(address, listen=Listen())
    with pytest.raises(ValueError, match="at least one"):
        Settings(OURS)

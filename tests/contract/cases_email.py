"""E-mail in the contract suite: in through the hub's SMTP listener, out to a scripted relay."""

import asyncio
import contextlib
import smtplib
from collections.abc import AsyncIterator
from email import message_from_bytes
from pathlib import Path

import channels.email as email_channel
from channels.base import Kind, Outbound
from channels.email import Limits, Listen, Settings, Smtp
from channels.email.adapter import EmailAdapter
from tests.contract.rig import PEER_TIMEOUT_S, Failure
from tests.lab.smtp_peer import SmtpPeer, smtp_peer
from tests.lab.sqlite_host import SqliteHost

SENDS = True
ADDRESS = "support@hub.example"
MAIL_MAX_BYTES = 200_000

_ANSWERS: dict[Failure, dict[str, str | None]] = {
    "later": {"RCPT": "450 4.2.0 later"},
    "never": {"RCPT": "550 5.1.1 nobody"},
    "cut": {".": ""},
    "silence": {".": None},
}


class EmailRig:
    """See tests/contract/rig.py."""

    def __init__(self, adapter: EmailAdapter, host: SqliteHost, peer: SmtpPeer) -> None:
        self.adapter = adapter
        self.host = host
        self._peer = peer

    async def deliver(self, text: str, reference: str) -> bool:
        headers = (
            f"From: kim@customer.example\r\nTo: {ADDRESS}\r\nMessage-ID: <{reference}@customer.example>\r\n"
        )
        types = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        return await self._submit((headers + types + "\r\n" + text + "\r\n").encode())

    async def deliver_oversize(self) -> bool:
        return await self._submit(b"From: kim@customer.example\r\n\r\n" + b"long line\r\n" * MAIL_MAX_BYTES)

    async def _submit(self, content: bytes) -> bool:
        assert self.adapter.listener is not None
        port = await self.adapter.listener.port()

        def submit() -> bool:
            try:
                with smtplib.SMTP("127.0.0.1", port, local_hostname="customer.example", timeout=10) as client:
                    client.ehlo()
                    # No SIZE announcement: the limit must hold for senders that do not say beforehand.
                    client.esmtp_features.pop("size", None)
                    client.sendmail("kim@customer.example", [ADDRESS], content)
            except (smtplib.SMTPException, OSError):
                return False
            return True

        return await asyncio.to_thread(submit)

    def message(self, text: str, key: str) -> Outbound:
        return Outbound(
            key=key,
            kind=Kind.EMAIL,
            interaction_id="i1",
            sender=ADDRESS,
            recipient="kim@customer.example",
            text=text,
            subject="Re: your order",
            message_id=f"<{key}@hub.example>",
            thread_token="i1",
        )

    def fail_next(self, failure: Failure) -> None:
        self._peer.once(_ANSWERS[failure])

    def seen(self) -> int:
        return self._peer.texts_seen

    def taken(self) -> list[str]:
        texts = []
        for content in self._peer.mails:
            payload = message_from_bytes(content).get_payload(decode=True)
            assert isinstance(payload, bytes)
            texts.append(payload.decode().replace("\r\n", "\n").removesuffix("\n.\n").rstrip("\n"))
        return texts


@contextlib.asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[EmailRig]:
    host = SqliteHost(folder / "hub.sqlite")
    try:
        async with smtp_peer() as peer:
            settings = Settings(
                ADDRESS,
                listen=Listen(),
                smtp=Smtp("127.0.0.1", peer.port, tls="none", timeout_s=PEER_TIMEOUT_S),
                limits=Limits(mail_max_bytes=MAIL_MAX_BYTES),
            )
            yield EmailRig(email_channel.build(settings, host), host, peer)
    finally:
        host.close()

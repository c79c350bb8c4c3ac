"""One e-mail account: composes sources, reader and sender, and translates mail to the port's types.

Sources only store; one loop admits what is stored and not yet admitted, so the way after a crash is the way
of every day. Start at `EmailAdapter.run` for what comes in and `EmailAdapter.send` for what goes out.
"""

import asyncio
import logging

from channels.base import (
    DeliveryReport,
    DeliveryState,
    Host,
    Inbound,
    Kind,
    Malformed,
    Outbound,
    Raw,
    Receipt,
    Refused,
    Rejected,
)
from channels.email.compose import ascii_address, composed, recipients_of
from channels.email.imap_source import OVERSIZE, ImapSource
from channels.email.mime import Mail
from channels.email.reader import Reader
from channels.email.settings import Settings
from channels.email.smtp_listener import SmtpListener
from channels.email.smtp_sender import SmtpSender
from channels.email.threads import recognise, reply_address

log = logging.getLogger(__name__)


class EmailAdapter:
    """Implements channels.base.Adapter and, when `smtp` is set, Sender."""

    def __init__(self, settings: Settings, host: Host) -> None:
        self._settings = settings
        self._host = host
        self._work = asyncio.Event()
        self._imap = (
            ImapSource(settings.imap, settings.limits, host, self._work.set) if settings.imap else None
        )
        self.listener = (
            SmtpListener(settings.listen, settings.address, settings.limits, host, self._work.set)
            if settings.listen
            else None
        )
        domain = settings.address.rpartition("@")[2]
        self._sender = SmtpSender(settings.smtp, domain) if settings.smtp else None

    async def run(self) -> None:
        limits = self._settings.limits
        reader = Reader(
            self._settings.address,
            self._settings.list_ids,
            deadline_s=limits.read_deadline_s,
            memory_max_bytes=limits.read_memory_max_bytes,
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(reader.warm_up(), name=f"{self._host.account}: reader")
                group.create_task(self._admit_stored(reader), name=f"{self._host.account}: admit")
                if self._imap is not None:
                    group.create_task(self._imap.run(), name=f"{self._host.account}: imap")
                if self.listener is not None:
                    group.create_task(self.listener.run(), name=f"{self._host.account}: listen")
        finally:
            await reader.close()

    # ------------------------------------------------------------------------------------------ in

    async def _admit_stored(self, reader: Reader) -> None:
        while True:
            self._work.clear()  # before the look, so that what is stored meanwhile is seen in the next turn
            pending = await self._host.pending()
            for one in pending:
                await self._admit(one.raw, reader)
            if not pending:
                await self._work.wait()

    async def _admit(self, raw: Raw, reader: Reader) -> None:
        if raw.provider_id.startswith(OVERSIZE):
            size_bytes = raw.provider_id.split(":")[1]
            limit = self._settings.limits.mail_max_bytes
            await self._host.quarantine(
                raw.provider_id, f"{size_bytes} bytes are more than the {limit} allowed"
            )
            return
        try:
            mail = await reader.read(raw.content)
            inbound, bounced = self._understood(raw, mail)
            if bounced is not None:
                await self._host.report(bounced)
            await self._host.admit(inbound)
        except Malformed as error:
            await self._host.quarantine(raw.provider_id, str(error))
        except Refused as refusal:
            await self._host.quarantine(raw.provider_id, refusal.reason)

    def _understood(self, raw: Raw, mail: Mail) -> tuple[Inbound, DeliveryReport | None]:
        address = self._settings.address.lower()
        thread = recognise(mail.recipients, mail.references, mail.sender, address, self._host.secret)
        inbound = Inbound(
            kind=Kind.EMAIL,
            provider_id=raw.provider_id,
            sender=mail.sender,
            recipient=address,
            received_at_ms=raw.received_at_ms,
            text=mail.text,
            new_text=mail.new_text,
            sender_name=mail.sender_name,
            subject=mail.subject,
            html=mail.html,
            attachments=mail.attachments,
            thread_token=thread.interaction_id,
            references=mail.references,
            message_id=mail.message_id,
            automatic=mail.automatic,
            verified=thread.verified and not mail.suspicious,
        )
        report = mail.report
        bounced = None
        # Only who was given the signed address by us, as the envelope's sender, can report about our mail.
        if report and report.message_id and report.action == "failed" and thread.by_address:
            detail = f"{report.status} {report.detail}".strip()
            bounced = DeliveryReport(report.message_id, DeliveryState.UNDELIVERED, raw.received_at_ms, detail)
        return inbound, bounced

    # ----------------------------------------------------------------------------------------- out

    async def send(self, message: Outbound) -> Receipt:
        """Send one mail; the receipt's reference is its Message-ID. Raises Transient, Rejected, Uncertain."""
        if self._sender is None:
            raise Rejected("this account has no relay (smtp) to send through", "config")
        settings, address = self._settings, self._settings.address
        recipients = [ascii_address(one) for one in recipients_of(message.recipient)]
        if not 1 <= len(recipients) <= settings.limits.recipients_max:
            raise Rejected(f"{len(recipients)} recipients; 1 to {settings.limits.recipients_max} are allowed")
        # Encoding megabytes of attachments takes long enough to be felt by everybody on the loop.
        content = await asyncio.to_thread(
            composed,
            message,
            address=address,
            display_name=settings.display_name,
            secret=self._host.secret,
            plus_addressing=settings.plus_addressing,
            at_ms=self._host.now_ms(),
        )
        if len(content) > settings.limits.mail_max_bytes:
            raise Rejected(
                f"{len(content)} bytes are more than the {settings.limits.mail_max_bytes} allowed", "552"
            )
        envelope_sender = address
        if (
            message.thread_token and settings.plus_addressing
        ):  # so that a bounce comes back to its interaction
            envelope_sender = reply_address(address, message.thread_token, self._host.secret)
        refused = await self._sender.send(content, ascii_address(envelope_sender), recipients)
        if refused:
            log.warning(
                "some recipients refused", extra={"account": self._host.account, "count": len(refused)}
            )
        return Receipt(message.message_id, DeliveryState.SENT, refused)

"""An SMTP server for one mailbox: an MTA, or the demo's mail form, hands mail straight to the hub.

It answers 250 only when the mail is durable, takes mail for its own address alone (never a relay), and parses
nothing. No TLS and no login: it belongs on loopback or a private network behind a real MTA.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any, NoReturn

from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.base import Host, Raw
from channels.email.settings import Limits, Listen
from channels.email.text import clean_line

LINE_MAX_BYTES = 64 * 1024
"""Senders exceed the standard's 998 octets often; their mail is wanted all the same."""
STORE_DEADLINE_S = 30.0

log = logging.getLogger(__name__)


class _Connection(SMTP):
    """aiosmtpd's server side of one connection, counted."""

    line_length_limit = LINE_MAX_BYTES

    def __init__(self, listener: "SmtpListener", **options: Any) -> None:
        super().__init__(listener, **options)
        self._listener = listener
        self._counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._listener.open_connections >= self._listener.settings.connections_max:
            assert isinstance(transport, asyncio.Transport)
            transport.write(b"421 too many connections, try again later\r\n")
            transport.close()
            return
        self._counted = True
        self._listener.open_connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._counted:
            self._listener.open_connections -= 1
            self._counted = False
            super().connection_lost(error)


class SmtpListener:
    """Serves `settings.host:port`; `stored` is called after each mail that became durable."""

    def __init__(
        self, settings: Listen, address: str, limits: Limits, host: Host, stored: Callable[[], None]
    ) -> None:
        self.settings = settings
        self.open_connections = 0
        self._address = address.lower()
        self._limits = limits
        self._host = host
        self._stored = stored
        self._listening: asyncio.Future[int] | None = None

    async def port(self) -> int:
        """The port in use, as soon as it is open."""
        return await asyncio.shield(self._bound())

    def _bound(self) -> asyncio.Future[int]:
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_future()
        return self._listening

    async def run(self) -> NoReturn:
        """Serve until cancelled; OSError when the port is taken."""
        server = await asyncio.get_running_loop().create_server(
            self._connection, self.settings.host, self.settings.port
        )
        async with server:
            if not self._bound().done():
                self._bound().set_result(server.sockets[0].getsockname()[1])
            try:
                await asyncio.Event().wait()
            finally:
                self._listening = None
        raise AssertionError("unreachable")

    def _connection(self) -> SMTP:
        return _Connection(
            self,
            hostname=self._address.rpartition("@")[2],
            ident="Rapport",
            data_size_limit=self._limits.mail_max_bytes,
            enable_SMTPUTF8=True,
            timeout=self.settings.command_timeout_s,
            loop=asyncio.get_running_loop(),
        )

    # The names of the following methods are aiosmtpd's.

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        local, _, domain = address.lower().rpartition("@")
        if f"{local.partition('+')[0]}@{domain}" != self._address:
            return "550 5.1.1 no such mailbox here"
        if len(envelope.rcpt_tos) >= self._limits.recipients_max:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        body = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        trace = self._trace(session, envelope)
        # The envelope is part of the identity, the trace is not: a retry after a lost answer is no new mail.
        named = "\0".join([envelope.mail_from or "", *envelope.rcpt_tos]).encode("utf-8", "surrogateescape")
        identity = "smtp:" + hashlib.sha256(named + b"\0" + body).hexdigest()
        raw = Raw(identity, trace + body, self._host.now_ms())
        try:
            async with asyncio.timeout(STORE_DEADLINE_S):
                await self._host.store(raw)
        except Exception:  # whatever the store said, the sender must keep the mail
            log.exception("mail could not be stored", extra={"account": self._host.account})
            return "451 4.3.0 could not be stored, try again later"
        self._stored()
        return "250 2.0.0 stored"

    async def handle_exception(self, error: Exception) -> str:
        """aiosmtpd's address parser raises on odd commands. A real sender keeps the mail and comes again."""
        log.warning(
            "mail command not understood",
            extra={"account": self._host.account, "error": type(error).__name__},
        )
        return "451 4.5.0 not understood"

    def _trace(self, session: Session, envelope: Envelope) -> bytes:
        peer = clean_line(str(session.peer[0] if session.peer else "unknown"), 100)
        sender = (envelope.mail_from or "").strip("<>")  # aiosmtpd gives the null sender as "<>"
        lines = [f"Return-Path: <{clean_line(sender, 320)}>"]
        lines += [f"Delivered-To: {clean_line(address, 320)}" for address in envelope.rcpt_tos]
        lines.append(
            f"Received: from {clean_line(session.host_name or 'unknown', 250)} ([{peer}]) by Rapport; SMTP"
        )
        return "".join(line + "\r\n" for line in lines).encode("utf-8", "surrogateescape")

"""The demo's mail: customers' mails go to the hub's SMTP listener, and one listener is all their mailboxes.

Both ways are real SMTP on loopback. Mail is kept only in `Threads`.
"""

import asyncio
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

from hub.clock import Clock
from hub.demo.gateway import NotTakenError
from hub.demo.threads import Item, Threads

MAIL_MAX_BYTES = 1_000_000
TEXT_CHARS_MAX = 20_000
SUBJECT_CHARS_MAX = 200
RECIPIENTS_MAX = 50
CONNECTIONS_MAX = 50
DEADLINE_S = 15.0
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """`address` is the company's mailbox; the hub listens on `hub_port`, we on `own_port` (0: not at all)."""

    address: str
    hub_host: str
    hub_port: int
    own_host: str
    own_port: int


class Mailboxes:
    """Every address of every customer. Use within `start` and `stop`."""

    def __init__(self, route: Route, threads: Threads, clock: Clock) -> None:
        self._route = route
        self._threads = threads
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._open = 0

    @property
    def receives(self) -> bool:
        """False when somebody else has the port (a real mail server of `make lab`): replies go there."""
        return self._server is not None

    async def start(self) -> None:
        if not self._route.own_port:
            return
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(
                self._connection, self._route.own_host, self._route.own_port
            )
        except OSError as error:
            log.info("customers' mail goes elsewhere", extra={"reason": error.strerror})

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def write(self, sender: str, name: str, subject: str, text: str, answers: int) -> Item:
        """A customer writes to the company; `answers`: the answered mail or 0. Raises NotTakenError."""
        if not _ADDRESS.fullmatch(sender):
            raise NotTakenError(422, "The sender must be a mail address such as ada@mail.example.")
        if not text.strip() or len(text) > TEXT_CHARS_MAX:
            raise NotTakenError(422, f"A mail has 1 to {TEXT_CHARS_MAX} characters.")
        if len(subject) > SUBJECT_CHARS_MAX:
            raise NotTakenError(422, f"A subject has at most {SUBJECT_CHARS_MAX} characters.")
        sender = sender.lower()
        answered = self._threads.mail(sender, answers) if answers else None
        message = self._composed(sender, name, subject, text, answered)
        recipient = (answered.reply_to if answered else "") or self._route.address
        try:
            await aiosmtplib.send(
                message,
                sender=sender,
                recipients=[recipient],
                hostname=self._route.hub_host,
                port=self._route.hub_port,
                start_tls=False,
                timeout=DEADLINE_S,
            )
        except aiosmtplib.SMTPResponseException as error:
            raise NotTakenError(
                422, f"The hub's mail server answered {error.code}: {error.message[:200]}"
            ) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotTakenError(503, "The hub's mail server does not answer.") from error
        return self._threads.add(
            "mail",
            "sent",
            sender,
            self._route.address,
            text,
            self._clock.now_ms(),
            subject=str(message["Subject"]),
            message_id=str(message["Message-ID"]),
        )

    def _composed(
        self, sender: str, name: str, subject: str, text: str, answered: Item | None
    ) -> EmailMessage:
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = formataddr((_line(name)[:100], sender), "utf-8")
        message["To"] = self._route.address
        message["Subject"] = _line(subject) or "(no subject)"
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC))
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        if answered is not None and answered.message_id:
            message["In-Reply-To"] = answered.message_id
            message["References"] = answered.message_id
        message.set_content(_CONTROLS.sub(_newline_or_nothing, text))
        return message

    def _connection(self) -> SMTP:
        return SMTP(
            self,
            hostname="customers.example",
            ident="Rapport demo mailboxes",
            data_size_limit=MAIL_MAX_BYTES,
            enable_SMTPUTF8=True,
            timeout=60,
            loop=asyncio.get_running_loop(),
        )

    # The names of the following methods are aiosmtpd's.

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not _ADDRESS.fullmatch(address):
            return "550 5.1.1 no such mailbox here"
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = (
            envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        )
        subject, text, message_id, reply_to = _read(content)
        for address in envelope.rcpt_tos:
            self._threads.add(
                "mail",
                "received",
                address.lower(),
                self._route.address,
                text,
                self._clock.now_ms(),
                subject=subject,
                message_id=message_id,
                reply_to=reply_to,
            )
        return "250 2.0.0 kept for the page"


def _read(content: bytes) -> tuple[str, str, str, str]:
    """(subject, text, Message-ID, address to answer to) of a mail that the hub wrote."""
    try:
        message = message_from_bytes(content, policy=policy.default)
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
        reply_to = parseaddr(str(message.get("Reply-To") or message.get("From") or ""))[1]
        subject, message_id = str(message.get("Subject", "")), str(message.get("Message-ID", "")).strip()
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, IndexError):
        return "", content.decode("utf-8", "replace"), "", ""
    return subject, str(text).strip(), message_id, reply_to if _ADDRESS.fullmatch(reply_to) else ""


def _line(text: str) -> str:
    """One harmless line: no controls, and nothing that reads as an encoded word."""
    return " ".join(_CONTROLS.sub(" ", text).split()).replace("=?", "= ?")


def _newline_or_nothing(match: re.Match[str]) -> str:
    return match[0] if match[0] in "\n\t" else ""

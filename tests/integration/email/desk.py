"""A support mailbox on the real servers, and customers who write to it."""

import imaplib
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import channels.email as email_channel
from channels.base import Kind, Outbound
from channels.email import Imap, Settings, Smtp
from channels.email.adapter import EmailAdapter
from tests.lab.dovecot import Dovecot
from tests.lab.loopback import free_port
from tests.lab.postfix import Postfix
from tests.lab.sqlite_host import SqliteHost

CUSTOMER = "kim@customer.example"
STRANGER = "mallory@customer.example"
PASSWORD = 'pa ss"wo\\rd'
DESKS_MAX = 30


class MailServers:
    """Dovecot and Postfix with all mailboxes that the tests use."""

    def __init__(self) -> None:
        users = [f"desk{number:02d}@hub.example" for number in range(1, DESKS_MAX + 1)]
        self.dovecot = Dovecot(dict.fromkeys([*users, CUSTOMER, STRANGER], PASSWORD))
        self.elsewhere_port = free_port()
        self.postfix = Postfix(self.dovecot, elsewhere_port=self.elsewhere_port)

    def start(self) -> None:
        self.dovecot.start()
        self.postfix.start()

    def stop(self) -> None:
        self.postfix.stop()
        self.dovecot.stop()


class Desk:
    """One support mailbox. `host` may be replaced to play a restart of the hub."""

    def __init__(self, servers: MailServers, address: str, host: SqliteHost, folder: Path) -> None:
        self.servers = servers
        self.address = address
        self.host = host
        self.folder = folder

    def adapter(
        self, *, imap: dict[str, Any] | None = None, smtp: dict[str, Any] | None = None, **rest: Any
    ) -> EmailAdapter:
        outward = {"host": "127.0.0.1", "port": self.servers.postfix.port, "tls": "none", **(smtp or {})}
        settings = Settings(self.address, imap=self.imap(**(imap or {})), smtp=Smtp(**outward), **rest)
        return email_channel.build(settings, self.host)

    def imap(self, **changes: Any) -> Imap:
        """Settings of this mailbox."""
        standard = {
            "host": "127.0.0.1",
            "port": self.servers.dovecot.port,
            "user": self.address,
            "tls": "none",
        }
        return Imap(**{**standard, "password": PASSWORD, **changes})

    def restarted(self) -> None:
        """The hub's process died and a new one opens the same database."""
        self.host.close()
        self.host = SqliteHost(self.folder / "hub.sqlite")

    def write(self, text: str, *, sender: str = CUSTOMER, to: str = "", **headers: str) -> str:
        """A customer's mail through Postfix; returns its Message-ID when Postfix has taken it."""
        message = EmailMessage()
        message["From"] = sender
        message["To"] = to or self.address
        message["Message-ID"] = make_msgid(domain="customer.example")
        message["Subject"] = headers.pop("Subject", "Where is my order?")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        self.write_raw(message.as_bytes(), sender=sender, to=to)
        return str(message["Message-ID"])

    def write_raw(self, content: bytes, *, sender: str = CUSTOMER, to: str = "") -> None:
        with smtplib.SMTP("127.0.0.1", self.servers.postfix.port, local_hostname="customer.example") as relay:
            relay.sendmail(sender, [to or self.address], content)

    @contextmanager
    def mailbox(self, user: str = "") -> Iterator[imaplib.IMAP4]:
        """Another mail program on the same mailbox, with INBOX open."""
        client = imaplib.IMAP4("127.0.0.1", self.servers.dovecot.port)
        try:
            client.login(user or self.address, PASSWORD)
            client.select()
            yield client
        finally:
            client.shutdown()

    def received(self, user: str, subject: str) -> list[Message]:
        """Mails with this subject in a customer's mailbox."""
        with self.mailbox(user) as client:
            found = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
            return [message_from_bytes(client.fetch(n.decode(), "BODY[]")[1][0][1]) for n in found]

    def reply(self, subject: str, *, key: str = "k1", recipient: str = CUSTOMER, **rest: Any) -> Outbound:
        fields = {"text": "It is on its way.", "thread_token": "i42", **rest}
        return Outbound(
            key=key,
            kind=Kind.EMAIL,
            interaction_id="i42",
            sender=self.address,
            recipient=recipient,
            subject=subject,
            message_id=f"<{key}.{subject.replace(' ', '-')}@hub.example>",
            **fields,
        )

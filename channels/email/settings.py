"""Settings of one e-mail account, as they stand in its section of config.yaml.

Plain frozen values: nothing here opens a file or a socket. Start at `Settings`.
"""

import ssl
from dataclasses import dataclass, field
from typing import Literal

from channels.base import ATTACHMENT_MAX_BYTES

Tls = Literal["implicit", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Imap:
    """The mailbox to watch. `tls`: "implicit" (port 993), "starttls" (143) or "none" (loopback only)."""

    host: str
    port: int = 993
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = "implicit"
    ca_file: str = ""
    """PEM file of the authority to trust; empty: those of the operating system."""
    mailbox: str = "INBOX"
    answer_timeout_s: float = 30.0
    """Longest silence of the server when it owes an answer."""
    idle_renew_s: float = 240.0
    """IDLE is ended and begun again this often, so that a frozen peer or a forgetful NAT is noticed."""


@dataclass(frozen=True, slots=True)
class Listen:
    """An SMTP listener inside the hub, for an MTA that delivers to us and for the demo. Port 0: any."""

    host: str = "127.0.0.1"
    port: int = 0
    connections_max: int = 50
    command_timeout_s: float = 300.0
    """For each command, the whole of DATA being one."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The relay that takes our mail. `tls` as in `Imap`; user empty: no login."""

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = "starttls"
    ca_file: str = ""
    timeout_s: float = 30.0
    """For each step of the conversation with the relay."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a mail may cost us before it is put aside."""

    mail_max_bytes: int = ATTACHMENT_MAX_BYTES
    """Larger ones are quarantined by their headers (IMAP) or refused with 552 (listener)."""
    read_deadline_s: float = 5.0
    """Processor time allowed for reading one mail; large mails get more (reader.py)."""
    read_memory_max_bytes: int = 1024 * 1024 * 1024
    """Address space of the reading process."""
    recipients_max: int = 50


@dataclass(frozen=True, slots=True)
class Settings:
    """One account: at least `imap` or `listen` to receive, `smtp` to send.

    `address` is the mailbox that customers write to. With `plus_addressing` our mails ask for replies to
    `local+<interaction>.<signature>@domain`; switch it off where the mail system knows no such addresses.
    `list_ids` names mailing lists (List-Id) through which customers legitimately reach this mailbox.
    """

    address: str
    display_name: str = ""
    imap: Imap | None = None
    listen: Listen | None = None
    smtp: Smtp | None = None
    plus_addressing: bool = True
    list_ids: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        local, _, domain = self.address.rpartition("@")
        if not local or not domain or any(c.isspace() for c in self.address):
            raise ValueError(f"address: {self.address!r} is not a mail address")
        if self.imap is None and self.listen is None and self.smtp is None:
            raise ValueError("needs at least one of imap, listen, smtp")


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Verify the peer's certificate and name, by `ca_file` alone or by the system's authorities."""
    return ssl.create_default_context(cafile=ca_file or None)

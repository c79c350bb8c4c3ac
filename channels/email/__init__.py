"""E-mail: IMAP or SMTP in, SMTP out.

Owns everything about mail: connections, reading of hostile MIME, safe HTML, signed reply addresses,
composing. Knows nothing of customers, routing or storage. Start at adapter.py; a mail's way in is
imap_source.py or smtp_listener.py -> Host.store -> reader.py (its own process: mime.py) -> Host.admit.
"""

from channels.base import Host
from channels.email.adapter import EmailAdapter
from channels.email.settings import Imap, Limits, Listen, Settings, Smtp

__all__ = ["Imap", "Limits", "Listen", "Settings", "Smtp", "build"]


def build(settings: Settings, host: Host) -> EmailAdapter:
    """One account. Opens nothing until `run` or `send`."""
    return EmailAdapter(settings, host)

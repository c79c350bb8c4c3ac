"""One SMS account: webhook in (webhook.py), REST out (rest.py)."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from channels.base import Host, Outbound, Receipt, Rejected
from channels.sms.numbers import normal_number
from channels.sms.rest import post_message
from channels.sms.settings import Settings
from channels.sms.webhook import Webhook

_UNSENDABLE = re.compile(r"[\x00\ud800-\udfff]")


class SmsAdapter:
    """Implements channels.base.Adapter, Sender and HttpEndpoints."""

    def __init__(self, settings: Settings, host: Host) -> None:
        self.settings = settings
        self._host = host
        self._webhook = Webhook(settings, host)

    async def run(self) -> None:
        """Wait to be cancelled: the hub's HTTP server does the receiving, the outbox the sending."""
        await asyncio.Event().wait()

    def routes(self) -> Sequence[web.RouteDef]:
        return self._webhook.routes()

    async def send(self, message: Outbound) -> Receipt:
        """Send one text message; the receipt's reference is the provider's MessageSid.

        Raises Transient, Rejected or Uncertain.
        """
        text = _UNSENDABLE.sub("", message.text)
        if not text.strip():
            raise Rejected("an empty text cannot be sent", "empty")
        if len(text) > self.settings.text_max_chars:
            raise Rejected(
                f"{len(text)} characters are more than the {self.settings.text_max_chars} allowed",
                "21617",
            )
        recipient = normal_number(message.recipient, self.settings.region)
        if not re.fullmatch(r"\+\d{6,15}|\d{3,6}", recipient):
            raise Rejected(f"{message.recipient!r} is not a number that can be texted", "21211")
        base = (self.settings.public_url or self._host.public_url).rstrip("/")
        status_url = f"{base}/channels/{self._host.account}/status"
        return await post_message(self.settings, replace(message, recipient=recipient, text=text), status_url)

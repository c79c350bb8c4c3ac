"""One SMS number: adapter, HTTP server, provider and database."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

import channels.sms as sms_channel
from channels.base import Kind, Outbound
from channels.sms.adapter import SmsAdapter
from tests.lab.sms_gateway import SmsGateway, served
from tests.lab.sqlite_host import SqliteHost

NUMBER = "+4930901820"
CUSTOMER = "+4915112345678"


@dataclass
class Line:
    """What a test of the SMS adapter needs at hand."""

    gateway: SmsGateway
    host: SqliteHost
    adapter: SmsAdapter
    webhook: str
    """Address of the inbound webhook."""

    async def receive(self, body: str, *, sender: str = CUSTOMER, **fields: str) -> tuple[int, str]:
        return await self.gateway.deliver(self.webhook, sender, NUMBER, body, **fields)

    def message(self, text: str, *, key: str = "k1", recipient: str = CUSTOMER) -> Outbound:
        return Outbound(key, Kind.SMS, "i1", NUMBER, recipient, text)


@contextlib.asynccontextmanager
async def sms_line(gateway: SmsGateway, folder: Path, timeout_s: float = 2.0) -> AsyncIterator[Line]:
    """An adapter mounted under /channels/test on a server of its own."""
    host = SqliteHost(folder / "hub.sqlite")
    settings = sms_channel.Settings(
        account_sid=gateway.account_sid,
        auth_token=gateway.auth_token,
        number=NUMBER,
        region="DE",
        api_url=gateway.url,
        timeout_s=timeout_s,
    )
    adapter = sms_channel.build(settings, host)
    app = web.Application()
    app.add_routes(
        [
            web.RouteDef(route.method, f"/channels/test{route.path}", route.handler, {})
            for route in adapter.routes()
        ]
    )
    try:
        async with served(app) as url:
            host.public_url = url
            yield Line(gateway, host, adapter, f"{url}/channels/test/")
    finally:
        host.close()

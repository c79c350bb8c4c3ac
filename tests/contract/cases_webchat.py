"""The web chat in the contract suite: a visitor's page on real sockets. Agents' messages are read there."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import socketio
from aiohttp import web

import channels.webchat as webchat_channel
from channels.base import ChatView
from channels.webchat import Settings, WebChat
from tests.integration.webchat.visitor import Page, new_token
from tests.lab.sms_gateway import served
from tests.lab.sqlite_host import SqliteHost

SENDS = False


class ChatHost(SqliteHost):
    """The storing host with a chat that shows nothing: this suite looks at what comes in."""

    async def chat_view(self, visitor_id: str, after_seq: int) -> ChatView | None:
        return None

    async def chat_typing(self, visitor_id: str) -> None:
        return None

    async def chat_ended(self, visitor_id: str) -> None:
        return None


class WebchatRig:
    """See tests/contract/rig.py."""

    def __init__(self, adapter: WebChat, host: SqliteHost, url: str, token: str) -> None:
        self.adapter = adapter
        self.host = host
        self._url = url
        self._token = token

    async def deliver(self, text: str, reference: str) -> bool:
        async with Page(self._url, self._token) as page:
            answer = await page.call("msg", {"client_id": f"reference-{reference}", "text": text})
        return bool(answer["ok"])

    async def deliver_oversize(self) -> bool:
        return await self.deliver("x" * 4_001, "oversize")


@contextlib.asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[WebchatRig]:
    host = ChatHost(folder / "hub.sqlite", account="web")
    adapter = webchat_channel.build(Settings(), host)
    server = socketio.AsyncServer(async_mode="aiohttp", ping_interval=0.5)  # its ping tasks end that late
    server.register_namespace(adapter.namespace())
    app = web.Application()
    server.attach(app)
    app.add_routes(
        [
            web.RouteDef(route.method, f"/channels/web{route.path}", route.handler, route.kwargs)
            for route in adapter.routes()
        ]
    )
    try:
        async with served(app) as url:
            token = folder / "token"  # the visitor's page keeps its token over a restart of the hub
            if not token.exists():
                token.write_text(await new_token(url))
            yield WebchatRig(adapter, host, url, token.read_text())
            await server.shutdown()
    finally:
        host.close()

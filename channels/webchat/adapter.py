"""One chat account: the session address, the visitors' sockets, and the hub's wake-ups."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from channels.base import ChatHost
from channels.webchat.namespace import VisitorNamespace
from channels.webchat.session import SessionEndpoint
from channels.webchat.settings import Settings

_LOG = logging.getLogger(__name__)


class WebChat:
    """Implements Adapter, HttpEndpoints and ChatEndpoint of `channels.base`."""

    def __init__(self, settings: Settings, host: ChatHost) -> None:
        self._namespace = VisitorNamespace(settings, host)
        self._session = SessionEndpoint(settings, host)

    async def run(self) -> None:
        """Sockets and routes are served by the hub's server: nothing to do but to live until cancelled."""
        await asyncio.Event().wait()

    def routes(self) -> Sequence[web.RouteDef]:
        return self._session.routes()

    def namespace(self) -> Any:
        """The `socketio.AsyncNamespace` for `/chat/<account>`; the same object every time."""
        return self._namespace

    async def changed(self, visitor_id: str) -> None:
        """Wake the visitor's pages. A failure is only logged: they sync by themselves within seconds."""
        try:
            await self._namespace.wake(visitor_id)
        except Exception:  # noqa: BLE001  # a wake-up is a courtesy; the caller's commit has happened
            _LOG.warning("wake-up of a visitor failed", exc_info=True)

    async def typing(self, visitor_id: str, agent_name: str) -> None:
        await self._namespace.agent_typing(visitor_id, agent_name)


def build(settings: Settings, host: ChatHost) -> WebChat:
    return WebChat(settings, host)

"""The front of a hub: socket server, consoles and HTTP application, composed on a running core.

`front(hub)` is what `hub.serve` and the tests use; where it listens is theirs.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from hub.api.app import build_app, cookie_name, staff_origins
from hub.api.pages import STATIC
from hub.api.services import Services
from hub.auth import Sessions
from hub.bootstrap import Hub
from hub.console.consoles import Consoles
from hub.console.namespace import ConsoleNamespace
from hub.console.server import SocketServer


@dataclass(frozen=True, slots=True)
class Front:
    app: web.Application
    sockets: SocketServer
    consoles: Consoles
    sessions: Sessions


@asynccontextmanager
async def front(hub: Hub, *, static: Path = STATIC) -> AsyncIterator[Front]:
    """Compose the front of `hub` and attach it to the executor; the caller serves `app` inside the block."""
    config = hub.config
    origins = {
        origin
        for account in config.accounts.values()
        for origin in getattr(account.settings, "allowed_origins", ())
    }
    sockets = SocketServer(staff_origins=staff_origins(config), visitor_origins=origins)
    session_ms = config.console.session_h * 3_600_000
    sessions = Sessions(hub.store, hub.clock, session_ms=session_ms)
    consoles = Consoles(
        sockets,
        hub.dispatcher,
        hub.desk,
        hub.clock,
        time_zone=config.company.time_zone,
        grace_ms=config.console.grace_s * 1000,
    )
    sockets.register_namespace(ConsoleNamespace(sockets, consoles, hub.desk, sessions, cookie_name(config)))
    for chat in hub.adapters.chats.values():
        sockets.register_namespace(chat.namespace())
    hub.executor.attach(consoles)
    hub.ports.customer_typing = consoles.customer_typing
    services = Services(
        config,
        hub.clock,
        hub.dispatcher,
        hub.desk,
        hub.rulebook,
        consoles,
        sessions,
        lambda: "" if hub.ready else "the hub is starting or stopping",
    )
    routes = {name: adapter.routes() for name, adapter in hub.adapters.http.items()}
    app = build_app(services, sockets, channel_routes=routes, static=static)
    consoles.start()
    try:
        yield Front(app, sockets, consoles, sessions)
    finally:
        consoles.close()
        sessions.close()
        await sockets.shutdown()

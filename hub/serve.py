"""A whole hub with its front: sockets, HTTP, pages, control socket, and the demo if configured.

Start at `running`; `serve` is what `rapport run` calls.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from hub import customers, lock
from hub.api.app import build_app, cookie_name, staff_origins
from hub.api.services import Services
from hub.auth import Sessions
from hub.bootstrap import Hub, core, go, public_url
from hub.clock import Clock
from hub.config import Config
from hub.console.consoles import Consoles
from hub.console.namespace import ConsoleNamespace
from hub.console.server import SocketServer
from hub.control import serve as serve_control
from hub.demo.carrier import Carrier
from hub.demo.seed import seed
from hub.supervise import spawn, stop
from hub.welcome import welcome

log = logging.getLogger(__name__)

SHUTDOWN_S = 5.0
DAY_MS = 86_400_000


@asynccontextmanager
async def running(config: Config, clock: Clock | None = None) -> AsyncIterator[Hub]:
    """Serve until the block is left. Raises lock.InUse, or OSError when the port is taken."""
    held = lock.acquire(config.store.url)
    try:
        async with core(config, clock) as hub:
            if config.demo.enabled:
                now_ms = hub.clock.now_ms()
                await hub.store.write(lambda connection: seed(connection, now_ms))
            await _apply_half_life(hub)
            async with _front(hub), go(hub):
                yield hub
    finally:
        held.close()


async def _apply_half_life(hub: Hub) -> None:
    """Bring stored scores to the configured half-life; nothing to do when it did not change."""
    now_ms, half_life_ms = hub.clock.now_ms(), hub.config.value.half_life_days * DAY_MS
    await hub.store.write(lambda connection: customers.apply_half_life(connection, now_ms, half_life_ms))


@asynccontextmanager
async def _front(hub: Hub) -> AsyncIterator[None]:
    config = hub.config
    sockets = SocketServer(staff_origins=staff_origins(config), visitor_origins=_embedding_sites(config))
    consoles = Consoles(
        sockets,
        hub.dispatcher,
        hub.desk,
        hub.clock,
        time_zone=config.company.time_zone,
        grace_ms=config.console.grace_s * 1000,
    )
    hub.executor.attach(consoles)
    hub.ports.customer_typing = consoles.customer_typing
    sessions = Sessions(hub.store, hub.clock, session_ms=config.console.session_h * 3_600_000)
    sockets.register_namespace(ConsoleNamespace(sockets, consoles, hub.desk, sessions, cookie_name(config)))
    for chat in hub.adapters.chats.values():
        sockets.register_namespace(chat.namespace())
    services = Services(
        config, hub.clock, hub.dispatcher, hub.desk, consoles, sessions, lambda: _missing(hub)
    )
    routes = {name: adapter.routes() for name, adapter in hub.adapters.http.items()}
    app = build_app(services, sockets, channel_routes=routes)
    if config.demo.enabled:
        Carrier(config, hub.store, hub.clock, hub.ports).mount(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    control = None
    try:
        await web.TCPSite(runner, config.http.host, config.http.port).start()
        control = await serve_control(hub, lock.beside(config.store.url, ".sock"))
        consoles.start()
        yield
    finally:
        if control is not None:
            await control.cleanup()
        consoles.close()
        await runner.cleanup()


def _embedding_sites(config: Config) -> frozenset[str]:
    """Foreign sites that embed the chat widget."""
    origins: set[str] = set()
    for account in config.accounts.values():
        origins.update(getattr(account.settings, "allowed_origins", ()))
    return frozenset(origins)


def _missing(hub: Hub) -> str:
    """What keeps the hub from taking contacts, "" when nothing does."""
    return "" if hub.ready else "starting"


async def _first(*waits: Coroutine[Any, Any, object]) -> int:
    """Index of the wait that is over first; the others are cancelled."""
    tasks = [spawn(wait, "serve") for wait in waits]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await stop(*tasks)
    return min(index for index, task in enumerate(tasks) if task in done)


async def serve(config: Config) -> int:
    """Serve until SIGINT or SIGTERM; the exit status."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        async with running(config) as hub:
            print(welcome(config), flush=True)
            log.info("ready", extra={"url": public_url(config), "seq": hub.dispatcher.seq})
            if await _first(stopped.wait(), hub.executor.died()):
                log.critical("the executor died; the journal is whole, start again")
                return 1
            print("Stopping: finishing what was accepted.", flush=True)
    except lock.InUse as error:
        print(f"Rapport does not start: {error}.", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{config.http.host}:{config.http.port}"
        print(f"Rapport does not start on {where}: {error.strerror or error}.", file=sys.stderr)
        print("Another port: make run PORT=18080", file=sys.stderr)
        return 1
    return 0

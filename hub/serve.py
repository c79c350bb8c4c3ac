"""A whole hub as a server: its front on a port, control socket, and the demo if configured.

Start at `running`; `serve` is what `rapport run` calls.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiohttp import web

from hub import customers, lock
from hub.api.front import front
from hub.bootstrap import Hub, core, go, public_url
from hub.clock import Clock
from hub.config import Config
from hub.control import serve as serve_control
from hub.demo import pbx
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
        async with pbx.beside(config) as config, core(config, clock) as hub:
            if config.demo.enabled:
                now_ms = hub.clock.now_ms()
                await hub.store.write(lambda connection: seed(connection, now_ms))
            await _apply_half_life(hub)
            async with _listening(hub), go(hub):
                yield hub
    finally:
        held.close()


async def _apply_half_life(hub: Hub) -> None:
    """Bring stored scores to the configured half-life; nothing to do when it did not change."""
    now_ms, half_life_ms = hub.clock.now_ms(), hub.config.value.half_life_days * DAY_MS
    await hub.store.write(lambda connection: customers.apply_half_life(connection, now_ms, half_life_ms))


@asynccontextmanager
async def _listening(hub: Hub) -> AsyncIterator[None]:
    """The front on its port, with the demo's carrier if configured, and the control socket."""
    config = hub.config
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(front(hub))
        if config.demo.enabled:
            Carrier(config, hub.store, hub.clock, hub.ports).mount(parts.app)
        runner = web.AppRunner(parts.app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, config.http.host, config.http.port).start()
        control = await serve_control(hub, lock.beside(config.store.url, ".sock"))
        stack.push_async_callback(control.cleanup)
        yield


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
            print(welcome(hub.config), flush=True)
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

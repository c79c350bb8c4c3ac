"""Background tasks that are kept, named and never die silently."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

RESTART_FIRST_MS = 500
RESTART_MAX_MS = 30_000

_tasks: set[asyncio.Task[Any]] = set()


def spawn(coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
    """Start a task, keep a reference until it ends, and log how it failed if it did."""
    task = asyncio.get_running_loop().create_task(coroutine, name=name)
    _tasks.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task failed", extra={"task": task.get_name()}, exc_info=error)


def jittered_ms(attempt: int, first_ms: int, max_ms: int) -> int:
    """Exponential delay before retry number `attempt` (0, 1, ...), capped, with full jitter above a half."""
    ceiling: int = min(max_ms, first_ms * 2 ** min(attempt, 20))
    return ceiling // 2 + random.randint(0, ceiling - ceiling // 2)  # noqa: S311 - spreads load, guards nothing


async def keep_running(start: Callable[[], Awaitable[None]], name: str) -> None:
    """Run `start()` for ever: whenever it returns or raises, run it again after a jittered, capped delay.

    This is one of the two places with a broad catch: a failing adapter must not take the hub down.
    """
    loop = asyncio.get_running_loop()
    attempt = 0
    while True:
        began = loop.time()
        try:
            await start()
            log.warning("stopped by itself", extra={"part": name})
        except Exception:
            log.exception("failed; will be started again", extra={"part": name})
        attempt = 0 if loop.time() - began > 60 else attempt + 1
        await asyncio.sleep(jittered_ms(attempt, RESTART_FIRST_MS, RESTART_MAX_MS) / 1000)


async def stop(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait until they are done; their errors were logged already."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

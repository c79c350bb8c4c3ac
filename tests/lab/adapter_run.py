"""Running an adapter inside a test, and waiting for what it does."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from channels.base import Adapter

STOP_DEADLINE_S = 10


@contextlib.asynccontextmanager
async def running(adapter: Adapter) -> AsyncIterator[None]:
    """Run the adapter as the hub would; leaving cancels it. A crash of it fails the test."""
    task = asyncio.get_running_loop().create_task(adapter.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=STOP_DEADLINE_S)
        assert task.done(), f"the adapter does not stop within {STOP_DEADLINE_S} s"
        with contextlib.suppress(asyncio.CancelledError):
            task.result()


async def until(condition: Callable[[], object], deadline_s: float = 20.0, what: str = "") -> None:
    """Wait for a condition; AssertionError naming it after `deadline_s`."""
    ends_at = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < ends_at, f"not within {deadline_s} s: {what or 'the condition'}"
        await asyncio.sleep(0.01)

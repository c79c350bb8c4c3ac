"""Background tasks: kept, started again with a capped and spread delay, and never silent."""

import asyncio
import gc
import weakref

import pytest

from hub import supervise


async def test_what_fails_or_stops_is_started_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervise, "RESTART_FIRST_MS", 1)
    monkeypatch.setattr(supervise, "RESTART_MAX_MS", 2)
    started = 0
    third = asyncio.Event()

    async def part() -> None:
        nonlocal started
        started += 1
        if started == 1:
            raise RuntimeError("a defect")
        if started == 3:
            third.set()
            await asyncio.Event().wait()

    task = supervise.spawn(supervise.keep_running(part, "part"), "part")
    async with asyncio.timeout(20):
        await third.wait()
        await supervise.stop(task)
    assert "a defect" in caplog.text
    assert "stopped by itself" in caplog.text


async def test_a_task_that_fails_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise RuntimeError("nobody awaits this")

    task = supervise.spawn(broken(), "broken")
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert "nobody awaits this" in caplog.text


def test_delays_double_up_to_a_cap_and_are_spread() -> None:
    for attempt, ceiling in ((0, 100), (1, 200), (2, 400), (3, 500), (1_000_000, 500)):
        delays = {supervise.jittered_ms(attempt, 100, 500) for _ in range(200)}
        assert ceiling // 2 <= min(delays) <= max(delays) <= ceiling
        assert len(delays) > 1


async def test_a_task_that_nobody_keeps_is_kept() -> None:
    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    task = weakref.ref(supervise.spawn(wait(), "alone"))
    await asyncio.sleep(0)
    gc.collect()
    kept = task()
    assert kept is not None
    await supervise.stop(kept)

"""The consoles of `bench.push`: raw Engine.IO and plain websockets that take the time of every offer.

`python -m bench.push_client URL CONSOLES`; says "connected" when all are there, and on any line of input the
median of each kind in ms.
"""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Callable, Coroutine

import aiohttp
import orjson

STAMP = re.compile(r'"contact_id":"([0-9]+)"')
STAMP_WITHIN = 150
"""Characters from the beginning of a frame in which the stamp of an offer is found."""
AT_ONCE = 25
"""Connections opened at the same time."""


Kind = Callable[[aiohttp.ClientSession, str, int, "Watch", asyncio.Event], Coroutine[None, None, None]]


class Watch:
    """Latencies in ns of one kind of console."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def frame(self, text: str) -> None:
        now = time.monotonic_ns()
        if found := STAMP.search(text, 0, STAMP_WITHIN):
            self.taken.append(now - int(found[1]))


async def console(
    http: aiohttp.ClientSession, url: str, number: int, watch: Watch, ready: asyncio.Event
) -> None:
    """One console on our hub: join, say hello, answer pings, watch."""
    headers = {"Cookie": f"rapport=bench-{number}"}
    async with http.ws_connect(
        f"{url}/socket.io/?EIO=4&transport=websocket", headers=headers, compress=0, autoping=True
    ) as socket:
        await socket.send_str("40/console,")
        while not (await socket.receive_str()).startswith("40/console,"):
            pass
        await socket.send_str('42/console,0["hello",{}]')
        while not (await socket.receive_str()).startswith("43/console,0"):
            pass
        ready.set()
        async for message in socket:
            if message.data == "2":
                await socket.send_str("3")
            else:
                watch.frame(message.data)


async def raw_console(
    http: aiohttp.ClientSession, url: str, number: int, watch: Watch, ready: asyncio.Event
) -> None:
    """One console on the plain websocket server."""
    async with http.ws_connect(f"{url}/raw?console={number}", compress=0) as socket:
        ready.set()
        async for message in socket:
            watch.frame(message.data)


async def run(url: str, count: int) -> None:
    ours, reference = Watch(), Watch()
    gate = asyncio.Semaphore(AT_ONCE)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as group:
        tasks = []

        async def open_one(kind: Kind, number: int, watch: Watch) -> None:
            async with gate:
                ready = asyncio.Event()
                tasks.append(group.create_task(kind(http, url, number, watch, ready)))
                await ready.wait()

        async with asyncio.TaskGroup() as opening:
            for number in range(count):
                opening.create_task(open_one(console, number, ours))
                opening.create_task(open_one(raw_console, number, reference))
        print("connected", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.sleep(0.5)  # the last frames are still under way
        medians = {"ours": _median_ms(ours), "reference": _median_ms(reference)}
        print(orjson.dumps(medians).decode(), flush=True)
        for task in tasks:
            task.cancel()


def _median_ms(watch: Watch) -> float:
    return statistics.median(watch.taken) / 1e6


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))

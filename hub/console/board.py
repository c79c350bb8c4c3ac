"""The supervisors' board: live queues and agents, pushed at most once a second while somebody watches.

Here is when it is read and who gets it; what is on it, and from where, is in `live.py`.
"""

import asyncio
import logging
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from hub import wire
from hub.clock import Clock
from hub.console import live
from hub.console.server import SocketServer
from hub.dispatcher import Dispatcher
from hub.supervise import spawn

log = logging.getLogger(__name__)

NAMESPACE = "/console"
ROOM = "board"
EVERY_S = 1.0
LOOP_SHARE_MAX = 0.05
"""How much of the event loop copying from the engine may take; with very long lines boards come seldom."""
REFRESH_EVERY = 10
"""Ticks after which the board is read again without a known change (quarantine, day's end)."""


class Presences(Protocol):
    """Who has a console open."""

    def connected_agents(self) -> frozenset[str]: ...


class BoardFeed:
    """Builds the board for whoever asks and feeds it to watching sockets."""

    def __init__(
        self,
        presences: Presences,
        sockets: SocketServer,
        dispatcher: Dispatcher,
        clock: Clock,
        *,
        time_zone: str,
    ) -> None:
        self._presences = presences
        self._sockets = sockets
        self._dispatcher = dispatcher
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._watching: set[str] = set()
        self._touched = True
        self._last: wire.Board | None = None
        self._task: asyncio.Task[None] | None = None
        self._copying_s = 0.0
        """How long the last copy from the engine took."""

    def touch(self) -> None:
        """Something on the board may have changed."""
        self._touched = True

    async def read(self) -> wire.Board:
        """The board as it is now."""
        now_ms, loop = self._clock.now_ms(), asyncio.get_running_loop()
        began_s = loop.time()
        now = live.Live.of(self._dispatcher.engine, self._presences.connected_agents(), now_ms)
        self._copying_s = loop.time() - began_s
        day_began_ms = _day_began_ms(now_ms, self._zone)
        return await self._dispatcher.store.read(lambda c: live.board(c, now, day_began_ms))

    async def watch(self, sid: str) -> None:
        """Send the socket the board as it is now, and from now on every change."""
        board = await self.read()
        await self._sockets.enter_room(sid, ROOM, namespace=NAMESPACE)
        await self._sockets.emit("board", board, to=sid, namespace=NAMESPACE)
        self._watching.add(sid)
        if self._task is None:
            self._last = board
            self._task = spawn(self._feed(), "board")

    async def leave(self, sid: str) -> None:
        """The socket no longer wants the board."""
        if sid in self._watching:
            self.unwatch(sid)
            await self._sockets.leave_room(sid, ROOM, namespace=NAMESPACE)

    def unwatch(self, sid: str) -> None:
        """The socket has gone, and with it its place in the room."""
        self._watching.discard(sid)

    def close(self) -> None:
        self._watching.clear()
        if self._task is not None:
            self._task.cancel()

    async def _feed(self) -> None:
        ticks = 0
        try:
            while self._watching:
                await asyncio.sleep(max(EVERY_S, self._copying_s / LOOP_SHARE_MAX))
                ticks += 1
                if self._touched or ticks % REFRESH_EVERY == 0 or _anybody_waits(self._last):
                    self._touched = False
                    await self._send_if_changed(await self.read())
        finally:
            self._task = None
            self._last = None

    async def _send_if_changed(self, board: wire.Board) -> None:
        if self._last is None or replace(self._last, at_ms=board.at_ms) != board:
            self._last = board
            await self._sockets.emit("board", board, room=ROOM, namespace=NAMESPACE)


def _anybody_waits(board: wire.Board | None) -> bool:
    """While somebody waits, waiting times change by themselves."""
    return board is None or any(queue.waiting for queue in board.queues)


def _day_began_ms(now_ms: int, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(now_ms / 1000, zone)
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)

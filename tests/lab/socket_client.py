"""The official socket client, which leaves nothing open.

By itself it drops a websocket that dies between the handshake and the first packet, and its HTTP session,
without closing either: that is reported in whichever test the garbage collector runs.
"""

import contextlib
from typing import Any

import aiohttp
import socketio


class SocketClient(socketio.AsyncClient):  # type: ignore[misc]
    """Does not reconnect. End it with `leave`, whether it was ever connected or not."""

    def __init__(self) -> None:
        self._sessions: list[aiohttp.ClientSession] = []
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []
        super().__init__(reconnection=False, http_session=self._session)

    async def leave(self) -> None:
        """Say goodbye if there is anybody to say it to, and close everything. Safe to repeat."""
        async with contextlib.AsyncExitStack() as closing:  # goes on when one of them fails or is cancelled
            for opened in (*self._sessions, *self._sockets):
                closing.push_async_callback(opened.close)
            with contextlib.suppress(Exception):
                await self.disconnect()

    def _session(self) -> aiohttp.ClientSession:
        def keep(*given: Any, **more: Any) -> aiohttp.ClientWebSocketResponse:
            socket = aiohttp.ClientWebSocketResponse(*given, **more)
            self._sockets.append(socket)
            return socket

        session = aiohttp.ClientSession(ws_response_class=keep)  # type: ignore[arg-type]
        self._sessions.append(session)
        return session

"""The socket server that consoles and chat visitors share: python-socketio, tuned and bounded.

Only websockets, no compression, short pings. A socket must join a namespace within `CONNECT_DEADLINE_S`; one
that does not read what it is sent (`QUEUE_MAX` packets behind, or a write blocked for `WRITE_DEADLINE_S`) is
cut off: its page comes back and catches up by sequence number. Who may join is up to each namespace.
"""

import asyncio
import json
import logging
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import engineio
import msgspec
import socketio
from aiohttp import web

log = logging.getLogger(__name__)

MESSAGE_MAX_BYTES = 64_000
PING_EVERY_S = 10
PING_TIMEOUT_S = 8
CONNECT_DEADLINE_S = 5.0
QUEUE_MAX = 200
WRITE_DEADLINE_S = 5.0
_BINARY_PACKETS = ("5", "6")
OPENING_MAX = 5_000
"""Sockets opened within the last `CONNECT_DEADLINE_S`; more are refused, their pages try again."""


def is_same_origin(origin: str, host: str, known: Collection[str]) -> bool:
    """Whether a page of `origin` is one of ours: listed in `known`, or served by the `host` it now asks."""
    if origin in known:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc == host


class WireJson:
    """JSON for socketio that knows wire Structs."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            # Half a character ("\\ud800") is JSON all the same: its sender is owed an answer, not silence.
            return json.loads(text)


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # socketio carries no types
    """Make with `SocketServer(staff_origins=..., visitor_origins=...)`, then `attach(app)`.

    `staff_origins`: pages of the hub under other names than the one asked for ("https://hub.example").
    `visitor_origins`: foreign sites that embed the chat widget; namespaces for staff must check
    `is_staff_page` themselves.
    """

    def __init__(self, *, staff_origins: Collection[str] = (), visitor_origins: Collection[str] = ()) -> None:
        self._staff_origins = frozenset(staff_origins)
        self._visitor_origins = frozenset(visitor_origins)
        self._opening: set[str] = set()
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,
            transports=["websocket"],
            json=WireJson,
            max_http_buffer_size=MESSAGE_MAX_BYTES,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_TIMEOUT_S,
            cors_allowed_origins=self._may_connect,
            allow_upgrades=False,
            http_compression=False,
        )

    def is_staff_page(self, environ: dict[str, Any]) -> bool:
        """Whether the socket was opened by one of our own pages (or by no browser at all)."""
        origin = environ.get("HTTP_ORIGIN")
        return origin is None or is_same_origin(origin, environ.get("HTTP_HOST", ""), self._staff_origins)

    def cut_off(self, eio_sid: str) -> None:
        """Break the connection at once, without waiting for what is still unsent."""
        request = self.environ.get(eio_sid, {}).get("aiohttp.request")
        if request is not None:
            _abort(request)

    async def hang_up(self, _app: web.Application) -> None:
        """Signal handler `on_shutdown`: break all connections, or stopping would wait for them."""
        for eio_sid in list(self.environ):
            self.cut_off(eio_sid)

    def _may_connect(self, origin: str, environ: dict[str, Any]) -> bool:
        known = self._staff_origins | self._visitor_origins
        return is_same_origin(origin, environ.get("HTTP_HOST", ""), known)

    def _engineio_server_class(self) -> type[engineio.AsyncServer]:
        return _Transport

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> Any:
        if len(self._opening) >= OPENING_MAX:
            return {"message": "too many connections at once"}
        self._opening.add(eio_sid)
        asyncio.get_running_loop().call_later(CONNECT_DEADLINE_S, self._check_joined, eio_sid)
        return await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        # Our namespaces answer for their own failures, so what is raised here is a packet that is none.
        # Binary packets are used by nobody and would make the server collect attachments without a limit.
        try:
            if isinstance(data, bytes) or data[:1] in _BINARY_PACKETS:
                raise ValueError("binary packets are not spoken here")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            log.warning("not a socket.io packet; cut off: %s", error)
            self.cut_off(eio_sid)

    def _check_joined(self, eio_sid: str) -> None:
        self._opening.discard(eio_sid)
        if eio_sid in self.environ and not self._joined(eio_sid):
            self.cut_off(eio_sid)

    def _joined(self, eio_sid: str) -> bool:
        for namespace in self.manager.get_namespaces():
            sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
            if sid is not None and self.manager.is_connected(sid, namespace):
                return True
        return False


class _Transport(engineio.AsyncServer):  # type: ignore[misc]  # engineio carries no types
    """The engine below: bounded queues and plain websockets."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        driver: dict[str, Any] = vars(self)["_async"]
        self._async = {**driver, "websocket": _WebSocket}

    async def send_packet(self, sid: str, pkt: Any) -> None:
        socket = self.sockets.get(sid)
        if socket is not None and socket.queue.qsize() >= QUEUE_MAX:
            if request := getattr(socket, "request", None):
                log.warning("a page does not read; cut off")
                _abort(request)
            return
        await super().send_packet(sid, pkt)


class _WebSocket:
    """What engineio wants of a websocket, without compression and with a deadline on writes."""

    def __init__(self, handler: Any, server: Any) -> None:
        self._handler = handler
        self._server = server
        self._request: web.Request
        self._socket = web.WebSocketResponse(
            max_msg_size=server.max_http_buffer_size, compress=False, timeout=2.0, writer_limit=65_536
        )

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self._request = environ["aiohttp.request"]
        # Kept on engineio's own socket object, so that a full queue finds its transport.
        self._handler.__self__.request = self._request
        await self._socket.prepare(self._request)
        await self._handler(self)
        return self._socket

    async def close(self) -> None:
        await self._socket.close()

    async def send(self, message: str | bytes) -> None:
        try:
            async with asyncio.timeout(WRITE_DEADLINE_S):
                if isinstance(message, bytes):
                    await self._socket.send_bytes(message)
                else:
                    await self._socket.send_str(message)
        except TimeoutError:
            log.warning("a page blocks a write; cut off")
            _abort(self._request)
            raise

    async def wait(self) -> Any:
        message = await self._socket.receive()
        if not isinstance(message.data, (bytes, str)):
            raise OSError("the socket is closed")
        return message.data


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()

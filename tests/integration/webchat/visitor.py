"""A visitor for tests, on the official python-socketio client, with the same duties as the widget.

Sends each message until it is acknowledged, delivers only the next sequence number, syncs on every connect
and whenever there is a gap.
"""

import asyncio
import contextlib
from typing import Any

import aiohttp
from socketio import exceptions

from tests.lab.socket_client import SocketClient

ACK_S = 0.5
"""What a message waits for its acknowledgement before it is sent again."""
ANSWER_S = 20


async def session(
    url: str, token: str = "", **headers: str
) -> tuple[int, dict[str, Any], aiohttp.typedefs.LooseHeaders]:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/channels/web/session", headers=headers) as response,
    ):
        return response.status, await response.json(content_type=None), dict(response.headers)


async def new_token(url: str, address: str = "") -> str:
    headers = {"X-Forwarded-For": address} if address else {}
    _, body, _ = await session(url, **headers)
    token = body["token"]
    assert isinstance(token, str)
    return token


class Page:
    """One connected page with no resending: for looking at single answers. Use as `async with`."""

    def __init__(self, url: str, token: object, namespace: str = "/chat/web") -> None:
        self._url = url
        self._auth = {"token": token}
        self._namespace = namespace
        self._client = SocketClient()
        self.wakes: list[dict[str, Any]] = []
        self.typing: list[dict[str, Any]] = []
        self._client.on("wake", self.wakes.append, namespace=namespace)
        self._client.on("typing", self.typing.append, namespace=namespace)

    async def __aenter__(self) -> "Page":
        await self._client.connect(
            self._url,
            auth=self._auth,
            namespaces=[self._namespace],
            transports=["websocket"],
            wait_timeout=ANSWER_S,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.leave()

    async def call(self, event: str, *args: object) -> Any:
        data = args if len(args) != 1 else args[0]
        return await self._client.call(event, data or None, namespace=self._namespace, timeout=ANSWER_S)


class Visitor:
    """A visitor that lives through cuts. `seen` is what the screen shows: (seq, author, text) in order."""

    def __init__(self, url: str, token: str, address: str = "") -> None:
        """`address`: where a trusted proxy says that the visitor is."""
        self._url = url
        self._token = token
        self._headers = {"X-Forwarded-For": address} if address else {}
        self._client: SocketClient | None = None
        self._conversation = ""
        self._wanted = asyncio.Event()
        self.seen: list[tuple[int, str, str]] = []
        self.connects = 0

    async def live(self) -> None:
        """Stay connected and in step until cancelled."""
        while True:
            client = SocketClient()
            client.on("wake", self._woken, namespace="/chat/web")
            try:
                await client.connect(
                    self._url,
                    headers=self._headers,
                    auth={"token": self._token},
                    namespaces=["/chat/web"],
                    transports=["websocket"],
                )
                self.connects += 1
                self._client = client
                while client.connected:
                    self._wanted.clear()
                    await self._sync(client)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wanted.wait(), 0.5)
            except (exceptions.SocketIOError, aiohttp.ClientError, OSError):
                await asyncio.sleep(0.02)
            finally:
                self._client = None
                await client.leave()

    async def say(self, client_id: str, text: str) -> int:
        """Send until the hub has it; returns its sequence number."""
        while True:
            if self._client is not None:
                with contextlib.suppress(exceptions.SocketIOError, OSError):
                    answer = await self._client.call(
                        "msg", {"client_id": client_id, "text": text}, namespace="/chat/web", timeout=ACK_S
                    )
                    assert answer["ok"], answer
                    self._wanted.set()
                    return int(answer["seq"])
            await asyncio.sleep(0.01)

    async def cut(self) -> None:
        """Lose the network: the transport dies without a goodbye."""
        if self._client is not None and self._client.eio.ws is not None:
            transport = self._client.eio.ws.get_extra_info("socket")
            if transport is not None:
                with contextlib.suppress(OSError):
                    transport.shutdown(2)

    def _woken(self, wake: dict[str, Any]) -> None:
        if wake["last_seq"] > (self.seen[-1][0] if self.seen else 0):
            self._wanted.set()

    async def _sync(self, client: SocketClient) -> None:
        while True:
            after = self.seen[-1][0] if self.seen else 0
            answer = await client.call(
                "sync",
                {"after": after, "conversation": self._conversation},
                namespace="/chat/web",
                timeout=ACK_S,
            )
            assert answer["ok"], answer
            self._conversation = answer["conversation"]
            for item in answer["items"]:
                if item["seq"] == (self.seen[-1][0] if self.seen else 0) + 1:
                    self.seen.append((item["seq"], item["author"], item["text"]))
            if (self.seen[-1][0] if self.seen else 0) >= answer["last_seq"]:
                return

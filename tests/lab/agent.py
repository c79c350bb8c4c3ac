"""An agent at a console, headless: logs in, follows the stream, and acts over HTTP with safe repeats.

Keeps the console's law: snapshot, then events in dense order; a gap or a new epoch means hello again.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from socketio import exceptions
from yarl import URL

from tests.lab.socket_client import SocketClient

NAMESPACE = "/console"
WAIT_S = 20.0
ACK_S = 2.0


class Refused(Exception):
    """The hub said no; `status` and `problem` as it said it."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem


class Agent:
    """One console. `on_offer` is called for every new offer (after it was acknowledged)."""

    def __init__(self, url: str, username: str, password: str = "rapport") -> None:
        self.url = url
        self.username = username
        self._password = password
        self.offers: dict[str, dict[str, Any]] = {}
        self.contacts: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self.offers_seen: list[dict[str, Any]] = []
        self.presence: dict[str, Any] = {}
        self.on_offer: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        self.agent_id = ""
        self._epoch, self._seq, self._connects = "", 0, 0
        self._changed = asyncio.Condition()
        self._http: aiohttp.ClientSession | None = None
        self._following: asyncio.Task[None] | None = None
        self._acting: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Agent":
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=10)
        )
        me = await self.post("/api/login", {"username": self.username, "password": self._password})
        self.agent_id = me["agent_id"]
        self._following = asyncio.ensure_future(self._follow())
        await self.until(lambda: bool(self.presence))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._http is not None
        assert self._following is not None
        self._following.cancel()
        for task in self._acting:
            task.cancel()
        await asyncio.gather(self._following, *self._acting, return_exceptions=True)
        await self._http.close()

    # ------------------------------------------------------------------------------------- commands

    async def post(self, path: str, body: object = None) -> dict[str, Any]:
        """A command, repeated with the same Idempotency-Key while the hub cannot be reached."""
        assert self._http is not None
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        async with asyncio.timeout(WAIT_S * 3):
            while True:
                try:
                    async with self._http.post(self.url + path, json=body or {}, headers=headers) as answer:
                        if answer.status == 503:
                            await asyncio.sleep(0.1)
                            continue
                        return await self._read(answer)
                except (aiohttp.ClientConnectionError, TimeoutError):
                    await asyncio.sleep(0.1)

    async def get(self, path: str) -> dict[str, Any]:
        assert self._http is not None
        async with self._http.get(self.url + path) as answer:
            return await self._read(answer)

    async def download(self, path: str) -> tuple[Mapping[str, str], bytes]:
        """A file: headers and bytes."""
        assert self._http is not None
        async with self._http.get(URL(self.url + path, encoded=True)) as answer:
            if answer.status != 200:
                raise Refused(answer.status, {})
            return answer.headers, await answer.read()

    @staticmethod
    async def _read(answer: aiohttp.ClientResponse) -> dict[str, Any]:
        body: dict[str, Any] = await answer.json(content_type=None)
        if answer.status >= 400:
            raise Refused(answer.status, body)
        return body

    async def available(self) -> None:
        await self.post("/api/presence", {"presence": "available"})
        await self.until(lambda: self.presence["presence"] == "available")

    async def accept(self, offer_id: str) -> None:
        await self.post(f"/api/offers/{offer_id}/accept")

    async def reject(self, offer_id: str) -> None:
        await self.post(f"/api/offers/{offer_id}/reject", {"reason": "busy"})

    async def reply(self, contact_id: str, text: str, *, note: bool = False) -> None:
        body = {"client_id": uuid.uuid4().hex, "text": text, "note": note}
        await self.post(f"/api/contacts/{contact_id}/messages", body)

    async def end(self, contact_id: str) -> None:
        await self.post(f"/api/contacts/{contact_id}/end")

    async def wrap_up(self, contact_id: str, disposition: str = "resolved") -> None:
        await self.post(f"/api/contacts/{contact_id}/wrap-up", {"disposition": disposition, "note": ""})

    # -------------------------------------------------------------------------------------- waiting

    async def until(self, condition: Callable[[], object], seconds: float = WAIT_S) -> None:
        """Wait until the console shows it; AssertionError tells what it shows instead."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            contacts = {contact_id: contact["state"] for contact_id, contact in self.contacts.items()}
            shown = f"offers {list(self.offers)}, contacts {contacts}, presence {self.presence}"
            where = f"event {self._seq} of {self._epoch}, connected {self._connects} times"
            raise AssertionError(f"after {seconds} s {self.username} sees {shown} ({where})") from None

    async def offered(self, seconds: float = WAIT_S) -> dict[str, Any]:
        """The first live offer."""
        await self.until(lambda: self.offers, seconds)
        return next(iter(self.offers.values()))

    async def active(self, contact_id: str) -> dict[str, Any]:
        """The contact once it is connected."""
        await self.until(lambda: self.contacts.get(contact_id, {}).get("state") == "active")
        return self.contacts[contact_id]

    async def in_state(self, contact_id: str, state: str) -> None:
        await self.until(lambda: self.contacts.get(contact_id, {}).get("state") == state)

    # ----------------------------------------------------------------------------------- the stream

    async def _follow(self) -> None:
        """Stay connected until cancelled."""
        while True:
            client = SocketClient()
            frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            client.on("event", frames.put_nowait, namespace=NAMESPACE)
            try:
                with contextlib.suppress(
                    exceptions.SocketIOError, TimeoutError, aiohttp.ClientError, OSError
                ):
                    await self._live(client, frames)
            finally:
                await client.leave()
            await asyncio.sleep(0.1)

    async def _live(self, client: SocketClient, frames: asyncio.Queue[dict[str, Any]]) -> None:
        assert self._http is not None
        cookies = self._http.cookie_jar.filter_cookies(URL(self.url))
        header = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        await client.connect(
            self.url,
            headers={"Cookie": header},
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=5,
        )
        await self._hello(client)
        self._connects += 1
        while client.connected:
            try:
                async with asyncio.timeout(0.5):
                    frame = await frames.get()
            except TimeoutError:
                continue
            if frame["s"] <= self._seq:
                continue
            if frame["s"] != self._seq + 1:
                await self._hello(client)
                continue
            await self._apply(client, frame)

    async def _hello(self, client: SocketClient) -> None:
        hello = {"epoch": self._epoch, "seq": self._seq, "tab_id": self.username}
        answer = await client.call("hello", hello, namespace=NAMESPACE, timeout=5)
        if answer["type"] == "snapshot":
            self._epoch, self._seq = answer["epoch"], answer["seq"]
            shown = answer["snapshot"]
            self.presence = shown["presence"]
            self.contacts = {contact["contact_id"]: contact for contact in shown["contacts"]}
            self.offers = {}
            for offer in shown["offers"]:
                await self._offered(client, offer)
        else:
            self._epoch = answer["epoch"]
            for frame in answer["events"]:
                if frame["s"] > self._seq:
                    await self._apply(client, frame)
        await self._tell()

    async def _apply(self, client: SocketClient, frame: dict[str, Any]) -> None:
        self._seq = frame["s"]
        event = frame["d"]
        match event["type"]:
            case "offer.created":
                await self._offered(client, event["offer"])
            case "offer.ended":
                self.offers.pop(event["offer_id"], None)
            case "contact.changed":
                contact = event["contact"]
                if contact["state"] in ("closed", "abandoned"):
                    self.contacts.pop(contact["contact_id"], None)
                else:
                    self.contacts[contact["contact_id"]] = contact
            case "message.added":
                self.messages[event["message"]["message_id"]] = event["message"]
            case "presence.changed":
                self.presence = event["presence"]
        await self._tell()

    async def _offered(self, client: SocketClient, offer: dict[str, Any]) -> None:
        self.offers[offer["offer_id"]] = offer
        self.offers_seen.append(offer)
        await client.emit("offer_delivered", {"offer_id": offer["offer_id"]}, namespace=NAMESPACE)
        if self.on_offer is not None:
            task = asyncio.ensure_future(self.on_offer(offer))
            self._acting.add(task)
            task.add_done_callback(self._acting.discard)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

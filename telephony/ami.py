"""Asterisk's manager interface (AMI): parser and asyncio client.

Owns the byte stream, logging in, matching answers to actions by ActionID, lists, deadlines, reconnecting.
Knows nothing about calls. Start with `Client`; `Parser` works alone for those who have bytes. Why not a
library: docs/adr/0004-own-ami-client.md.
"""

import asyncio
import itertools
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

MESSAGE_BYTES_MAX = 1024 * 1024
EVENTS_WAITING_MAX = 100_000
PENDING_MAX = 10_000
CONNECT_TIMEOUT_S = 5.0
ACTION_TIMEOUT_S = 5.0
BOOT_TIMEOUT_S = 120.0
PING_INTERVAL_S = 15.0
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 10.0
READ_BYTES = 256 * 1024

Headers = Iterable[tuple[str, str]]

_END = b"\r\n\r\n"
_BANNER = b"Asterisk Call Manager/"
_jitter = random.SystemRandom()


class AmiError(Exception):
    """The manager interface failed. Subclasses: NotConnected, ActionRefused, ActionTimeout, ProtocolError."""


class NotConnected(AmiError):
    """There is no session, or it ended before the answer came: whether the action ran is unknown."""


class ActionRefused(AmiError):
    """Asterisk answered `Response: Error`; the text is Asterisk's own."""


class ActionTimeout(AmiError):
    """No answer in time: whether the action ran is unknown."""


class ProtocolError(AmiError):
    """The peer does not speak AMI within our limits."""


class ResyncNeeded(Exception):
    """Raised by an event callback that lost the thread: the session ends and the next one starts anew."""


class Message:
    """One event or response: header lines in order, repeats kept. Bytes that are not UTF-8 are surrogates.

    Most events are dropped by their name alone, so the headers are taken apart when first asked for.
    """

    __slots__ = ("_first", "_lines")

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._first: dict[str, str] | None = None

    @property
    def event(self) -> str:
        """Name of the event, "" for a response. Only the first header counts: nothing later can rename it."""
        return self._lines[0].removeprefix("Event: ") if self._lines[0].startswith("Event: ") else ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """All headers in order."""
        split = (line.partition(":") for line in self._lines)
        return [(name, value.removeprefix(" ")) for name, _, value in split]

    def get(self, name: str, default: str = "") -> str:
        """The first value of a header."""
        return self._headers().get(name, default)

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def repeats(self, *names: str) -> bool:
        """Is one of these headers there more than once? For headers that Asterisk writes once: a forgery."""
        if len(self._headers()) == len(self._lines):
            return False
        return any(len(self.getall(name)) > 1 for name in names)

    def variables(self) -> dict[str, str]:
        """The `Variable: name=value` headers of a Status event."""
        return {name: value for name, _, value in (v.partition("=") for v in self.getall("Variable"))}

    def _headers(self) -> dict[str, str]:
        if self._first is None:
            backwards = self._lines[::-1]  # the first of a repeated name shall stay
            try:
                self._first = dict(
                    [line.split(": ", 1) for line in backwards]
                )  # a list is quicker than a generator
            except ValueError:  # a line without ": "
                self._first = dict(self.pairs[::-1])
        return self._first

    def __repr__(self) -> str:
        return f"Message({self._lines[0]!r}, {len(self._lines)} headers)"


class Parser:
    """Bytes in, messages out; keeps what is incomplete. Raises ProtocolError for a message over the limit."""

    def __init__(self, message_bytes_max: int = MESSAGE_BYTES_MAX) -> None:
        self._rest = b""
        self._message_bytes_max = message_bytes_max
        self._greeted = False

    def feed(self, data: bytes) -> list[Message]:
        """Messages completed by `data`, in order."""
        data = self._rest + data
        if not self._greeted:
            data = self._drop_banner(data)
        blocks = data.split(_END)
        self._rest = blocks.pop()
        if len(self._rest) > self._message_bytes_max:
            raise ProtocolError(f"a message is longer than {self._message_bytes_max} bytes")
        return [Message(block.decode("utf-8", "surrogateescape").split("\r\n")) for block in blocks if block]

    def _drop_banner(self, data: bytes) -> bytes:
        if data.startswith(_BANNER):
            line, found, rest = data.partition(b"\r\n")
            self._greeted = bool(found)
            return rest if found else line
        self._greeted = not _BANNER.startswith(data)
        return data


def encode(headers: Headers) -> bytes:
    """One action as bytes. Raises ValueError for a header that would end its line or the message."""
    lines = [f"{name}: {value}" for name, value in headers]
    for line in lines:
        if "\r" in line or "\n" in line or "\0" in line:
            raise ValueError("CR, LF or NUL in an AMI header")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Login:
    """Where the manager interface is and who we are there."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)


@dataclass(slots=True)
class _Pending:
    answer: asyncio.Future[Message]
    collects: bool
    items: list[Message] = field(default_factory=list)


class Client:
    """One AMI session that comes back by itself.

    `on_ready` runs after each login to a fully booted Asterisk, before any event of that session is
    delivered, and may use `action` and `collect`. `on_event` gets the events one by one; an exception there
    is logged and the next event follows, except ResyncNeeded. `on_lost` runs once when a ready session has
    ended.
    """

    def __init__(
        self,
        login: Login,
        on_ready: Callable[[], Awaitable[None]],
        on_event: Callable[[Message], Awaitable[None]],
        on_lost: Callable[[], Awaitable[None]],
    ) -> None:
        self._login = login
        self._on_ready = on_ready
        self._on_event = on_event
        self._on_lost = on_lost
        self._ids = itertools.count(1)
        self._pending: dict[str, _Pending] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._ready = False
        self._failures = 0

    async def run(self) -> None:
        """Connect, serve, reconnect with capped, jittered backoff; until cancelled."""
        while True:
            try:
                await self._session()
            except* (OSError, AmiError, TimeoutError, ResyncNeeded) as broken:
                login = self._login
                log.warning("AMI session to %s:%s ended: %s", login.host, login.port, _first(broken))
            if self._ready:
                self._ready = False
                await self._on_lost()
            delay_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(self._failures, 16))
            self._failures += 1
            await asyncio.sleep(delay_s * _jitter.uniform(0.5, 1.0))

    async def action(
        self, name: str, headers: Headers = (), *, action_id: str = "", timeout_s: float = ACTION_TIMEOUT_S
    ) -> Message:
        """Run one action, give its response. Raises an AmiError; ValueError for a line break in a header."""
        return await self._ask(name, headers, action_id, timeout_s, _Pending(_future(), collects=False))

    async def collect(
        self, name: str, headers: Headers = (), *, timeout_s: float = ACTION_TIMEOUT_S
    ) -> list[Message]:
        """Run an action that answers with a list and give its events, without the closing one.

        Asterisk says that a list is empty with an error such as "No Contacts found": that gives [].
        """
        pending = _Pending(_future(), collects=True)
        try:
            await self._ask(name, headers, "", timeout_s, pending)
        except ActionRefused as refused:
            if str(refused).lower().startswith("no "):
                return []
            raise
        return pending.items

    def drop(self) -> None:
        """End the session if there is one; `run` makes the next. For a caller that must resync."""
        if self._writer is not None:
            self._writer.close()

    async def _ask(
        self, name: str, headers: Headers, action_id: str, timeout_s: float, pending: _Pending
    ) -> Message:
        if self._writer is None or self._writer.is_closing():
            raise NotConnected("no session with Asterisk")
        if len(self._pending) >= PENDING_MAX:
            raise NotConnected(f"{PENDING_MAX} actions are unanswered")
        key = action_id or f"rapport-{next(self._ids)}"
        data = encode([("Action", name), ("ActionID", key), *headers])
        self._pending[key] = pending
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.write(data)
                await self._writer.drain()
                return await pending.answer
        except TimeoutError as late:
            raise ActionTimeout(f"no answer to {name} within {timeout_s} s") from late
        except OSError as broken:
            raise NotConnected(f"the session broke during {name}") from broken
        finally:
            self._pending.pop(key, None)

    async def _session(self) -> None:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(self._login.host, self._login.port)
        self._writer = writer
        events: asyncio.Queue[Message] = asyncio.Queue(EVENTS_WAITING_MAX)
        booted = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(reader, events, booted), name="ami-read")
                await self._log_in(booted)
                self._ready = True
                await self._on_ready()
                self._failures = 0
                tasks.create_task(self._keep_alive(), name="ami-ping")
                await self._deliver(events)
        finally:
            self._writer = None
            writer.close()
            for pending in list(self._pending.values()):
                if not pending.answer.done():
                    pending.answer.set_exception(NotConnected("the session with Asterisk ended"))

    async def _log_in(self, booted: asyncio.Event) -> None:
        credentials = [("Username", self._login.user), ("Secret", self._login.secret), ("Events", "on")]
        await self.action("Login", credentials)
        try:
            async with asyncio.timeout(BOOT_TIMEOUT_S):
                await booted.wait()
        except TimeoutError as late:
            raise ActionTimeout(f"Asterisk did not finish booting within {BOOT_TIMEOUT_S} s") from late

    async def _read(
        self, reader: asyncio.StreamReader, events: asyncio.Queue[Message], booted: asyncio.Event
    ) -> None:
        parser = Parser()
        while data := await reader.read(READ_BYTES):
            for message in parser.feed(data):
                if not message.event:
                    self._answered(message)
                elif not self._collected(message):
                    if message.event == "FullyBooted":
                        booted.set()
                    try:
                        events.put_nowait(message)
                    except asyncio.QueueFull:
                        raise ProtocolError(f"{EVENTS_WAITING_MAX} events wait: starting anew") from None
        raise NotConnected("Asterisk closed the session")

    def _answered(self, response: Message) -> None:
        pending = self._pending.get(response.get("ActionID"))
        if pending is None or pending.answer.done():
            return
        if response.get("Response") == "Error":
            pending.answer.set_exception(ActionRefused(response.get("Message", "refused")))
        elif not pending.collects or response.get("EventList") not in ("start", "Start"):
            pending.answer.set_result(response)

    def _collected(self, event: Message) -> bool:
        if not self._pending:
            return False
        pending = self._pending.get(event.get("ActionID"))
        if pending is None or not pending.collects:
            return False
        if event.get("EventList") == "Complete":
            if not pending.answer.done():
                pending.answer.set_result(event)
        else:
            pending.items.append(event)
        return True

    async def _deliver(self, events: asyncio.Queue[Message]) -> None:
        while True:
            event = await events.get()
            try:
                await self._on_event(event)
            except ResyncNeeded:
                raise
            except Exception:
                # One event that we cannot digest must not silence the rest of the stream.
                log.exception("the handler of AMI event %s failed", event.event)

    async def _keep_alive(self) -> None:
        """A half-open connection shows itself only when written to."""
        while True:
            await asyncio.sleep(PING_INTERVAL_S)
            await self.action("Ping")


def _future() -> asyncio.Future[Message]:
    return asyncio.get_running_loop().create_future()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first leaf of an exception group: what really happened."""
    leaf: BaseException = group
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    return leaf

"""aioimaplib made fit for a connection that lives for months.

The library hangs or dies on a lost connection, on many lines in one packet and on a refused IDLE (issues 110
and 118 there); this module overrides just those places. Everything about *our* use of a mailbox is in
imap_source.py. Licence: aioimaplib and therefore this file are GPL-3.0.
"""

import asyncio
import base64
import contextlib
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence

from aioimaplib.aioimaplib import (  # type: ignore[import-untyped]
    CRLF,
    IMAP4,
    STOP_WAIT_SERVER_PUSH,
    Abort,
    AioImapException,
    Command,
    IMAP4ClientProtocol,
    IncompleteRead,
    literal_data_re,
)

ImapError = AioImapException
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UIDVALIDITY = re.compile(rb"UIDVALIDITY (\d+)")


class _Protocol(IMAP4ClientProtocol):  # type: ignore[misc]
    """The library's protocol with bounded recursion and an end for everybody who waits."""

    pending_sync_command: Command
    _lost = False

    def _handle_responses(
        self, data: bytes, line_handler: Callable[[bytes, Command], Command], current_cmd: Command = None
    ) -> None:
        """Take whole lines and literals off `data`, one turn each where the library calls itself."""
        while data:
            if current_cmd is not None and current_cmd.wait_literal_data():
                data = current_cmd.append_literal_data(data)
                if current_cmd.wait_literal_data():
                    raise IncompleteRead(current_cmd)
            line, separator, rest = data.partition(CRLF)
            if not separator:
                raise IncompleteRead(current_cmd, data)
            command = line_handler(line, current_cmd)
            literal = literal_data_re.match(line)
            if literal:
                command = command if command is not None else Command("NIL", "unused")
                command.begin_literal_data(int(literal.group("size")))
            waits = command is not None and (literal or command.wait_data())
            current_cmd = command if waits else None
            data = rest
        if self.pending_sync_command is not None:
            self.pending_sync_command.flush()
        if current_cmd is not None and current_cmd.wait_data():
            raise IncompleteRead(current_cmd)

    def _handle_line(self, line: bytes, current_cmd: Command) -> Command:
        command = super()._handle_line(line, current_cmd)
        for task in self.tasks:  # a greeting other than OK fails in a task nobody awaits
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return command

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        waiting = [self.pending_sync_command, *self.pending_async_commands.values()]
        self.pending_sync_command = None
        self.pending_async_commands.clear()
        for command in waiting:
            if command is not None:
                command._exception = Abort("connection lost")
                command.close(b"connection lost", "KO")
        self.idle_queue.put_nowait(STOP_WAIT_SERVER_PUSH)
        super().connection_lost(exc)

    async def execute(self, command: Command, scrub: str | None = None) -> object:
        if self._lost:
            raise Abort("connection lost")
        return await super().execute(command, scrub=scrub)


class _Client(IMAP4):  # type: ignore[misc]
    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        running = asyncio.get_running_loop()
        self.protocol = _Protocol(running, conn_lost_cb)
        # The library awaits and owns this task.
        self._client_task = running.create_task(
            running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        )


class ImapConnection:
    """One connection to one mailbox. After any exception: close it and make another.

    Methods raise ImapError, OSError or TimeoutError when the peer or the line fails.
    """

    def __init__(self, client: _Client, server_hostname: str) -> None:
        self._client = client
        self._server_hostname = server_hostname
        self._timeout_s: float = client.timeout

    @classmethod
    async def open(
        cls, host: str, port: int, tls: str, context: ssl.SSLContext | None, timeout_s: float
    ) -> "ImapConnection":
        """Connect, with TLS from the start ("implicit"), by STARTTLS ("starttls") or without ("none")."""
        client = _Client(host, port, timeout=timeout_s, ssl_context=context if tls == "implicit" else None)
        connection = cls(client, host)
        try:
            async with asyncio.timeout(timeout_s):
                await client._wait_connection_and_hello()
            if tls == "starttls":
                assert context is not None
                await connection._start_tls(context)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _start_tls(self, context: ssl.SSLContext) -> None:
        protocol = self._client.protocol
        await self._ask(protocol.execute(Command("STARTTLS", protocol.new_tag())))
        if protocol.incomplete_line:
            raise Abort("the server spoke between STARTTLS and TLS")
        protocol.transport = await asyncio.get_running_loop().start_tls(
            protocol.transport, protocol, context, server_hostname=self._server_hostname
        )
        async with asyncio.timeout(self._timeout_s):
            await protocol.capability()

    async def login(self, user: str, password: str) -> None:
        await self._ask(self._client.protocol.login(quoted(user), password))

    async def select(self, mailbox: str) -> int:
        """Open a mailbox; return its UIDVALIDITY."""
        lines = await self._ask(self._client.protocol.select(mailbox_argument(mailbox)))
        found = [int(match.group(1)) for line in lines if (match := _UIDVALIDITY.search(line))]
        if not found:
            raise Abort("the server gave no UIDVALIDITY")
        return found[0]

    async def uids_after(self, uid: int) -> list[int]:
        """UIDs above `uid`, ascending. (The range `n:*` always names the last mail, even below n.)"""
        search = self._client.protocol.search("UID", f"{uid + 1}:*", charset=None, by_uid=True)
        lines = await self._ask(search)
        return sorted({n for line in lines[:-1] for n in map(int, re.findall(rb"\d+", line)) if n > uid})

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Size in bytes by UID, of those that still exist. At most 200 at once."""
        lines = self._ok(await self._client.uid("fetch", ",".join(map(str, uids)), "(UID RFC822.SIZE)"))
        sizes = {}
        for line in lines:
            uid, size = _UID.search(line), _SIZE.search(line)
            if uid and size:
                sizes[int(uid.group(1))] = int(size.group(1))
        return sizes

    async def mail(self, uid: int, *, headers_only: bool = False) -> bytes | None:
        """The bytes of one mail, without marking it as seen; None when it is gone."""
        part = "BODY.PEEK[HEADER]" if headers_only else "BODY.PEEK[]"
        lines = self._ok(await self._client.uid("fetch", str(uid), f"(UID {part})"))
        return next((bytes(line) for line in lines if isinstance(line, bytearray)), None)

    async def idle(self, renew_s: float) -> None:
        """Return when the server has news, the connection was lost, or after `renew_s` seconds."""
        queue = self._client.protocol.idle_queue
        async with asyncio.timeout(self._timeout_s):
            idle = await self._client.idle_start(renew_s)
        async with asyncio.timeout(renew_s + self._timeout_s):
            await queue.get()
        self._client.idle_done()
        await self._ask(idle)
        while not queue.empty():
            queue.get_nowait()

    def can_idle(self) -> bool:
        return bool(self._client.has_capability("IDLE"))

    async def close(self) -> None:
        """Cut the connection and end every task that belongs to it. Safe to repeat."""
        client, protocol = self._client, self._client.protocol
        if client._idle_waiter is not None:
            client._idle_waiter.cancel()
        if protocol.transport is not None:
            protocol.transport.abort()
        tasks = {client._client_task, *client.tasks, *protocol.tasks}
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                results = await asyncio.gather(*tasks, return_exceptions=True)
                for result in results:  # a connection that was made while we cancelled
                    if isinstance(result, tuple):
                        result[0].abort()

    async def _ask(self, answer: Awaitable[object]) -> list[bytes]:
        """The lines of an answer that must come in time.

        Not the library's own methods: they use `asyncio.wait_for`, which in Python 3.11 forgets a
        cancellation that comes together with the answer, and then nobody can stop us.
        """
        async with asyncio.timeout(self._timeout_s):
            return self._ok(await answer)

    @staticmethod
    def _ok(response: object) -> list[bytes]:
        """The lines of a response, if the server said OK."""
        result, lines = response.result, response.lines  # type: ignore[attr-defined]
        if result != "OK":
            said = bytes(lines[-1]).decode("utf-8", "replace") if lines else ""
            raise Abort(f"server said {result} {said}"[:300])
        return list(lines)


def quoted(argument: str) -> str:
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def mailbox_argument(name: str) -> str:
    """A mailbox name as IMAP wants it: quoted, in modified UTF-7 (RFC 3501 section 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        letters = base64.b64encode(match.group().encode("utf-16-be")).decode()
        return "&" + letters.rstrip("=").replace("/", ",") + "-"

    return quoted(re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-")))

"""FastAGI: the dialplan asks, we answer, on asyncio.

Owns the server, one `Session` per asking channel, AGI's words and deadlines. Knows no call flow. The
environment that Asterisk sends holds text from the caller: read what matters with `Session.get_variable`
instead. Asterisk goes on accepting commands on a dead channel after its HANGUP line; here that line ends
the session at once (`AgiHangup`). Start at `Server`.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

LINE_BYTES_MAX = 8192
ENVIRONMENT_LINES_MAX = 200
ENVIRONMENT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 10.0
SESSION_TIMEOUT_S = 900.0
SESSIONS_MAX = 2000
DIGITS = "0123456789*#"
CHANNEL_UP = "6"

_RESULT = re.compile(r"^200 result=(-?[^ ]*)(?: \((.*)\))?(?: endpos=(\d+))?$", re.DOTALL)


class AgiError(Exception):
    """The AGI session failed: deadline, nonsense from the peer, or a command that Asterisk refuses."""


class AgiHangup(AgiError):
    """The caller is gone, or the connection is."""


def quote(value: str) -> str:
    """One AGI argument. Raises ValueError for what would end the command line."""
    if "\r" in value or "\n" in value or "\0" in value:
        raise ValueError("CR, LF or NUL in an AGI argument")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Session:
    """One channel that asks us. Every verb raises AgiHangup when the caller is gone, AgiError otherwise."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, environment: Mapping[str, str]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self.environment = environment

    async def command(self, line: str, timeout_s: float = COMMAND_TIMEOUT_S) -> str:
        """Send one command line (already quoted), give the raw answer line."""
        await self.write(line)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._answer()
        except TimeoutError as late:
            raise AgiError(f"no answer to {line.split(' ', 1)[0]} within {timeout_s} s") from late

    async def write(self, line: str) -> None:
        """Send one line. Raises ValueError for a line break in it."""
        if "\r" in line or "\n" in line or "\0" in line:
            raise ValueError("CR, LF or NUL in an AGI command")
        try:
            self._writer.write(line.encode("utf-8", "surrogateescape") + b"\n")
            await self._writer.drain()
        except OSError as broken:
            raise AgiHangup("the connection is gone") from broken

    async def read_line(self) -> str:
        """The next line without its end. Raises AgiHangup at the end of the stream."""
        return await _read_line(self._reader)

    async def answer(self) -> None:
        await self._run("ANSWER")

    async def get_variable(self, name: str) -> str:
        """A channel variable, "" when unset."""
        return (await self._run(f"GET VARIABLE {quote(name)}"))[1]

    async def set_variable(self, name: str, value: str) -> None:
        await self._run(f"SET VARIABLE {quote(name)} {quote(value)}")

    async def stream_file(self, name: str, escape: str = DIGITS, timeout_s: float = 120.0) -> str:
        """Play a sound; gives the digit that stopped it, else "". AgiError for a sound that is not there."""
        try:
            return await self._digit(f"STREAM FILE {quote(name)} {quote(escape)}", timeout_s)
        except AgiHangup:
            # Asterisk answers the same -1 for a missing file; only then is the channel still up.
            if (await self._run("CHANNEL STATUS"))[0] != CHANNEL_UP:
                raise
            raise AgiError(f"sound {name} cannot be played") from None

    async def say_digits(self, digits: str, escape: str = DIGITS) -> str:
        return await self._digit(f"SAY DIGITS {quote(digits)} {quote(escape)}", 60.0)

    async def say_number(self, number: int, escape: str = DIGITS) -> str:
        return await self._digit(f"SAY NUMBER {number} {quote(escape)}", 60.0)

    async def wait_for_digit(self, timeout_ms: int) -> str:
        """The next digit, "" when none came in time."""
        return await self._digit(f"WAIT FOR DIGIT {timeout_ms}", timeout_ms / 1000 + COMMAND_TIMEOUT_S)

    async def execute(
        self, application: str, arguments: str = "", timeout_s: float = COMMAND_TIMEOUT_S
    ) -> None:
        """Run a dialplan application."""
        await self._run(f"EXEC {application} {quote(arguments)}", timeout_s)

    async def hang_up(self) -> None:
        await self._run("HANGUP")

    async def _digit(self, line: str, timeout_s: float) -> str:
        code = (await self._run(line, timeout_s))[0]
        return chr(int(code)) if code.isdecimal() and 0 < int(code) < 128 else ""

    async def _run(self, line: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, str]:
        answer = await self.command(line, timeout_s)
        if match := _RESULT.match(answer):
            if match[1] == "-1":
                raise AgiHangup(f"{line.split(' ', 1)[0]} failed: the caller is gone")
            return match[1], match[2] or ""
        if answer.startswith("511"):
            raise AgiHangup("the channel is dead")
        raise AgiError(f"Asterisk refused {line.split(' ', 1)[0]}: {answer[:200]!r}")

    async def _answer(self) -> str:
        line = await self.read_line()
        if line == "HANGUP":
            raise AgiHangup("the caller hung up")
        if line.startswith("520-"):
            while not (line := await self.read_line()).startswith("520 "):
                continue
        return line


Script = Callable[[Session], Awaitable[None]]


class Server:
    """Listens for FastAGI requests `agi://host:port/<secret>/<script>[/<argument>]` and runs the script.

    A request without the secret, for an unknown script, or over the limit of sessions is closed at once: the
    dialplan then goes on by itself.
    """

    def __init__(self, host: str, port: int, secret: str, scripts: Mapping[str, Script]) -> None:
        self._host = host
        self._port = port
        self._secret = secret
        self._scripts = scripts
        self._open: set[asyncio.StreamWriter] = set()

    async def run(self) -> None:
        """Serve until cancelled; open sessions are then cut and their dialplan goes on. Raises OSError."""
        server = await asyncio.start_server(self._serve, self._host, self._port, limit=LINE_BYTES_MAX)
        try:
            await server.serve_forever()
        finally:
            for writer in list(self._open):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= SESSIONS_MAX:
            log.error("%d AGI sessions are open: refusing another", SESSIONS_MAX)
            writer.close()
            return
        self._open.add(writer)
        script = "?"
        try:
            async with asyncio.timeout(ENVIRONMENT_TIMEOUT_S):
                environment = await _environment(reader)
            script, run = self._script(environment)
            async with asyncio.timeout(SESSION_TIMEOUT_S):
                await run(Session(reader, writer, environment))
        except AgiHangup:
            log.debug("the caller left during AGI script %s", script)
        except (AgiError, TimeoutError, ValueError, OSError) as failed:
            log.warning("AGI script %s ended early: %s %s", script, type(failed).__name__, failed)
        except Exception:
            # One broken script must not take the other callers' sessions with it.
            log.exception("AGI script %s failed", script)
        finally:
            self._open.discard(writer)
            writer.close()

    def _script(self, environment: Mapping[str, str]) -> tuple[str, Script]:
        parts = urlsplit(environment.get("agi_request", "")).path.strip("/").split("/")
        if len(parts) < 2 or parts[0] != self._secret:
            raise AgiError("a request without our secret")
        if parts[1] not in self._scripts:
            raise AgiError(f"no AGI script {parts[1][:40]!r}")
        return parts[1], self._scripts[parts[1]]


async def _environment(reader: asyncio.StreamReader) -> dict[str, str]:
    """The `agi_*` lines up to the empty one. Of a repeated name the first counts: others may be forged."""
    environment: dict[str, str] = {}
    for _ in range(ENVIRONMENT_LINES_MAX):
        line = await _read_line(reader)
        if not line:
            return environment
        name, _, value = line.partition(":")
        environment.setdefault(name, value.strip())
    raise AgiError(f"more than {ENVIRONMENT_LINES_MAX} lines of environment")


async def _read_line(reader: asyncio.StreamReader) -> str:
    try:
        line = await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, OSError) as gone:
        raise AgiHangup("the connection is gone") from gone
    except asyncio.LimitOverrunError as long:
        raise AgiError(f"a line is longer than {LINE_BYTES_MAX} bytes") from long
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")

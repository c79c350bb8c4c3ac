"""Customers' own AGI scripts, written against pyst2's vocabulary, on a pool of threads.

Owns `SafeAGI`, which keeps pyst2's verbs and repairs what is unsafe in them (signals, quoting, hang-up),
and `script_runner`, which turns a blocking function into a script for `telephony.agi.Server`. A script is a
callable `script(agi: SafeAGI) -> None`; it ends by returning, or by AGIHangup when the caller is gone.
"""

import asyncio
import io
import logging
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from asterisk.agi import AGI, AGIHangup, AGIResultHangup  # type: ignore[import-untyped]

from telephony.agi import AgiHangup, Script, Session, quote

log = logging.getLogger(__name__)

THREADS_MAX = 64
READ_TIMEOUT_S = 300.0
"""Longest wait for the answer to one command, playing a long sound included."""

T = TypeVar("T")


class SafeAGI(AGI):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's AGI over a session of ours. `hung_up` tells that the caller left while the script runs."""

    def __init__(self, session: Session, loop: asyncio.AbstractEventLoop) -> None:
        # Not pyst2's own: it installs a signal handler, which only the main thread may, and logs every line.
        self.stderr = io.StringIO()
        self.env = dict(session.environment)
        self.hung_up = False
        self._got_sighup = False
        self._session = session
        self._loop = loop

    def _quote(self, string: object) -> str:
        return quote(str(string))

    def send_command(self, command: str, *args: object) -> None:
        """Send one line. Raises ValueError for a line break in it, AGIHangup when the connection is gone."""
        self._wait(self._session.write(" ".join([command.strip(), *map(str, args)]).strip()))

    def get_result(self, stdin: object = None) -> dict[str, tuple[str, str]]:
        """The answer, read by pyst2. Raises its errors, and AGIHangup at 511 or the end of the connection."""
        line = self._line()
        while line == "HANGUP":
            self.hung_up = True
            line = self._line()
        if line.startswith("511"):
            raise AGIHangup("the channel is dead")
        lines = [line]
        while line.startswith("520-"):
            lines.append(line := self._line())
        self.stdin = io.StringIO("\n".join(lines) + "\n")
        self.stderr.seek(0)
        self.stderr.truncate()
        result: dict[str, tuple[str, str]] = super().get_result()
        return result

    def _line(self) -> str:
        return self._wait(self._session.read_line())

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(READ_TIMEOUT_S)
        except AgiHangup as gone:
            raise AGIHangup(str(gone)) from gone
        except TimeoutError as late:
            future.cancel()
            raise AGIHangup(f"no answer within {READ_TIMEOUT_S} s") from late


BlockingScript = Callable[[SafeAGI], None]


def script_runner(scripts: Mapping[str, BlockingScript], pool: ThreadPoolExecutor) -> Script:
    """A script for `telephony.agi.Server` that runs `scripts[<argument>]` of `/script/<argument>`."""

    async def run(session: Session) -> None:
        name = session.environment.get("agi_request", "").rstrip("/").rsplit("/", 1)[-1]
        script = scripts.get(name)
        if script is None:
            log.warning("no customer's AGI script %r", name[:40])
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(pool, _run, script, SafeAGI(session, loop), name)

    return run


def _run(script: BlockingScript, agi: SafeAGI, name: str) -> None:
    try:
        script(agi)
    except (AGIHangup, AGIResultHangup):
        log.debug("the caller left during the script %s", name)
    except Exception:
        # The script is the customer's: its mistakes are reported and the dialplan goes on.
        log.exception("the customer's AGI script %s failed", name)

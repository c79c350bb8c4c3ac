"""Reads mails in a process of its own, with a deadline and a memory limit.

A thread could not be stopped, and a parser that loops would hold the event loop's lock; a process is killed.
Start at `Reader.read`.
"""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from channels.base import Malformed
from channels.email.mime import Mail
from channels.email.worker import READY, Done, Job

START_DEADLINE_S = 30.0
"""For the interpreter and the libraries of a fresh process to load."""
STALL_FACTOR = 6
"""The process limits its own processor time; this many times as long it may wait for a busy machine."""
RATE_MIN_BYTES_S = 2_000_000
"""A large mail gets this much more time."""
_SOURCE_ROOT = str(Path(__file__).resolve().parents[2])


class Reader:
    """One reading process, started at the first mail and again after one that had to be killed."""

    def __init__(
        self, own_address: str, list_ids: tuple[str, ...], *, deadline_s: float, memory_max_bytes: int
    ) -> None:
        self._own_address = own_address
        self._list_ids = list_ids
        self._deadline_s = deadline_s
        self._memory_max_bytes = memory_max_bytes
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._done = msgspec.msgpack.Decoder(Done)

    async def warm_up(self) -> None:
        """Start the process now, so that the first mail need not wait for it."""
        async with self._lock:
            if self._process is None:
                await self._start()

    async def read(self, raw: bytes) -> Mail:
        """Understand one mail. Raises Malformed with the reason when that is not possible."""
        cpu_max_s = self._deadline_s + len(raw) / RATE_MIN_BYTES_S
        job = msgspec.msgpack.encode(Job(raw, self._own_address, self._list_ids, cpu_max_s))
        async with self._lock:
            answer = await self._answer(job, cpu_max_s)
        if answer.mail is None:
            raise Malformed(answer.malformed)
        return answer.mail

    async def close(self) -> None:
        """End the process. Safe to repeat."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
            # Closing the pipes now and not at collection keeps the loop free of half-dead transports.
            transport = getattr(process, "_transport", None)
            if transport is not None:
                transport.close()

    async def _answer(self, job: bytes, cpu_max_s: float) -> Done:
        answered = False
        try:
            process = self._process or await self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            async with asyncio.timeout(cpu_max_s * STALL_FACTOR):
                process.stdin.write(len(job).to_bytes(4, "big") + job)
                await process.stdin.drain()
                length = int.from_bytes(await process.stdout.readexactly(4), "big")
                answer = self._done.decode(await process.stdout.readexactly(length))
            answered = True
            return answer
        except TimeoutError:
            return Done(malformed=f"cannot be read within {cpu_max_s * STALL_FACTOR:.0f} s")
        except (asyncio.IncompleteReadError, ConnectionError):
            return Done(malformed=f"needs more than {cpu_max_s:.0f} s or too much memory to be read")
        finally:
            if not answered:  # also when cancelled: the next answer would belong to another mail
                await self.close()

    async def _start(self) -> asyncio.subprocess.Process:
        """A process that has loaded its libraries. RuntimeError when that fails: no mail is to blame."""
        path = os.pathsep.join(filter(None, (_SOURCE_ROOT, os.environ.get("PYTHONPATH", ""))))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",  # not -m: the package has imported the module by then, and runpy warns of that
            f"from channels.email.worker import main; main({self._memory_max_bytes})",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal is for the hub; it ends this one
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        )
        self._process = process
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_DEADLINE_S):
                await process.stdout.readexactly(len(READY))
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            raise RuntimeError("the reading process does not start") from error
        return process

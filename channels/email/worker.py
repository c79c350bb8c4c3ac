"""The reading process: mails in on standard input, what we understood out on standard output.

Started and ended by reader.py; ends by itself when its input does. Each frame is a 4-byte big-endian length
and as many bytes: a `Job` in msgpack there, a `Done` back. No asyncio, no network, no files.
"""

import contextlib
import resource
import signal
import sys
from dataclasses import replace
from types import FrameType
from typing import BinaryIO, NoReturn

import msgspec

from channels.base import Malformed
from channels.email.mime import Mail, read
from channels.email.quotes import new_text

READY = b"\0\0\0\0"
"""The first thing it says, an empty frame: libraries are loaded, deadlines may begin."""
FOLD_BUDGET_S = 0.5
"""Processor time, as everything here: a busy machine must not make mails unreadable."""


class Job(msgspec.Struct, frozen=True):
    """One mail to read."""

    raw: bytes
    own_address: str
    list_ids: tuple[str, ...]
    cpu_max_s: float
    """Processor time after which the kernel ends the process."""


class Done(msgspec.Struct, frozen=True):
    """Exactly one of both is set."""

    mail: Mail | None = None
    malformed: str = ""


def done(job: Job) -> Done:
    """Read one mail; whatever goes wrong is an answer, not a crash."""
    try:
        mail = read(job.raw, job.own_address, job.list_ids)
        return Done(mail=replace(mail, new_text=_new_text(mail.text)))
    except Malformed as error:
        return Done(malformed=str(error))
    except Exception as error:  # noqa: BLE001 - bytes of strangers end here; the mail is kept and shown
        return Done(malformed=f"cannot be read ({type(error).__name__})")


class _TooSlow(BaseException):
    """Not an Exception, or the library under the alarm might swallow it."""


def _ring(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _TooSlow


def _new_text(text: str) -> str:
    """`quotes.new_text`, given up after `FOLD_BUDGET_S`: regular expressions cannot be trusted with time."""
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, FOLD_BUDGET_S)
        try:
            return new_text(text)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooSlow:
        return ""


def read_frame(stream: BinaryIO) -> bytes | None:
    header = stream.read(4)
    if len(header) < 4:
        return None
    return stream.read(int.from_bytes(header, "big"))


def main(memory_max_bytes: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # a lower limit may already hold
        resource.setrlimit(resource.RLIMIT_AS, (memory_max_bytes, memory_max_bytes))
    signal.signal(signal.SIGVTALRM, _ring)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    decoder, encoder = msgspec.msgpack.Decoder(Job), msgspec.msgpack.Encoder()
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        job = decoder.decode(frame)
        signal.setitimer(signal.ITIMER_PROF, job.cpu_max_s)  # SIGPROF keeps its default action: death
        answer = encoder.encode(done(job))
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(len(answer).to_bytes(4, "big") + answer)
        sys.stdout.buffer.flush()

"""The reading process: mails in on standard input, what we understood out on standard output.

Started and ended by reader.py; ends by itself when its input does. Each frame is a 4-byte big-endian length
and as many bytes: a `Job` in msgpack there, a `Done` back. No asyncio, no network, no files.
"""

import contextlib
import resource
import sys
from typing import BinaryIO

import msgspec

from channels.base import Malformed
from channels.email.mime import Mail, read


class Job(msgspec.Struct, frozen=True):
    """One mail to read."""

    raw: bytes
    own_address: str
    list_ids: tuple[str, ...]
    frugal: bool


class Done(msgspec.Struct, frozen=True):
    """Exactly one of both is set."""

    mail: Mail | None = None
    malformed: str = ""


def done(job: Job) -> Done:
    """Read one mail; whatever goes wrong is an answer, not a crash."""
    try:
        return Done(mail=read(job.raw, job.own_address, job.list_ids, frugal=job.frugal))
    except Malformed as error:
        return Done(malformed=str(error))
    except Exception as error:  # noqa: BLE001 - bytes of strangers end here; the mail is kept and shown
        return Done(malformed=f"cannot be read ({type(error).__name__})")


def read_frame(stream: BinaryIO) -> bytes | None:
    header = stream.read(4)
    if len(header) < 4:
        return None
    return stream.read(int.from_bytes(header, "big"))


def main(memory_max_bytes: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # a lower limit may already hold
        resource.setrlimit(resource.RLIMIT_AS, (memory_max_bytes, memory_max_bytes))
    decoder, encoder = msgspec.msgpack.Decoder(Job), msgspec.msgpack.Encoder()
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        answer = encoder.encode(done(decoder.decode(frame)))
        sys.stdout.buffer.write(len(answer).to_bytes(4, "big") + answer)
        sys.stdout.buffer.flush()

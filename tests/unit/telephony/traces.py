"""Reads the golden AMI transcripts (see tests/golden/ami/INDEX.md) as a stream for the call model."""

import json
from dataclasses import dataclass
from pathlib import Path

from telephony.ami import Message, Parser

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "ami"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.jsonl"))


@dataclass(frozen=True, slots=True)
class Sent:
    """An action that went to Asterisk."""

    action: Message


def read(name: str) -> list[Message | Sent]:
    """Events and responses from Asterisk and actions to it, in the order of the transcript."""
    parsers = {"<": Parser(), ">": Parser()}
    stream: list[Message | Sent] = []
    for line in (GOLDEN / f"{name}.jsonl").read_text().splitlines():
        chunk = json.loads(line)
        if chunk["d"] in parsers:
            for message in parsers[chunk["d"]].feed(chunk["b"].encode("latin-1")):
                stream.append(Sent(message) if chunk["d"] == ">" else message)
    return stream


def raw(name: str) -> bytes:
    """All bytes from Asterisk."""
    chunks = (json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text().splitlines())
    return b"".join(chunk["b"].encode("latin-1") for chunk in chunks if chunk["d"] == "<")


def message(headers: list[tuple[str, str]]) -> Message:
    """A message with these headers."""
    return Message([f"{name}: {value}" for name, value in headers])

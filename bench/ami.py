"""Reading Asterisk's event stream: events per CPU second, ours against panoramisk's, on the recorded traces.

Both read the same bytes in the same chunks and must find the same messages. Timed on either side: bytes in,
message objects out, and one header of each asked for, because ours are taken apart only then. Rounds take
turns, so a slower moment of the machine hits both; the best round of each counts.
"""

import json
import time
from pathlib import Path

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message as PanoramiskMessage

from bench.report import show
from telephony.ami import Parser

TRACES = Path(__file__).resolve().parent.parent / "tests" / "golden" / "ami"
STREAM_BYTES_MIN = 10_000_000
CHUNK_BYTES = 64 * 1024
ROUNDS = 5
HEADER = "Uniqueid"


class _Counter:
    """Stands where panoramisk's Manager is told of an event."""

    save_stream = None

    def __init__(self) -> None:
        self.messages = 0

    def dispatch(self, message: PanoramiskMessage) -> None:
        message.get(HEADER)
        self.messages += 1


class _Reader(AMIProtocol):  # type: ignore[misc]
    """panoramisk's reader as it is, with answers counted as events are, and no socket to close."""

    def __init__(self, counter: _Counter) -> None:
        self.connection_made(None)
        self.factory = counter
        self.encoding = "utf8"

    def handle_message(self, message: PanoramiskMessage) -> None:
        self.factory.dispatch(message)


def stream() -> list[bytes]:
    """The recorded traces' bytes from Asterisk, repeated to 10 MB, in chunks of a busy link."""
    once = b"".join(
        entry["b"].encode("latin-1")
        for path in sorted(TRACES.glob("*.jsonl"))
        for entry in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        # A connection greets once; the greeting of each recording would make one nameless message.
        if entry["d"] == "<" and not entry["b"].startswith("Asterisk Call Manager/")
    )
    whole = once * (STREAM_BYTES_MIN // len(once) + 1)
    return [whole[at : at + CHUNK_BYTES] for at in range(0, len(whole), CHUNK_BYTES)]


def ours(chunks: list[bytes]) -> tuple[float, int]:
    """CPU seconds and messages of one pass through `telephony.ami.Parser`."""
    parser = Parser()
    messages = 0
    began = time.process_time()
    for chunk in chunks:
        for message in parser.feed(chunk):
            message.get(HEADER)
            messages += 1
    return time.process_time() - began, messages


def panoramisk(chunks: list[bytes]) -> tuple[float, int]:
    """CPU seconds and messages of one pass through panoramisk's protocol."""
    counter = _Counter()
    reader = _Reader(counter)
    began = time.process_time()
    for chunk in chunks:
        reader.data_received(chunk)
    return time.process_time() - began, counter.messages


def main() -> None:
    """Print the one line of this bench."""
    chunks = stream()
    rounds = [(ours(chunks), panoramisk(chunks)) for _ in range(ROUNDS)]
    (_, our_messages), (_, their_messages) = rounds[0]
    if abs(our_messages - their_messages) > 0.001 * our_messages:
        raise RuntimeError(f"the readers disagree: {our_messages} messages against {their_messages}")
    best_ours = min(seconds for (seconds, _), _ in rounds)
    best_theirs = min(seconds for _, (seconds, _) in rounds)
    show("ami_reader", "events/CPU s", our_messages / best_ours, their_messages / best_theirs, ">= 1.5")


if __name__ == "__main__":
    main()

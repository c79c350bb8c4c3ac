"""An SMTP server that fails on demand: answers of choice at each step, or a broken line instead of one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

_OK = {
    "EHLO": "250 peer",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    ".": "250 taken",
    "QUIT": "221 bye",
}


@dataclass
class SmtpPeer:
    """What to answer, and what came in.

    `answers` maps a step (EHLO, MAIL, RCPT, DATA, "." for the end of the text, or "RCPT address") to a reply;
    the empty reply cuts the line there, None never answers.
    """

    answers: dict[str, str | None] = field(default_factory=dict)
    next_answers: dict[str, str | None] = field(default_factory=dict)
    """As `answers`, for the next connection only."""
    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    connections: int = 0
    texts_seen: int = 0

    def once(self, answers: dict[str, str | None]) -> None:
        self.next_answers = answers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        answers, self.next_answers = {**self.answers, **self.next_answers}, {}
        writer.write(b"220 peer\r\n")
        try:
            while line := await reader.readline():
                step = line[:4].decode("ascii", "replace").upper().strip()
                if not await _answer(writer, answers, step, line):
                    return
                if step == "DATA" and answers.get("DATA", _OK["DATA"]) == _OK["DATA"]:
                    text = await reader.readuntil(b"\r\n.\r\n")
                    self.texts_seen += 1
                    if "." not in answers:
                        self.mails.append(text)
                    if not await _answer(writer, answers, ".", b""):
                        return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _answer(
    writer: asyncio.StreamWriter, answers: dict[str, str | None], step: str, line: bytes
) -> bool:
    """Answer one step; False when the line is to be cut."""
    specific = f"{step} {line.partition(b'<')[2].partition(b'>')[0].decode()}"
    answer = answers.get(specific, answers.get(step, _OK.get(step, "500 what?")))
    if answer == "":
        return False
    if answer is not None:
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
    return step != "QUIT"


@contextlib.asynccontextmanager
async def smtp_peer(answers: dict[str, str | None] | None = None) -> AsyncIterator[SmtpPeer]:
    """A peer on a free port for the time of the block."""
    peer = SmtpPeer(answers or {})
    handlers: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(peer._serve(reader, writer))
        handlers.add(task)
        task.add_done_callback(handlers.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in list(handlers):
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
        await server.wait_closed()

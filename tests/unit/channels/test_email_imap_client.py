"""Our IMAP connection against a server that says what it likes, in the same event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.email.imap_client import ImapConnection, ImapError, mailbox_argument
from channels.email.imap_source import ImapSource, parsed_cursor
from channels.email.settings import Imap, Limits
from tests.lab.sqlite_host import SqliteHost


class ImapPeer:
    """Answers commands by name; `answers` may replace the untagged lines, `results` the tagged result."""

    def __init__(self) -> None:
        self.greeting = b"* OK hello\r\n"
        self.answers: dict[str, bytes] = {
            "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n",
            "SELECT": b"* OK [UIDVALIDITY 7] valid\r\n",
            "SEARCH": b"* SEARCH\r\n",
            "IDLE": b"+ idling\r\n",
        }
        self.results: dict[str, bytes] = {}
        self.idling = asyncio.Event()
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(self.greeting)
        tag = b""
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                words = line.split()
                if words[0] == b"DONE":
                    writer.write(tag + b" OK done\r\n")
                    continue
                tag, name = words[0], (words[2] if words[1] == b"UID" else words[1]).decode()
                result = self.results.get(name, b"OK")
                writer.write(self.answers.get(name, b""))
                if name == "IDLE":
                    self.idling.set()
                if name != "IDLE" or result != b"OK":
                    writer.write(tag + b" " + result + b" said\r\n")
        writer.close()

    def push(self, content: bytes) -> None:
        self._writers[-1].write(content)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@pytest.fixture
async def peer() -> AsyncIterator[ImapPeer]:
    peer = ImapPeer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()
    peer.cut()


@contextlib.asynccontextmanager
async def connection(peer: ImapPeer, timeout_s: float = 2.0) -> AsyncIterator[ImapConnection]:
    opened = await ImapConnection.open("127.0.0.1", peer.port, "none", None, timeout_s)
    try:
        await opened.login("kim", 'pass "word\\')
        await opened.select("INBOX")
        yield opened
    finally:
        await opened.close()


async def test_a_cancellation_that_meets_the_answer_is_not_forgotten(peer: ImapPeer, tmp_path: Path) -> None:
    """Cancelled this many turns of the loop after the server's word, for every number that matters."""
    host = SqliteHost(tmp_path / "hub.sqlite")
    settings = Imap("127.0.0.1", peer.port, "kim", "x", tls="none")
    for turns in range(30):
        peer.idling.clear()
        task = asyncio.get_running_loop().create_task(ImapSource(settings, Limits(), host, print).run())
        await peer.idling.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.cancelled(), f"forgotten when it came {turns} turns after the server's word"
    host.close()


async def test_a_lost_connection_ends_an_idle_at_once(peer: ImapPeer) -> None:
    """Not at the next renewal, which may be minutes away."""
    async with connection(peer) as opened:
        idling = asyncio.ensure_future(opened.idle(600))
        await peer.idling.wait()
        peer.cut()
        with pytest.raises((ImapError, OSError)):
            async with asyncio.timeout(1):
                await idling
        with pytest.raises(ImapError, match="connection lost"):
            await opened.uids_after(0)


async def test_three_thousand_lines_in_one_packet(peer: ImapPeer) -> None:
    """Each was a level of recursion."""
    async with connection(peer) as opened:
        idling = asyncio.ensure_future(opened.idle(600))
        await peer.idling.wait()
        peer.push(b"* 1 EXPUNGE\r\n" * 3_000)
        async with asyncio.timeout(2):
            await idling
        peer.answers["SEARCH"] = b"* 9 EXISTS\r\n* SEARCH 5 3 4\r\n"
        assert await opened.uids_after(3) == [4, 5]


async def test_a_refused_or_silent_idle_ends_in_time(peer: ImapPeer) -> None:
    """The library waits for ever."""
    peer.answers["IDLE"] = b""
    peer.results["IDLE"] = b"NO"
    async with connection(peer, 0.3) as opened:
        with pytest.raises((ImapError, TimeoutError)):
            async with asyncio.timeout(2):
                await opened.idle(600)
    peer.results.clear()
    async with connection(peer, 0.3) as opened:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await opened.idle(600)


async def test_a_mail_is_fetched_whole_whatever_is_in_it(peer: ImapPeer) -> None:
    """Lines that look like protocol, and another client's news in between."""
    mail = b"Subject: * OK )(\r\n\r\nA1 OK FETCH\r\n* 3 EXISTS\r\n(((\r\n"
    peer.answers["FETCH"] = (
        b"* 2 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 4 BODY[] {%d}\r\n" % len(mail) + mail + b")\r\n"
    )
    async with connection(peer) as opened:
        assert await opened.mail(4) == mail
        peer.answers["FETCH"] = b"* 1 FETCH (UID 4 RFC822.SIZE 55)\r\n* 2 FETCH (UID 5 RFC822.SIZE 66)\r\n"
        assert await opened.sizes([4, 5, 6]) == {4: 55, 5: 66}
        peer.answers["FETCH"] = b""
        assert await opened.mail(4) is None, "gone"


@pytest.mark.parametrize("greeting", [b"* BYE too busy\r\n", b"220 smtp here\r\n", b""])
async def test_an_unfit_greeting_is_an_error_in_time(peer: ImapPeer, greeting: bytes) -> None:
    """Overloaded, another protocol, or silence."""
    peer.greeting = greeting
    with pytest.raises((ImapError, OSError, TimeoutError)):
        async with connection(peer, 0.3):
            pass


@pytest.mark.parametrize("refused", ["LOGIN", "SELECT"])
async def test_refusals_carry_the_servers_words(peer: ImapPeer, refused: str) -> None:
    """For the log."""
    peer.results[refused] = b"NO"
    with pytest.raises(ImapError, match="NO said"):
        async with connection(peer):
            pass


async def test_a_mailbox_without_uidvalidity_is_refused(peer: ImapPeer) -> None:
    """No position could be kept."""
    peer.answers["SELECT"] = b"* 0 EXISTS\r\n"
    with pytest.raises(ImapError, match="UIDVALIDITY"):
        async with connection(peer):
            pass


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("INBOX", '"INBOX"'),
        ("A & B", '"A &- B"'),
        ("Entwürfe", '"Entw&APw-rfe"'),
        ("台北/日本語", '"&U,BTFw-/&ZeVnLIqe-"'),
        ("😀", '"&2D3eAA-"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
    ],
)
def test_mailbox_names(name: str, argument: str) -> None:
    """Modified UTF-7, quoted; two of them are the standard's own examples."""
    assert mailbox_argument(name) == argument


@pytest.mark.parametrize(
    ("cursor", "position"), [(None, (0, 0)), ("7:12", (7, 12)), ("", (0, 0)), ("x:1", (0, 0)), ("7", (0, 0))]
)
def test_cursors(cursor: str | None, position: tuple[int, int]) -> None:
    """Anything that is not ours means: from the start."""
    assert parsed_cursor(cursor) == position

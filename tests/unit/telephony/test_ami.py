"""AMI parser and client: framing, correlation, lists, deadlines, reconnecting, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ami import (
    ActionRefused,
    ActionTimeout,
    Client,
    Login,
    Message,
    NotConnected,
    Parser,
    ProtocolError,
    ResyncNeeded,
    encode,
)
from tests.unit.telephony.peer import Peer, ok
from tests.unit.telephony.traces import NAMES, raw

WAIT_S = 5.0


@pytest.mark.parametrize("name", NAMES)
def test_every_transcript_parses_the_same_in_any_pieces(name: str) -> None:
    data = raw(name)
    whole = [message.pairs for message in Parser().feed(data)]
    parser = Parser()
    pieces = [m.pairs for i in range(0, len(data), 777) for m in parser.feed(data[i : i + 777])]
    assert pieces == whole
    assert whole


@given(st.lists(st.integers(0, 200), max_size=8))
def test_cut_anywhere(cuts: list[int]) -> None:
    data = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: 1\r\n\r\n"
    data += b"Event: A\r\nX:\r\nX: \xff\r\n\r\n"
    parser, edges = Parser(), sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    messages = [m for a, b in pairwise(edges) for m in parser.feed(data[a:b])]
    assert [message.event for message in messages] == ["", "A"]
    assert messages[1].getall("X") == ["", "\udcff"]


def test_first_header_names_the_message_and_repeats_are_kept() -> None:
    (message,) = Parser().feed(b"Event: Newchannel\r\nUniqueid: 1\r\nEvent: Hangup\r\nUniqueid: 2\r\n\r\n")
    assert (message.event, message.get("Uniqueid"), message.getall("Uniqueid")) == (
        "Newchannel",
        "1",
        ["1", "2"],
    )
    assert message.repeats("Uniqueid")
    assert not message.repeats("Channel")


def test_endless_message_is_refused() -> None:
    parser = Parser(message_bytes_max=1000)
    parser.feed(b"X: y\r\n" * 100)
    with pytest.raises(ProtocolError):
        parser.feed(b"X: y\r\n" * 100)


@pytest.mark.parametrize("value", ["a\r\nAction: Command", "a\nb", "a\rb", "a\0b"])
def test_line_break_in_an_action_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        encode([("Action", "Originate"), ("Variable", value)])


class Ends:
    """The callbacks of a client, recorded."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Message] = asyncio.Queue()
        self.ready = asyncio.Event()
        self.lost = asyncio.Event()
        self.on_event: Callable[[Message], Awaitable[None]] = self.events.put

    async def set_ready(self) -> None:
        self.ready.set()

    async def set_lost(self) -> None:
        self.lost.set()

    async def event(self, message: Message) -> None:
        if message.event != "FullyBooted":
            await self.on_event(message)


@asynccontextmanager
async def connected(peer: Peer, ends: Ends) -> AsyncIterator[Client]:
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    login = Login("127.0.0.1", server.sockets[0].getsockname()[1], "u", "s")
    client = Client(login, ends.set_ready, ends.event, ends.set_lost)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(client.run())
        try:
            await asyncio.wait_for(ends.ready.wait(), WAIT_S)
            yield client
        finally:
            running.cancel()
            server.close()


async def test_answers_find_their_callers_in_any_order() -> None:
    peer, held = Peer(), []

    def hold(action: Message) -> str:
        held.append(action)
        return "".join(ok(action) for action in reversed(held)) if len(held) == 50 else ""

    peer.answers["Echo"] = hold
    async with connected(peer, Ends()) as client:
        answers = await asyncio.gather(*(client.action("Echo", [("Text", str(n))]) for n in range(50)))
    assert [answer.get("Message") for answer in answers] == [str(n) for n in range(50)]


async def test_list_is_collected_and_foreign_events_pass() -> None:
    peer, ends = Peer(), Ends()

    def rows(action: Message) -> str:
        key = action.get("ActionID")
        return (
            f"Response: Success\r\nActionID: {key}\r\nEventList: start\r\n\r\n"
            f"Event: Status\r\nActionID: {key}\r\nVariable: A=1\r\nVariable: B=x=y\r\n\r\n"
            "Event: Hangup\r\nUniqueid: 7\r\n\r\n"
            f"Event: StatusComplete\r\nActionID: {key}\r\nEventList: Complete\r\n\r\n"
        )

    peer.answers["Status"] = rows
    peer.answers["Empty"] = lambda a: (
        f"Response: Error\r\nActionID: {a.get('ActionID')}\r\nMessage: No Contacts found\r\n\r\n"
    )
    peer.answers["Bad"] = lambda a: (
        f"Response: Error\r\nActionID: {a.get('ActionID')}\r\nMessage: Permission denied\r\n\r\n"
    )
    async with connected(peer, ends) as client:
        (row,) = await client.collect("Status")
        assert row.variables() == {"A": "1", "B": "x=y"}
        assert (await asyncio.wait_for(ends.events.get(), WAIT_S)).event == "Hangup"
        assert await client.collect("Empty") == []
        with pytest.raises(ActionRefused, match="Permission denied"):
            await client.collect("Bad")


async def test_silence_is_a_timeout_and_a_late_answer_harms_nobody() -> None:
    peer = Peer()
    peer.answers["Echo"] = ok
    async with connected(peer, Ends()) as client:
        with pytest.raises(ActionTimeout):
            await client.action("Mute", timeout_s=0.05)
        peer.say(f"Response: Success\nActionID: {peer.actions[-1].get('ActionID')}\n\n")
        assert (await client.action("Echo", [("Text", "x")])).get("Message") == "x"


async def test_pending_actions_fail_when_the_session_ends_and_it_comes_back() -> None:
    peer, ends = Peer(), Ends()
    async with connected(peer, ends) as client:

        async def cut() -> None:
            while peer.actions[-1].get("Action") != "Mute":
                peer.changed.clear()
                await peer.changed.wait()
            ends.ready.clear()
            assert peer.writer is not None
            peer.writer.close()

        with pytest.raises(NotConnected):
            await asyncio.gather(client.action("Mute"), cut())
        await asyncio.wait_for(ends.lost.wait(), WAIT_S)
        await asyncio.wait_for(ends.ready.wait(), WAIT_S)
        assert peer.sessions == 2


async def test_one_bad_callback_does_not_stop_the_stream(caplog: pytest.LogCaptureFixture) -> None:
    peer, ends = Peer(), Ends()

    async def fail_once(message: Message) -> None:
        if message.event == "Bad":
            raise RuntimeError("boom")
        await ends.events.put(message)

    ends.on_event = fail_once
    async with connected(peer, ends):
        peer.say("Event: Bad\n\nEvent: Good\n\n")
        assert (await asyncio.wait_for(ends.events.get(), WAIT_S)).event == "Good"
    assert "boom" in caplog.text


async def test_callback_that_lost_the_thread_gets_a_new_session() -> None:
    peer, ends = Peer(), Ends()

    async def resync(message: Message) -> None:
        ends.ready.clear()
        raise ResyncNeeded("again")

    ends.on_event = resync
    async with connected(peer, ends):
        peer.say("Event: X\n\n")
        await asyncio.wait_for(ends.lost.wait(), WAIT_S)
        await asyncio.wait_for(ends.ready.wait(), WAIT_S)
        assert peer.sessions == 2


async def test_no_session_is_said_at_once() -> None:
    ends = Ends()
    client = Client(Login("127.0.0.1", 1, "u", "s"), ends.set_ready, ends.event, ends.set_lost)
    with pytest.raises(NotConnected):
        await client.action("Ping")


def test_secret_is_not_shown() -> None:
    assert "hush" not in repr(Login("h", 1, "u", "hush"))

"""The socket server's limits: who does not join, does not read or says too much is cut off, nobody else."""

import asyncio

import aiohttp
import pytest

from hub import wire
from hub.console import server
from tests.unit.hub.api.serving import Browser, Served, page
from tests.unit.hub.conftest import until
from tests.unit.hub.console.conftest import SHOP

MIA = "agent-mia"


def socket_url(site: Served) -> str:
    return f"{site.url}/socket.io/?EIO=4&transport=websocket"


async def closed(ws: aiohttp.ClientWebSocketResponse, seconds: float = 5.0) -> None:
    """Read until the hub has closed the connection."""
    ends = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    async with asyncio.timeout(seconds):
        while (await ws.receive()).type not in ends:
            pass


async def test_a_socket_that_never_joins_is_cut_off(
    site: Served, stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECT_DEADLINE_S", 0.2)
    async with stranger.http.ws_connect(socket_url(site)) as ws:
        await closed(ws)


async def test_a_refused_socket_is_cut_off_though_it_answers_pings(
    site: Served, stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECT_DEADLINE_S", 0.2)
    async with stranger.http.ws_connect(socket_url(site)) as ws:
        await ws.send_str("40/console,")
        await closed(ws)


async def test_a_site_with_the_chat_widget_may_open_a_socket_and_others_may_not(
    site: Served, stranger: Browser
) -> None:
    async with stranger.http.ws_connect(socket_url(site), headers={"Origin": SHOP}) as ws:
        assert (await ws.receive_str()).startswith("0{")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await stranger.http.ws_connect(socket_url(site), headers={"Origin": "https://evil.example"})


async def test_only_plain_websockets_are_spoken(site: Served, mia: Browser) -> None:
    """No polling, no compression even if a browser offers it."""
    async with mia.http.get("/socket.io/?EIO=4&transport=polling") as answer:
        assert answer.status == 400
    async with mia.http.ws_connect(socket_url(site), compress=15) as ws:
        assert ws.compress == 0


async def test_an_oversized_message_ends_the_connection(site: Served, mia: Browser) -> None:
    async with mia.http.ws_connect(socket_url(site)) as ws:
        await ws.send_str("40/console,")
        await ws.send_str("42/console," + "x" * (server.MESSAGE_MAX_BYTES + 1))
        await closed(ws)


@pytest.mark.parametrize(
    "packet",
    ['42/console,["hello"', "nonsense", "4x", "42[]", "451-/console,[{}]", '42/console,{"a":1}'],
)
async def test_what_is_no_packet_ends_the_connection(site: Served, mia: Browser, packet: str) -> None:
    async with mia.http.ws_connect(socket_url(site)) as ws:
        await ws.send_str("40/console,")
        while not (await ws.receive_str()).startswith("40/console,"):
            pass
        await ws.send_str(packet)
        await closed(ws)


async def test_a_console_that_does_not_read_is_cut_off_and_others_are_served(
    site: Served, mia: Browser
) -> None:
    consoles = site.front.consoles
    notice = wire.Notice("info", "long", {"en": "x" * 16_000})
    async with page(site.url, mia.cookie) as reading, aiohttp.ClientSession() as http:
        await reading.hello()
        headers = {"Cookie": mia.cookie}
        async with http.ws_connect(socket_url(site), headers=headers) as deaf:
            await deaf.send_str("40/console,")
            await deaf.send_str('42/console,0["hello",{}]')
            while not (await deaf.receive_str()).startswith("43/console,0"):
                pass
            tabs = site.front.sockets.manager.rooms["/console"][f"agent:{MIA}"]
            assert len(tabs) == 2
            pushed = 0
            async with asyncio.timeout(20):
                while len(tabs) == 2:
                    await consoles.push(MIA, notice)
                    pushed += 1
            # What piled up for it: the socket's buffers and at most QUEUE_MAX frames.
            assert pushed < 3_000
        await until(lambda: len(reading.frames) >= pushed, 20)
        assert [frame.s for frame in reading.frames] == list(range(1, len(reading.frames) + 1))

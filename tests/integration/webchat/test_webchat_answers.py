"""Every request of a page is answered, good or bad; a visitor sees its own conversation and no other."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from socketio import exceptions
from websockets.asyncio.client import connect

from channels.webchat import Settings, tokens
from channels.webchat.namespace import PENDING_MAX
from hub.console.server import SocketServer
from tests.integration.webchat.chat_site import Site, serving, until
from tests.integration.webchat.visitor import Page, new_token, session


@pytest.fixture
async def site(tmp_path: Path) -> Any:
    async with serving(tmp_path / "chat.db", Settings(allowed_origins=("https://shop.example",))) as site:
        site.host.step_ms = 600
        yield site


def msg(number: int, text: str = "hi", **more: object) -> dict[str, object]:
    return {"client_id": f"client-id-{number}", "text": text, **more}


# ------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("event", "data", "code"),
    [
        ("msg", None, "invalid"),
        ("msg", 5, "invalid"),
        ("msg", {"client_id": "client-id-1", "text": None}, "invalid"),
        ("msg", {"client_id": "client-id-1", "text": {}}, "invalid"),
        ("msg", {"client_id": "client-id-1", "text": b"\x00\x01"}, "invalid"),
        ("msg", b"\x00", "invalid"),
        ("msg", {"client_id": "client-id-1", "text": "x" * 4001}, "too_long"),
        ("msg", {"client_id": "client-id-1", "text": "x" * 200_000}, "too_long"),
        ("msg", {"client_id": "client-id-1", "text": " \u200b"}, "empty"),
        ("msg", {"client_id": "client-id-1", "text": "refuse me"}, "blocked"),
        ("msg", {"client_id": "client-id-1", "text": "break"}, "internal"),
        ("sync", {"after": -1}, "invalid"),
        ("sync", {"after": 2**53}, "invalid"),
        ("sync", {"after": "x"}, "invalid"),
        ("sync", None, "invalid"),
        ("read", {"seq": 1}, "unknown_event"),
        ("connect", {"token": "x"}, "unknown_event"),
        ("trigger_event", {}, "unknown_event"),
        ("", {}, "unknown_event"),
    ],
)
async def test_bad_requests_get_a_typed_error_and_the_page_lives_on(
    site: Site, event: str, data: object, code: str
) -> None:
    async with Page(site.url, await new_token(site.url)) as page:
        answer = await page.call(event, data)
        assert (answer["ok"], answer["code"]) == (False, code)
        assert answer["detail"]
        assert (await page.call("msg", msg(2)))["ok"]


@pytest.mark.parametrize("server", [None, SocketServer], ids=["stock", "hub"])
async def test_half_characters_and_nul_are_cleaned_before_the_host(tmp_path: Path, server: Any) -> None:
    """Sent as raw frames: no well-behaved client would encode them."""
    frames = [
        r'42/chat/web,1["msg",{"client_id":"client-id-1","text":"a\ud800b\u0000c","answers":{"name":"A\udfff"}}]',
        r'42/chat/web,2["sync",{"after":1180591620717411303424}]',
        r'42/chat/web,3["\ud800",{}]',
    ]
    async with serving(tmp_path / "chat.db", server=server and server()) as site:
        token = await new_token(site.url)
        address = site.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with asyncio.timeout(5), connect(address) as socket:
            await socket.recv()
            await socket.send("40/chat/web," + json.dumps({"token": token}))
            await socket.recv()
            answers = []
            for frame in frames:
                await socket.send(frame)
                answers.append(json.loads(str(await socket.recv()).partition("[")[2].removesuffix("]")))
        assert [answer.get("code") for answer in answers] == [None, "invalid", "unknown_event"]
        (inbound,) = site.host.inbounds
        assert (inbound.text, inbound.sender_name) == ("a\ufffdbc", "A\ufffd")


async def test_a_used_client_id_gets_the_first_answer_whatever_its_text(site: Site) -> None:
    async with Page(site.url, await new_token(site.url)) as page:
        first = await page.call("msg", msg(1, "one"))
        assert await page.call("msg", msg(1, "another text")) == first
        assert [i["text"] for i in (await page.call("sync", {"after": 0}))["items"]] == ["one"]


# ------------------------------------------------------------------------------------------ who it is


async def refusal(site: Site, token: object, namespace: str = "/chat/web") -> str:
    """Connect and be refused: the code in connect_error's data."""
    seen: list[Any] = []
    page = Page(site.url, token, namespace)
    page._client.on("connect_error", seen.append, namespace=namespace)
    with pytest.raises(exceptions.ConnectionError):
        await page.__aenter__()
    await page.__aexit__()
    code = seen[0]["data"]["code"]
    assert isinstance(code, str)
    return code


async def test_wrong_expired_and_foreign_tokens_are_refused_with_the_reason(site: Site) -> None:
    now_ms, visitor = site.host.clock_ms, tokens.new_visitor_id()
    old, _ = tokens.issue(site.host.secret, "web", visitor, now_ms - tokens.LIFETIME_MS)
    foreign, _ = tokens.issue(site.host.secret, "other", visitor, now_ms)
    forged, _ = tokens.issue(b"f" * 32, "web", visitor, now_ms)
    assert await refusal(site, None) == "token_missing"
    assert await refusal(site, 17) == "token_invalid"
    assert await refusal(site, forged) == "token_invalid"
    assert await refusal(site, old) == "token_expired"
    assert await refusal(site, foreign) == "token_other_site"


async def test_a_token_that_expires_while_connected_stops_working(site: Site) -> None:
    async with Page(site.url, await new_token(site.url)) as page:
        site.host.clock_ms += tokens.LIFETIME_MS
        assert (await page.call("sync", {"after": 0}))["code"] == "token_expired"


async def test_a_visitor_sees_only_its_own_conversation(site: Site) -> None:
    ann, ben = await new_token(site.url), await new_token(site.url)
    async with Page(site.url, ann) as ann_page, Page(site.url, ben) as ben_page:
        said = await ann_page.call("msg", msg(1, "secret"))
        answer = await ben_page.call("sync", {"after": 0, "conversation": said["conversation"]})
        assert (answer["items"], answer["conversation"]) == ([], "")
        await ben_page.call("msg", msg(1, "mine"))
        await site.chat.changed(site.host.visitors()[0])
        await until(lambda: bool(ann_page.wakes))
        assert ben_page.wakes == []


async def test_a_session_is_renewed_for_the_same_visitor(site: Site) -> None:
    token = await new_token(site.url)
    status, body, headers = await session(site.url, token)
    assert status == 200
    claims = [tokens.verify(site.host.secret, "web", t, site.host.clock_ms) for t in (token, body["token"])]
    assert claims[0].visitor_id == claims[1].visitor_id
    assert claims[0].expires_at_ms <= claims[1].expires_at_ms
    assert dict(headers)["Cache-Control"] == "no-store"


async def test_a_bad_session_request_says_what_is_wrong(site: Site) -> None:
    status, body, _ = await session(site.url, "rubbish")
    assert (status, body["code"]) == (401, "token_invalid")
    status, body, _ = await session(site.url, Authorization="Basic eDp5")
    assert (status, body["code"]) == (401, "token_invalid")
    status, body, _ = await session(site.url, Origin="https://evil.example")
    assert (status, body["code"]) == (403, "origin_refused")


async def test_an_allowed_site_may_ask_across_origins(site: Site) -> None:
    status, _, headers = await session(site.url, Origin="https://shop.example")
    assert status == 200
    assert dict(headers)["Access-Control-Allow-Origin"] == "https://shop.example"
    async with aiohttp.ClientSession() as http:
        async with http.options(
            f"{site.url}/channels/web/session", headers={"Origin": "https://shop.example"}
        ) as preflight:
            assert preflight.status == 204
            assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
        async with http.options(
            f"{site.url}/channels/web/session", headers={"Origin": "https://evil.example"}
        ) as preflight:
            assert preflight.status == 403


# --------------------------------------------------------------------------------------------- limits


async def test_the_21st_message_in_ten_seconds_waits_and_others_are_unaffected(site: Site) -> None:
    site.host.step_ms = 0
    flood, calm = await new_token(site.url), await new_token(site.url)
    async with Page(site.url, flood) as page, Page(site.url, calm) as other:
        answers = [await page.call("msg", msg(number)) for number in range(21)]
        assert [answer["ok"] for answer in answers] == [True] * 20 + [False]
        assert answers[20]["code"] == "rate_limited"
        assert answers[20]["retry_after_ms"] == 10_000
        assert (await other.call("msg", msg(1)))["ok"]
        site.host.clock_ms += 10_000
        assert (await page.call("msg", msg(20)))["ok"]


async def test_connects_and_sessions_of_one_address_are_limited(site: Site) -> None:
    site.host.step_ms = 0
    token = await new_token(site.url)
    for _ in range(20):
        async with Page(site.url, token):
            pass
    assert await refusal(site, token) == "rate_limited"
    for _ in range(19):
        await new_token(site.url)
    status, body, headers = await session(site.url)
    assert (status, body["code"], dict(headers)["Retry-After"]) == (429, "rate_limited", "10")


async def test_an_eleventh_tab_is_refused_and_a_closed_one_makes_room(site: Site) -> None:
    token = await new_token(site.url)
    pages = [Page(site.url, token) for _ in range(10)]
    for page in pages:
        await page.__aenter__()
    assert await refusal(site, token) == "too_many_tabs"
    await pages[0].__aexit__()
    namespace = site.chat.namespace()
    await until(lambda: len(namespace._sockets) == 9)
    async with Page(site.url, token):
        pass
    for page in pages[1:]:
        await page.__aexit__()
    await until(lambda: not namespace._sockets and not namespace._by_visitor)


async def test_a_socket_that_floods_while_the_host_is_slow_is_told_so(site: Site) -> None:
    gate = asyncio.Event()

    class SlowHost:
        """The same host behind a door."""

        def __getattr__(self, name: str) -> Any:
            return getattr(site.host, name)

        async def chat_view(self, visitor_id: str, after_seq: int) -> object:
            await gate.wait()
            return await site.host.chat_view(visitor_id, after_seq)

    namespace = site.chat.namespace()
    async with Page(site.url, await new_token(site.url)) as page:
        namespace._host = SlowHost()
        calls = [asyncio.ensure_future(page.call("sync", {"after": 0})) for _ in range(PENDING_MAX + 5)]
        done: list[Any] = []
        await until(lambda: sum(call.done() for call in calls) == 5)
        gate.set()
        done = await asyncio.gather(*calls)
    assert sum(answer["ok"] for answer in done) == PENDING_MAX
    assert {answer.get("code") for answer in done} == {None, "busy"}


# ----------------------------------------------------------------------------------------- living chat


async def test_events_of_one_page_are_served_in_the_order_they_were_sent(site: Site) -> None:
    async with Page(site.url, await new_token(site.url)) as page:
        answers = await asyncio.gather(*(page.call("msg", msg(number, f"n{number}")) for number in range(15)))
    assert [answer["seq"] for answer in answers] == list(range(1, 16))


async def test_tabs_of_one_visitor_wake_each_other(site: Site) -> None:
    token = await new_token(site.url)
    async with Page(site.url, token) as one, Page(site.url, token) as two:
        said = await one.call("msg", msg(1))
        await until(lambda: any(wake["last_seq"] == 1 for wake in two.wakes))
        assert two.wakes[-1] == {
            "last_seq": 1, "conversation": said["conversation"], "state": "waiting", "agent_name": ""
        }  # fmt: skip


async def test_the_agent_is_seen_to_come_to_type_and_to_speak(site: Site) -> None:
    async with Page(site.url, await new_token(site.url)) as page:
        await page.call("msg", msg(1))
        (visitor_id,) = site.host.visitors()
        site.host.agent_joins(visitor_id, "Mia")
        await site.chat.changed(visitor_id)
        await site.chat.typing(visitor_id, "Mia")
        await until(lambda: bool(page.typing))
        assert page.typing == [{"agent_name": "Mia"}]
        assert (page.wakes[-1]["state"], page.wakes[-1]["agent_name"]) == ("active", "Mia")
        site.host.agent_says(visitor_id, "hello", "a1")
        answer = await page.call("sync", {"after": 1, "conversation": page.wakes[-1]["conversation"]})
        assert [(i["seq"], i["author"], i["name"], i["text"]) for i in answer["items"]] == [
            (2, "agent", "Mia", "hello")
        ]


async def test_typing_reaches_the_host_at_most_every_three_seconds(site: Site) -> None:
    site.host.step_ms = 0
    async with Page(site.url, await new_token(site.url)) as page:
        for _ in range(5):
            assert await page.call("typing", {}) == {"ok": True}
        assert len(site.host.typing) == 1
        site.host.clock_ms += 3000
        await page.call("typing", {})
        assert len(site.host.typing) == 2


async def test_after_the_end_the_next_message_opens_a_new_conversation(site: Site) -> None:
    async with Page(site.url, await new_token(site.url)) as page:
        first = await page.call("msg", msg(1, "old"))
        assert (await page.call("end", {}))["ok"]
        ended = await page.call("sync", {"after": 0, "conversation": first["conversation"]})
        assert ended["state"] == "ended"
        second = await page.call("msg", msg(2, "new"))
        assert second["conversation"] != first["conversation"]
        answer = await page.call("sync", {"after": 1, "conversation": first["conversation"]})
        assert [item["text"] for item in answer["items"]] == ["new"]
        assert answer["conversation"] == second["conversation"]


async def test_300_lines_come_in_two_syncs(site: Site) -> None:
    async with Page(site.url, await new_token(site.url)) as page:
        said = await page.call("msg", msg(1))
        for number in range(299):
            site.host.agent_says(site.host.visitors()[0], f"line {number}", f"a{number}")
        first = await page.call("sync", {"after": 0})
        rest = await page.call("sync", {"after": 200, "conversation": said["conversation"]})
        assert [len(first["items"]), len(rest["items"]), rest["last_seq"]] == [200, 100, 300]


async def test_waking_a_visitor_who_is_not_here_does_nothing(site: Site) -> None:
    await site.chat.changed("v-nobody")
    await site.chat.typing("v-nobody", "Mia")

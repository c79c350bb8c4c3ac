"""The demo's own interface, as any program may call it: wrong input gets a sentence, and nothing gets in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml

from tests.lab.hub_process import ROOT, HubProcess

MARGARET = {"phone": "+442079460101", "email": "margaret.hale@post.example"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    async with HubProcess(tmp_path_factory.mktemp("hub"), document) as hub:
        yield hub


async def call(hub: HubProcess, method: str, path: str, **options: Any) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as http, http.request(method, hub.url + path, **options) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_wrong_input_is_refused_in_words(hub: HubProcess) -> None:
    sms, mail = "/demo/api/sms", "/demo/api/mail"
    good_mail = {"from": MARGARET["email"], "text": "hello"}
    cases: list[tuple[int, str, dict[str, Any]]] = [
        (422, sms, {"data": b"null", "headers": {"Content-Type": "application/json"}}),
        (422, sms, {"json": []}),
        (422, sms, {"json": {"from": 1, "text": "x"}}),
        (422, sms, {"json": {"from": "0123", "text": "x"}}),
        (422, sms, {"json": {"from": MARGARET["phone"], "text": "  "}}),
        (422, sms, {"json": {"from": MARGARET["phone"], "text": "x" * 1601}}),
        (422, sms, {"data": b"{", "headers": {"Content-Type": "application/json"}}),
        (422, sms, {"data": b'{"from":"\xff"}', "headers": {"Content-Type": "application/json"}}),
        (413, sms, {"json": {"from": MARGARET["phone"], "text": "x" * 70_000}}),
        (415, sms, {"data": {"from": MARGARET["phone"], "text": "x"}}),
        (403, sms, {"json": {}, "headers": {"Origin": "https://evil.example"}}),
        (422, mail, {"json": {**good_mail, "from": "not an address"}}),
        (422, mail, {"json": {**good_mail, "from": "a@b.example\r\nBcc: c@d.example"}}),
        (422, mail, {"json": {**good_mail, "text": ""}}),
        (422, mail, {"json": {**good_mail, "subject": "x" * 201}}),
        (422, mail, {"json": {**good_mail, "answers": -1}}),
        (404, "/demo/api/sign-in", {"json": {"person": "stranger"}}),
        (404, "/demo/api/nothing", {"json": {}}),
    ]
    for status, path, options in cases:
        answered, body = await call(hub, "POST", path, **options)
        assert (answered, path, options) == (status, path, options)
        assert body["detail"].endswith((".", "`", "here")) or body["detail"], options
    for query in ("after=x", "after=-1", "after=" + "9" * 40):
        assert (await call(hub, "GET", f"/demo/api/inbox?{query}"))[0] == 422
    assert (await call(hub, "GET", "/demo/api/phone"))[0] == 404
    _, inbox = await call(
        hub, "GET", "/demo/api/inbox", params={"sms": MARGARET["phone"], "mail": MARGARET["email"]}
    )
    assert inbox["items"] == []


async def test_a_hostile_subject_adds_no_header(hub: HubProcess) -> None:
    subject = "=?utf-8?q?hi=0D=0ABcc:_victim@x.example?= \u202e\x00"
    status, item = await call(
        hub,
        "POST",
        "/demo/api/mail",
        json={"from": MARGARET["email"], "name": "M\r\nX: y", "subject": subject, "text": "a\x00b\r\nc"},
    )
    assert status == 200
    assert "\n" not in item["subject"]


async def test_the_gateway_answers_like_the_provider(hub: HubProcess) -> None:
    account = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["accounts"]["sms"]
    sid, token = account["account_sid"], account["auth_token"]
    path = f"/demo/carrier/2010-04-01/Accounts/{sid}/Messages.json"
    good = {"Authorization": aiohttp.encode_basic_auth(sid, token)}
    bad = {"Authorization": aiohttp.encode_basic_auth(sid, "wrong")}
    form = {"To": "+442079460188", "From": account["number"], "Body": "hello"}
    assert (await call(hub, "POST", path, data=form))[1]["code"] == 20003
    assert (await call(hub, "POST", path, data=form, headers=bad))[0] == 401
    assert (await call(hub, "POST", path.replace(sid, "ACother"), data=form, headers=good))[0] == 404
    assert (await call(hub, "POST", path, data={**form, "To": "nobody"}, headers=good))[1]["code"] == 21211
    assert (await call(hub, "POST", path, data={**form, "Body": ""}, headers=good))[1]["code"] == 21617
    status, sent = await call(
        hub, "POST", path, data={**form, "StatusCallback": "http://169.254.0.1/elsewhere"}, headers=good
    )
    assert (status, sent["status"]) == (201, "queued")
    _, inbox = await call(hub, "GET", "/demo/api/inbox", params={"sms": "+442079460188"})
    assert [(item["direction"], item["text"]) for item in inbox["items"]] == [("received", "hello")]


async def test_a_burst_is_slowed_down(hub: HubProcess) -> None:
    body = {"from": "+442079460177", "text": "again"}
    answers = await asyncio.gather(*(call(hub, "POST", "/demo/api/sms", json=body) for _ in range(40)))
    statuses = [status for status, _ in answers]
    assert set(statuses) == {200, 429}
    _, inbox = await call(hub, "GET", "/demo/api/inbox", params={"sms": "+442079460177"})
    assert len(inbox["items"]) == statuses.count(200) <= 30

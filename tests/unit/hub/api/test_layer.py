"""What every endpoint gets from the layer: who first, then what; problems; repeats; limits; headers."""

import asyncio
from io import BytesIO

from sqlalchemy import func, select

from channels.base import Inbound, Kind
from hub.store.tables import messages
from routing.types import AgentId
from tests.unit.hub.api.serving import Browser, Served
from tests.unit.hub.conftest import at_work

MIA = AgentId("agent-mia")


async def contact_of_mia(site: Served) -> str:
    """A live SMS contact in Mia's hands."""
    hub = site.hub
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", Inbound(Kind.SMS, "SM1", "+447700900123", "+447700900001", 1, "Hi"))
    [offer] = hub.dispatcher.engine.live_offers()
    await hub.desk.accept(MIA, offer.offer)
    await site.settled()
    return offer.contact


async def test_a_stranger_learns_nothing_from_validation(stranger: Browser) -> None:
    status, body = await stranger.post("/api/presence", {"presence": "no such thing"})
    assert (status, body["code"]) == (401, "unauthorised")


async def test_a_mistake_is_pointed_at(mia: Browser) -> None:
    status, body = await mia.post("/api/presence", {"presence": "sleeping"})
    assert (status, body["status"], body["code"]) == (422, 422, "invalid")
    [error] = body["errors"]
    assert error["pointer"] == "/presence"
    assert "sleeping" in error["detail"]
    async with mia.http.post(
        "/api/presence", data=b"{", headers={"Idempotency-Key": "k", "Content-Type": "application/json"}
    ) as answer:
        assert answer.status == 400
        assert answer.content_type == "application/problem+json"
    async with mia.http.post("/api/presence", data=b"x", headers={"Idempotency-Key": "k"}) as answer:
        assert answer.status == 415


async def test_a_refusal_of_the_desk_is_a_conflict_with_its_words(mia: Browser) -> None:
    status, body = await mia.post("/api/offers/gone/accept")
    assert (status, body["code"]) == (409, "offer_gone")
    assert "over" in body["detail"]
    status, body = await mia.post("/api/presence", {"presence": "aux", "code": "golf"})
    assert (status, body["code"]) == (409, "unknown_aux_code")


async def test_the_same_key_is_the_same_command(site: Served, mia: Browser) -> None:
    contact_id = await contact_of_mia(site)
    path = f"/api/contacts/{contact_id}/messages"
    first = await mia.post(path, {"client_id": "c1", "text": "Hello"}, key="once")
    again = await mia.post(path, {"client_id": "c1", "text": "Hello"}, key="once")
    assert first[0] == 200
    assert again == first
    status, body = await mia.post(path, {"client_id": "c1", "text": "Other"}, key="once")
    assert (status, body["code"]) == (422, "idempotency_key_reused")
    status, body = await mia.post(path, {"client_id": "c2", "text": "Hello"}, key=" ")
    assert (status, body["code"]) == (400, "idempotency_key")
    count = select(func.count()).select_from(messages).where(messages.c.author == "agent")
    assert await site.hub.store.read(lambda c: c.execute(count).scalar_one()) == 1


async def test_commands_with_one_key_at_the_same_time_run_once(site: Served, mia: Browser) -> None:
    contact_id = await contact_of_mia(site)
    path = f"/api/contacts/{contact_id}/messages"
    answers = await asyncio.gather(
        *(mia.post(path, {"client_id": f"c{n}", "text": "Hello"}, key="same") for n in (1, 1, 1, 1))
    )
    assert {status for status, _ in answers} == {200}
    assert len({body["message_id"] for _, body in answers}) == 1


async def test_a_refusal_is_kept_for_its_key_too(site: Served, mia: Browser) -> None:
    first = await mia.post("/api/offers/gone/accept", key="late")
    assert first[0] == 409
    assert await mia.post("/api/offers/gone/accept", key="late") == first


async def test_what_is_too_large_is_refused(mia: Browser) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    async with mia.http.post("/api/presence", data=BytesIO(b"x" * 1_100_000), headers=headers) as answer:
        assert answer.status == 413
        assert (await answer.json(content_type=None))["code"] == "too_large"
    status, body = await mia.post("/api/presence", {"presence": "aux", "code": "x" * 101})
    assert (status, body["errors"][0]["pointer"]) == (422, "/code")


async def test_unknown_addresses_under_api_answer_in_json(mia: Browser) -> None:
    assert (await mia.get("/api/nothing"))[1]["code"] == "not_found"
    status, body = await mia.get("/api/presence")
    assert (status, body["code"], body["detail"]) == (405, "method_not_allowed", "Use POST.")
    status, body = await mia.get("/api/interactions/i1/messages?after=-1")
    assert (status, body["errors"][0]["pointer"]) == (422, "?after")


async def test_commands_from_foreign_pages_are_refused(mia: Browser) -> None:
    status, body = await mia.post("/api/presence", {"presence": "available"}, Origin="https://evil.example")
    assert (status, body["code"]) == (403, "foreign_origin")
    status, _ = await mia.post("/api/presence", {"presence": "available"}, Origin=mia.url)
    assert status == 200


async def test_every_answer_carries_the_security_headers(stranger: Browser) -> None:
    for path in ("/api/me", "/", "/healthz", "/nothing"):
        async with stranger.http.get(path) as answer:
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert len(answer.headers["X-Request-Id"]) == 16
    async with stranger.http.get("/api/me") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


async def test_the_openapi_document_describes_every_endpoint(stranger: Browser) -> None:
    status, document = await stranger.get("/api/openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    send = document["paths"]["/api/contacts/{contact_id}/messages"]["post"]
    assert send["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/SendRequest"
    }
    assert {parameter["name"] for parameter in send["parameters"]} == {"contact_id", "Idempotency-Key"}
    assert document["paths"]["/api/login"]["post"]["security"] == []
    references = str(document).count("#/components/schemas/")
    assert references > 20
    assert "Problem" in document["components"]["schemas"]

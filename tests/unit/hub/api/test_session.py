"""Logging in and out: what a stranger learns, what a guesser is told, when a session ends."""

from sqlalchemy import select

from hub.store.tables import agents, sessions
from tests.unit.hub.api.serving import PASSWORD, Browser, Served
from tests.unit.hub.conftest import MovedClock


async def test_login_gives_a_cookie_that_scripts_cannot_read(site: Served, stranger: Browser) -> None:
    async with stranger.http.post("/api/login", json={"username": "MIA ", "password": PASSWORD}) as answer:
        assert answer.status == 200
        body = await answer.json()
        cookie = answer.headers["Set-Cookie"]
    assert (body["agent_id"], body["roles"], body["demo"]) == ("agent-mia", ["agent"], False)
    assert [code["code"] for code in body["aux_codes"]] == ["break"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    status, me = await stranger.get("/api/me")
    assert (status, me) == (200, body)


async def test_the_token_is_stored_only_as_a_hash(site: Served, mia: Browser) -> None:
    token = mia.cookie.split("=", 1)[1]
    hashes = await site.hub.store.read(lambda c: c.execute(select(sessions.c.token_hash)).scalars().all())
    assert hashes
    assert token not in hashes


async def test_unknown_user_and_wrong_password_get_the_same_answer(stranger: Browser) -> None:
    wrong = await stranger.post("/api/login", {"username": "mia", "password": "guess"})
    unknown = await stranger.post("/api/login", {"username": "nobody", "password": "guess"})
    assert wrong == unknown
    assert (wrong[0], wrong[1]["code"]) == (401, "wrong_credentials")


async def test_guessing_is_slowed_down_with_a_plain_sentence(stranger: Browser) -> None:
    for _ in range(10):
        assert (await stranger.post("/api/login", {"username": "wei", "password": "guess"}))[0] == 401
    async with stranger.http.post("/api/login", json={"username": "wei", "password": PASSWORD}) as answer:
        body = await answer.json(content_type=None)
        assert answer.status == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 301
        assert body["detail"].startswith("Too many attempts. Please try again in ")
    assert (await stranger.login("mia")).name == "Mia"


async def test_only_an_agent_with_a_phone_gets_a_softphone(site: Served, mia: Browser, sue: Browser) -> None:
    status, phone = await mia.get("/api/phone")
    assert status == 200
    assert (phone["ws_uri"], phone["sip_uri"]) == (
        "wss://pbx.example:8089/ws",
        "sip:phone-mia-web@pbx.example",
    )
    assert phone["password"]
    assert (await sue.get("/api/phone"))[0] == 404


async def test_a_session_ends_by_logout_by_time_and_when_its_person_leaves(
    site: Served, mia: Browser, wei: Browser, sue: Browser, clock: MovedClock
) -> None:
    assert (await mia.post("/api/logout"))[0] == 200
    assert (await mia.get("/api/me"))[0] == 401

    def leave(connection: object) -> None:
        connection.execute(agents.update().where(agents.c.username == "wei").values(active=False))  # type: ignore[attr-defined]

    await site.hub.store.write(leave)
    assert (await wei.get("/api/me"))[0] == 401
    assert (await sue.get("/api/me"))[0] == 200
    clock.move(12 * 3_600_000)
    assert (await sue.get("/api/me"))[0] == 401

"""Logging in and out, and who I am."""

from aiohttp import web

from hub import wire
from hub.api.layer import COOKIE, PUBLIC, Call, Endpoints, NoBody
from hub.api.problems import ProblemError
from hub.api.security import Handler, client_address
from hub.api.services import Services
from hub.auth import Identity, LoginsBusy, TooManyTries, WrongCredentials
from hub.desk import SOFTPHONE_SUFFIX
from hub.staff import phone_secret

endpoints = Endpoints()

TOKEN = web.RequestKey("session_token", str)
"""What the answer should set the session cookie to."""


@endpoints.post("/api/login", wire.LoginRequest, wire.Me, roles=PUBLIC)
async def login(call: Call[wire.LoginRequest]) -> wire.Me:
    """Log in; sets the session cookie."""
    address = client_address(call.request)
    try:
        token, who = await call.services.sessions.login(call.body.username, call.body.password, address)
    except WrongCredentials:
        raise ProblemError(401, "wrong_credentials", "The user name or the password is not right.") from None
    except TooManyTries as error:
        wait = f"Too many attempts. Please try again in {error.retry_after_s} seconds."
        headers = {"Retry-After": str(error.retry_after_s)}
        raise ProblemError(429, "too_many_attempts", wait, headers=headers) from None
    except LoginsBusy:
        text = "Very many people are logging in. Please try again in a moment."
        raise ProblemError(503, "busy", text, headers={"Retry-After": "5"}) from None
    _remember(call.request, token)
    return _me(call.services, who)


@endpoints.post("/api/logout", NoBody, wire.Ok)
async def logout(call: Call[None]) -> wire.Ok:
    """End this session and disconnect its consoles."""
    await call.services.sessions.logout(call.me.session)
    await call.services.consoles.end_session(call.me.session)
    _remember(call.request, "")
    return wire.Ok()


@endpoints.get("/api/me", wire.Me)
async def me(call: Call[None]) -> wire.Me:
    """Who is logged in, and what a console needs to know once."""
    return _me(call.services, call.me)


@endpoints.get("/api/phone", wire.Phone)
async def phone(call: Call[None]) -> wire.Phone:
    """What the console's own telephone registers with; 404 where there is none."""
    softphone = call.services.config.softphone
    if softphone is None or not call.me.phone_endpoint:
        raise ProblemError(404, "no_phone", "There is no telephone in this console.")
    store, agent_id = call.services.dispatcher.store, call.me.agent_id
    secret = softphone.password or await store.read(lambda c: phone_secret(c, agent_id))
    name = call.me.phone_endpoint + SOFTPHONE_SUFFIX
    return wire.Phone(softphone.ws_uri, f"sip:{name}@{softphone.domain}", secret)


def _me(services: Services, who: Identity) -> wire.Me:
    config = services.config
    return wire.Me(
        agent_id=who.agent_id,
        name=who.name,
        username=who.username,
        roles=[role for role in ("agent", "supervisor", "admin") if role in who.roles],
        language=who.language,
        phone_endpoint=who.phone_endpoint,
        aux_codes=[wire.AuxCode(code.code, dict(code.labels)) for code in config.aux_codes],
        dispositions=[wire.Disposition(code.code, dict(code.labels)) for code in config.dispositions],
        demo=config.demo.enabled,
    )


def _remember(request: web.Request, token: str) -> None:
    """Have the answer set the cookie ("" deletes it); see `carry_cookie`."""
    request[TOKEN] = token


@web.middleware
async def carry_cookie(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the session cookie on the answer to a login, and delete it on the answer to a logout."""
    response = await handler(request)
    name, token = request.app[COOKIE], request.get(TOKEN)
    if token:
        secure = name.startswith("__Host-")
        response.set_cookie(name, token, path="/", httponly=True, samesite="Lax", secure=secure)
    elif token is not None:
        response.del_cookie(name, path="/")
    return response

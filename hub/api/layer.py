"""The thin typed layer between aiohttp and the endpoints.

An endpoint declares body, answer and who may call it. For each request the layer authenticates first, then
validates, then calls; so a stranger learns nothing from validation. Every failure is a problem+json. POST
endpoints are idempotent by key unless they are public.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import web

from hub import wire
from hub.api.idempotency import Answer, Idempotency
from hub.api.problems import CONTENT_TYPE, ProblemError
from hub.api.services import SERVICES, Services
from hub.auth import Identity
from hub.desk import Conflict, NotFound
from hub.store.database import StoreClosed

log = logging.getLogger(__name__)

Body = TypeVar("Body")
Result = TypeVar("Result")

BODY_MAX_BYTES = 1_048_576
DEADLINE_S = 30.0
STAFF: frozenset[str] = frozenset({"agent", "supervisor", "admin"})
SUPERVISORS: frozenset[str] = frozenset({"supervisor", "admin"})
ADMINS: frozenset[str] = frozenset({"admin"})
PUBLIC: frozenset[str] = frozenset()
"""Anybody, also without a login."""
NoBody = type(None)
IDEMPOTENCY = web.AppKey("idempotency", Idempotency)
COOKIE = web.AppKey("cookie", str)
"""Name of the session cookie."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Body]):
    """One request as an endpoint sees it. `who` is None only on public endpoints."""

    request: web.Request
    services: Services
    who: Identity | None
    body: Body

    @property
    def me(self) -> Identity:
        assert self.who is not None, "a public endpoint asked who is calling"
        return self.who

    def path(self, name: str) -> str:
        """A part of the path, decoded."""
        return self.request.match_info[name]

    def number(self, name: str, default: int | None = None, *, maximum: int = 2**53) -> int | None:
        """A whole number >= 0 from the query."""
        text = self.request.query.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > maximum:
            error = wire.FieldError(f"?{name}", f"must be a whole number from 0 to {maximum}")
            raise ProblemError(422, "invalid", "The query is not valid.", errors=[error])
        return int(text)

    def text(self, name: str, *, chars_max: int) -> str:
        """A text of 1 to `chars_max` characters from the query."""
        text = self.request.query.get(name, "")
        if not 1 <= len(text) <= chars_max:
            error = wire.FieldError(f"?{name}", f"must be a text of 1 to {chars_max} characters")
            raise ProblemError(422, "invalid", "The query is not valid.", errors=[error])
        return text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A declared endpoint; `openapi.py` describes it, `mount` serves it."""

    method: str
    path: str
    handler: Callable[[Call[Any]], Awaitable[Any]]
    body: Any
    answer: Any
    roles: frozenset[str]
    query: tuple[str, ...] = ()
    """Whole numbers, which may be left out."""
    texts: tuple[str, ...] = ()
    """Texts, which must be there."""

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").strip().split("\n")[0]


@dataclass(slots=True)
class Endpoints:
    """Collects the endpoints of one module."""

    items: list[Endpoint] = field(default_factory=list)

    def get(
        self,
        path: str,
        answer: type[Result],
        *,
        roles: frozenset[str] = STAFF,
        query: Sequence[str] = (),
        texts: Sequence[str] = (),
    ) -> Callable[[Callable[[Call[None]], Awaitable[Result]]], Callable[[Call[None]], Awaitable[Result]]]:
        """A question. `answer` may be `web.Response` for things that are not JSON."""

        def declare(handler: Callable[[Call[None]], Awaitable[Result]]) -> Any:
            endpoint = Endpoint("GET", path, handler, NoBody, answer, roles, tuple(query), tuple(texts))
            self.items.append(endpoint)
            return handler

        return declare

    def post(
        self, path: str, body: type[Body], answer: type[Result], *, roles: frozenset[str] = STAFF
    ) -> Callable[[Callable[[Call[Body]], Awaitable[Result]]], Callable[[Call[Body]], Awaitable[Result]]]:
        """A command. `body` is `NoBody` when there is nothing to say."""

        def declare(handler: Callable[[Call[Body]], Awaitable[Result]]) -> Any:
            self.items.append(Endpoint("POST", path, handler, body, answer, roles))
            return handler

        return declare


def mount(app: web.Application, endpoints: Sequence[Endpoint]) -> None:
    """Add the endpoints' routes. The application needs SERVICES, IDEMPOTENCY and COOKIE."""
    for endpoint in endpoints:
        app.router.add_route(endpoint.method, endpoint.path, _Served(endpoint).answer)


class _Served:
    """An endpoint as an aiohttp handler."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._serve(request)
        except Exception as error:  # noqa: BLE001 - every failure becomes a problem, unexpected ones are logged
            return problem_of(error).response()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        endpoint, services = self._endpoint, request.app[SERVICES]
        who = await _authenticate(request, endpoint.roles)
        if endpoint.method != "POST":
            return _response(await self._call(Call(request, services, who, None)))
        raw = await _read(request, endpoint.body)
        body = _decode(raw, endpoint.body)
        call = Call(request, services, who, body)
        if who is None:
            return _response(await self._call(call))

        async def run() -> Answer:
            return await self._outcome(call)

        key = request.headers.get("Idempotency-Key", "")
        question = f"{request.method} {request.path}\n".encode() + raw
        answer = await request.app[IDEMPOTENCY].once(who.agent_id, key, question, run)
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    async def _call(self, call: Call[Any]) -> Any:
        async with asyncio.timeout(DEADLINE_S):
            return await self._endpoint.handler(call)

    async def _outcome(self, call: Call[Any]) -> Answer:
        """The result as it is kept for repeats: a refusal is an answer too."""
        try:
            return Answer(200, msgspec.json.encode(await self._call(call)), "application/json")
        except Exception as error:  # noqa: BLE001 - see `answer`
            problem = problem_of(error).problem
            return Answer(problem.status, msgspec.json.encode(problem), CONTENT_TYPE)


def problem_of(error: Exception) -> ProblemError:
    """What to tell the caller; unexpected errors are logged and not told."""
    match error:
        case ProblemError():
            return error
        case Conflict():
            return ProblemError(409, error.code, error.detail)
        case NotFound():
            return ProblemError(404, "not_found", str(error))
        case TimeoutError():
            return ProblemError(503, "busy", "This takes too long right now.", headers={"Retry-After": "2"})
        case StoreClosed():
            return ProblemError(503, "stopping", "The hub is stopping.", headers={"Retry-After": "5"})
        case web.HTTPRequestEntityTooLarge():
            return ProblemError(413, "too_large", f"A body has at most {BODY_MAX_BYTES} bytes.")
        case web.HTTPException():
            return ProblemError(error.status, f"http_{error.status}", error.reason)
        case _:
            log.error("an endpoint failed", exc_info=error)
            return ProblemError(500, "internal", "Something failed on the hub's side.")


async def _authenticate(request: web.Request, roles: frozenset[str]) -> Identity | None:
    """Who is calling. Raises 401 for a stranger and 403 for the wrong role; public endpoints do not look."""
    if not roles:
        return None
    services = request.app[SERVICES]
    who = await services.sessions.find(request.cookies.get(request.app[COOKIE], ""))
    if who is None:
        raise ProblemError(401, "unauthorised", "Please log in.")
    if not who.roles & roles:
        raise ProblemError(403, "forbidden", "This is not for your role.")
    return who


async def _read(request: web.Request, kind: Any) -> bytes:
    if request.content_length is not None and request.content_length > BODY_MAX_BYTES:
        raise web.HTTPRequestEntityTooLarge(BODY_MAX_BYTES, request.content_length)
    raw = await request.read()
    if kind is not NoBody and request.content_type != "application/json":
        raise ProblemError(415, "not_json", "Send a JSON body with Content-Type application/json.")
    return raw


_PLACE = re.compile(r" - at `\$(?P<path>.*)`$")


def _decode(raw: bytes, kind: Any) -> Any:
    if kind is NoBody:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _PLACE.search(text)
        detail = text[: place.start()] if place else text
        errors = [wire.FieldError(_pointer(place["path"] if place else ""), detail)]
        raise ProblemError(422, "invalid", "The body is not valid.", errors=errors) from None
    except msgspec.DecodeError as error:
        raise ProblemError(400, "not_json", f"The body is not JSON: {error}") from None


def _pointer(path: str) -> str:
    """JSON pointer of msgspec's path, e.g. ".items[0].name" -> "/items/0/name"."""
    return "".join(f"/{part}" for part in re.findall(r"[^.\[\]]+", path))


def _response(result: Any, headers: Mapping[str, str] | None = None) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    return web.Response(body=msgspec.json.encode(result), content_type="application/json", headers=headers)

"""POST /channels/<account>/session: a visitor's page asks who it is and what to show.

Without a token it becomes a new visitor; with `Authorization: Bearer <token>` the same visitor gets a fresh
token. The answer also carries the site's words (greeting, hours, wait) and the language list. Errors are
problem+json with `code`.
"""

import math
from collections.abc import Sequence

import msgspec
from aiohttp import web

from channels.base import ChatHost
from channels.webchat import origin, tokens
from channels.webchat.limits import Window
from channels.webchat.settings import Settings


class SessionEndpoint:
    """Issues tokens; answers pages of the allowed origins only (CORS)."""

    def __init__(self, settings: Settings, host: ChatHost) -> None:
        self._settings = settings
        self._host = host
        self._issues = Window(20, 10_000)

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/session", self._post), web.options("/session", self._preflight)]

    async def _preflight(self, request: web.Request) -> web.StreamResponse:
        if not origin.allowed(self._settings, self._host.public_url, request):
            return _problem(403, "origin_refused", "This site is not allowed to use the chat.")
        return self._cors(request, web.Response(status=204))

    async def _post(self, request: web.Request) -> web.StreamResponse:
        if not origin.allowed(self._settings, self._host.public_url, request):
            return _problem(403, "origin_refused", "This site is not allowed to use the chat.")
        return self._cors(request, self._issue(request))

    def _issue(self, request: web.Request) -> web.Response:
        now_ms = self._host.now_ms()
        wait_ms = self._issues.take(origin.address(self._settings, request), now_ms)
        if wait_ms:
            refusal = _problem(
                429, "rate_limited", "Too many sessions from this address. Please wait a moment."
            )
            refusal.headers["Retry-After"] = str(math.ceil(wait_ms / 1000))
            return refusal
        visitor_id = tokens.new_visitor_id()
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            scheme, _, old = authorization.partition(" ")
            try:
                if scheme.lower() != "bearer":
                    raise tokens.TokenError(
                        "token_invalid", "Authorization must be of the form Bearer <token>."
                    )
                visitor_id = tokens.verify(
                    self._host.secret, self._host.account, old.strip(), now_ms
                ).visitor_id
            except tokens.TokenError as error:
                return _problem(401, error.code, error.detail)
        token, visitor = tokens.issue(self._host.secret, self._host.account, visitor_id, now_ms)
        return _json(200, {"token": token, "expires_at_ms": visitor.expires_at_ms, **self._site()})

    def _site(self) -> dict[str, object]:
        settings = self._settings
        return {
            "namespace": f"/chat/{self._host.account}",
            "site_name": settings.site_name,
            "languages": settings.languages,
            "greeting": settings.greeting,
            "hours": settings.hours,
            "wait_text": settings.wait_text,
            "ask_name": settings.ask_name,
            "text_chars_max": settings.text_chars_max,
        }

    def _cors(self, request: web.Request, response: web.Response) -> web.Response:
        asked = request.headers.get("Origin")
        response.headers["Vary"] = "Origin"
        response.headers["Cache-Control"] = "no-store"
        if asked is not None:
            response.headers["Access-Control-Allow-Origin"] = asked
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Allow-Methods"] = "POST"
            response.headers["Access-Control-Max-Age"] = "600"
        return response


def _problem(status: int, code: str, detail: str) -> web.Response:
    body = {"type": "about:blank", "title": code, "status": status, "detail": detail, "code": code}
    return _json(status, body, "application/problem+json")


def _json(status: int, body: dict[str, object], content_type: str = "application/json") -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type=content_type)

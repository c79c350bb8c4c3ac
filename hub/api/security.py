"""What holds for every answer: security headers, request ids, and the check of where a request comes from."""

import ipaddress
import logging
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from hub.api.problems import ProblemError
from hub.console.server import is_same_origin

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
REQUEST_ID_HEADER = "X-Request-Id"
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "media-src 'self' blob: mediastream:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler `on_response_prepare`: also reaches answers that never passed a middleware."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault(REQUEST_ID_HEADER, request.get(REQUEST_ID, ""))
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def name_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every request an id that its answer carries and that an error page can show."""
    request[REQUEST_ID] = secrets.token_hex(8)
    return await handler(request)


def client_address(request: web.Request) -> str:
    """The address that a request comes from; of one that a proxy on this machine passed on, what it says."""
    remote = request.remote or ""
    passed_on = request.headers.get("X-Forwarded-For", "")
    if passed_on and _is_loopback(remote):
        return passed_on.rpartition(",")[2].strip()[:64]
    return remote


def is_local(request: web.Request) -> bool:
    """Whether somebody on this machine asks."""
    return _is_loopback(client_address(request))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def check_origin(known: frozenset[str]) -> Middleware:
    """Refuse commands that a foreign site makes a browser send (channels check signatures of their own)."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS") and request.path.startswith("/api/"):
            origin = request.headers.get("Origin")
            foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
            if origin is not None:
                foreign = not is_same_origin(origin, request.host, known)
            if foreign:
                return ProblemError(403, "foreign_origin", "This request comes from another site.").response()
        return await handler(request)

    return check

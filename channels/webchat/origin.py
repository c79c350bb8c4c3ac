"""Where a request comes from: the page's origin and the visitor's address."""

from urllib.parse import urlsplit

from aiohttp import web

from channels.webchat.settings import Settings

_ADDRESS_CHARS_MAX = 64


def allowed(settings: Settings, public_url: str, request: web.BaseRequest) -> bool:
    """Whether a page of this origin may use the chat.

    The hub's own pages and the listed sites may; a request without Origin comes from no browser page and is
    stopped, if at all, by its token. Origin is a courtesy of browsers, not an authentication.
    """
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.allowed_origins:
        return True
    try:
        parts = urlsplit(origin)
        public = urlsplit(public_url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    return parts.netloc == request.headers.get("Host") or (parts.scheme, parts.netloc) == (
        public.scheme,
        public.netloc,
    )


def address(settings: Settings, request: web.BaseRequest) -> str:
    """The visitor's IP address: each trusted proxy appended one entry, so count them from the right."""
    remote = request.remote or "unknown"
    if not settings.trusted_proxies:
        return remote
    hops = [
        hop.strip()
        for hop in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        if hop.strip()
    ]
    if len(hops) < settings.trusted_proxies:
        return remote
    return hops[-settings.trusted_proxies][:_ADDRESS_CHARS_MAX]

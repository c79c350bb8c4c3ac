"""The HTTP application: what is mounted where.

/api (typed endpoints), /channels/<account> (webhooks of channel adapters), /socket.io (consoles and chats),
/healthz, /readyz, /metrics, and the pages.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from hub import supervise
from hub.api import history, openapi, ops, rules, session, supervision, why, work
from hub.api.idempotency import Idempotency
from hub.api.layer import BODY_MAX_BYTES, COOKIE, IDEMPOTENCY, Endpoint, mount
from hub.api.pages import STATIC, Pages
from hub.api.problems import ProblemError
from hub.api.security import add_headers, check_origin, name_requests
from hub.api.services import SERVICES, Services
from hub.config import Config
from hub.console.server import SocketServer

log = logging.getLogger(__name__)

API_VERSION = "1"
PRUNE_EVERY_S = 3_600.0


def endpoints() -> list[Endpoint]:
    """Every typed endpoint."""
    modules = (session, work, history, supervision, why, rules)
    return [endpoint for module in modules for endpoint in module.endpoints.items]


def public_url(config: Config) -> str:
    """How the outside reaches the hub, without a trailing slash."""
    return (config.http.public_url or f"http://{config.http.host}:{config.http.port}").rstrip("/")


def cookie_name(config: Config) -> str:
    """Name of the session cookie; behind TLS the prefix ties it to this host."""
    return "__Host-rapport" if public_url(config).startswith("https:") else "rapport"


def staff_origins(config: Config) -> frozenset[str]:
    """Origins of our own pages besides the host that a request names."""
    parts = urlsplit(public_url(config))
    return frozenset({f"{parts.scheme}://{parts.netloc}", *config.http.origins})


def build_app(
    services: Services,
    sockets: SocketServer,
    *,
    channel_routes: Mapping[str, Sequence[web.RouteDef]] | None = None,
    channel_body_max_bytes: int = BODY_MAX_BYTES,
    static: Path = STATIC,
) -> web.Application:
    """Compose the application; the caller runs it and closes what `services` holds.

    `channel_routes`: routes of each account's adapter, mounted below /channels/<account>.
    """
    config = services.config
    app = web.Application(
        middlewares=[
            name_requests,
            ops.count_requests,
            check_origin(staff_origins(config)),
            session.carry_cookie,
        ],
        client_max_size=max(BODY_MAX_BYTES, channel_body_max_bytes),
    )
    app[SERVICES] = services
    app[COOKIE] = cookie_name(config)
    app[IDEMPOTENCY] = Idempotency(services.dispatcher.store, services.clock)
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(_pruning)
    declared = endpoints()
    mount(app, declared)
    document = openapi.document(declared, API_VERSION)

    async def serve_document(_request: web.Request) -> web.Response:
        return web.json_response(document)

    app.router.add_get("/api/openapi.json", serve_document)
    app.router.add_route("*", "/api/{rest:.*}", _unknown_endpoint)
    app.add_routes(ops.routes)
    for account, routes in (channel_routes or {}).items():
        _mount_channel(app, account, routes)
    sockets.attach(app)
    app.on_shutdown.append(sockets.hang_up)
    Pages(static).mount(app)
    return app


def _mount_channel(app: web.Application, account: str, routes: Collection[web.RouteDef]) -> None:
    for route in routes:
        # Providers are given the address with or without the last slash; a signature covers what was typed.
        for path in {route.path, route.path.removesuffix("/")}:
            app.router.add_route(route.method, f"/channels/{account}{path}", route.handler, **route.kwargs)


async def _unknown_endpoint(request: web.Request) -> web.Response:
    methods: set[str] = set()
    for resource in request.app.router.resources():
        if resource.canonical != "/api/{rest}":
            methods |= (await resource.resolve(request))[1]
    if methods:
        allowed = ", ".join(sorted(methods))
        return ProblemError(
            405, "method_not_allowed", f"Use {allowed}.", headers={"Allow": allowed}
        ).response()
    return ProblemError(404, "not_found", "There is no such endpoint.").response()


async def _pruning(app: web.Application) -> AsyncIterator[None]:
    """Forget expired sessions and old answers once an hour."""

    async def prune() -> None:
        while True:
            await app[IDEMPOTENCY].prune()
            await app[SERVICES].sessions.prune()
            await asyncio.sleep(PRUNE_EVERY_S)

    task = supervise.spawn(supervise.keep_running(prune, "pruning"), "pruning")
    yield
    await supervise.stop(task)

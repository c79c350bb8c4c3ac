"""For operators: alive, ready, metrics. None of them needs a login, metrics only from the machine itself."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest

from hub.api.layer import COOKIE
from hub.api.security import Handler, is_local
from hub.api.services import SERVICES

routes = web.RouteTableDef()

_REQUESTS = Counter("rapport_http_requests", "HTTP requests answered", ("method", "route", "status"))
_SECONDS = Histogram(
    "rapport_http_seconds",
    "Time to answer an HTTP request",
    ("route",),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
_BOUNDS_BROKEN = Gauge(
    "rapport_routing_bounds_broken", "Decisions in which the overtaking bound did not hold; must stay 0"
)


@routes.get("/healthz")
async def healthz(_request: web.Request) -> web.Response:
    """The process runs and its event loop turns."""
    return web.Response(text="ok\n")


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """200 when the hub can take contacts, else 503 with what is missing."""
    missing = request.app[SERVICES].ready()
    return web.Response(status=503 if missing else 200, text=f"{missing or 'ready'}\n")


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Prometheus metrics; from loopback, else for a logged-in admin."""
    if not is_local(request):
        sessions = request.app[SERVICES].sessions
        who = await sessions.find(request.cookies.get(request.app[COOKIE], ""))
        if who is None or "admin" not in who.roles:
            raise web.HTTPForbidden(text="metrics are for this machine, or for an admin\n")
    _BOUNDS_BROKEN.set(request.app[SERVICES].dispatcher.engine.bounds_broken)
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})


@web.middleware
async def count_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and time requests by route template, never by path: paths hold ids."""
    resource = request.match_info.route.resource
    route = "other" if resource is None else resource.canonical
    if route.startswith("/socket.io"):
        return await handler(request)  # lives as long as its console
    with _SECONDS.labels(route).time():
        try:
            response = await handler(request)
        except web.HTTPException as error:
            _REQUESTS.labels(request.method, route, error.status).inc()
            raise
    _REQUESTS.labels(request.method, route, response.status).inc()
    return response

"""The pages that the UI build leaves in `hub/static/`, and a plain page when it was not built.

The console is one page whatever its address; its assets carry a hash in their name and never change. Files
that have a `.br` or `.gz` beside them are sent compressed.
"""

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent.parent / "static"
_CONSOLE = ("/", "/login", "/console", "/console/{rest:.*}", "/supervisor", "/supervisor/{rest:.*}")
_IMMUTABLE = "public, max-age=31536000, immutable"
_NOT_BUILT = """<!doctype html>
<html lang="en">
<title>Rapport</title>
<body style="font-family: system-ui, sans-serif; margin: 4rem auto; max-width: 40rem">
<h1>The hub is running, its pages are not built</h1>
<p>The console is built from <code>agent_ui/</code>. Run <code>make ui</code> and load this page again.</p>
</body>
</html>
"""


class Pages:
    """Serves a folder with index.html, demo.html, widget.js and assets/."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder.resolve()

    def mount(self, app: web.Application) -> None:
        for path in _CONSOLE:
            app.router.add_get(path, self._console)
        app.router.add_get("/demo", self._demo)
        app.router.add_get("/widget.js", self._widget)
        app.router.add_get("/assets/{name:.+}", self._asset)
        app.router.add_get("/{name:[A-Za-z0-9][A-Za-z0-9._-]*\\.[a-z0-9]+}", self._file)

    async def _console(self, _request: web.Request) -> web.StreamResponse:
        return self._page("index.html")

    async def _demo(self, _request: web.Request) -> web.StreamResponse:
        return self._page("demo.html")

    def _page(self, name: str) -> web.StreamResponse:
        path = self._folder / name
        if not path.is_file():
            return web.Response(status=503, text=_NOT_BUILT, content_type="text/html")
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def _widget(self, _request: web.Request) -> web.StreamResponse:
        """The chat widget is loaded by pages of other sites."""
        headers = {
            "Cache-Control": "public, max-age=300",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return self._send("widget.js", headers)

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return self._send(f"assets/{request.match_info['name']}", {"Cache-Control": _IMMUTABLE})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return self._send(request.match_info["name"], {"Cache-Control": "no-cache"})

    def _send(self, name: str, headers: dict[str, str]) -> web.StreamResponse:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            raise web.HTTPNotFound(text="There is no such page.\n")
        return web.FileResponse(path, headers=headers)

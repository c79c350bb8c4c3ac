"""The pages: one for every address of the console, assets for ever, a plain one when nothing is built."""

from pathlib import Path

from tests.unit.hub.api.serving import Browser, Served


async def test_without_a_build_a_plain_page_says_so(stranger: Browser) -> None:
    async with stranger.http.get("/") as answer:
        assert answer.status == 503
        assert "not built" in await answer.text()


async def test_the_built_pages_are_served(site: Served, stranger: Browser, tmp_path: Path) -> None:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<title>console</title>")
    (static / "demo.html").write_text("<title>demo</title>")
    (static / "widget.js").write_text("widget")
    (static / "assets" / "app-1a2b.js").write_text("plain")
    (static / "assets" / "app-1a2b.js.br").write_bytes(b"packed")
    (tmp_path / "secret.txt").write_text("secret")
    for path in ("/", "/console", "/supervisor", "/supervisor/queues"):
        async with stranger.http.get(path) as answer:
            assert await answer.text() == "<title>console</title>"
            assert answer.headers["Cache-Control"] == "no-cache"
    async with stranger.http.get("/demo") as answer:
        assert await answer.text() == "<title>demo</title>"
    async with stranger.http.get("/widget.js") as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    async with stranger.http.get(
        "/assets/app-1a2b.js", headers={"Accept-Encoding": "br"}, auto_decompress=False
    ) as answer:
        assert answer.headers["Content-Encoding"] == "br"
        assert "immutable" in answer.headers["Cache-Control"]
    for path in ("/assets/../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/nothing", "/none.js"):
        async with stranger.http.get(path) as answer:
            assert answer.status == 404


async def test_operators_see_whether_the_hub_can_take_contacts(site: Served, stranger: Browser) -> None:
    async with stranger.http.get("/healthz") as answer:
        assert answer.status == 200
    async with stranger.http.get("/readyz") as answer:
        assert answer.status == 200
    site.hub.ready = False
    async with stranger.http.get("/readyz") as answer:
        assert (answer.status, await answer.text()) == (503, "the hub is starting or stopping\n")
    async with stranger.http.get("/metrics") as answer:
        text = await answer.text()
    forwarded = {"X-Forwarded-For": "10.0.0.1, 203.0.113.7"}
    async with stranger.http.get("/metrics", headers=forwarded) as answer:
        assert answer.status == 403
    assert 'rapport_http_requests_total{method="GET",route="/healthz",status="200"}' in text

"""The control socket: how the command line reaches a running hub on the same machine.

A Unix socket beside the database, readable by its owner only; no password, because who can open it could as
well open the database.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector, web
from sqlalchemy import Connection

from hub.bootstrap import Hub
from hub.rulebook import BODY_MAX_BYTES, BadRuleSet, UnknownRuleSet
from routing.events import RuleSetPublished

DEADLINE_S = 10


class HubRefused(Exception):
    """The running hub did not do it; `answer` holds its words."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(answer.get("detail", ""))
        self.answer = answer


def build(hub: Hub) -> web.Application:
    """The control application of a running hub."""
    app = web.Application(client_max_size=2 * BODY_MAX_BYTES)

    async def change(work: Callable[[Connection, int], tuple[str, list[RuleSetPublished]]]) -> web.Response:
        try:
            found = await hub.dispatcher.transact(work)
        except BadRuleSet as error:
            return web.json_response({"detail": str(error)}, status=422)
        except UnknownRuleSet as error:
            return web.json_response({"detail": str(error)}, status=404)
        except Exception:
            # Nothing was committed, so what the rulebook remembers may not be in force.
            hub.rulebook.forget()
            raise
        return web.json_response({"hash": found})

    async def publish(request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        return await change(
            lambda c, now_ms: hub.rulebook.publish(c, now_ms, asked["body"], asked["author"], asked["note"])
        )

    async def roll_back(request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        return await change(lambda c, now_ms: hub.rulebook.roll_back(c, now_ms, asked["to"], asked["author"]))

    app.router.add_post("/rules/publish", publish)
    app.router.add_post("/rules/rollback", roll_back)
    return app


async def serve(hub: Hub, path: Path) -> web.AppRunner:
    """Listen on `path`, replacing what a dead hub left there."""
    await asyncio.to_thread(path.unlink, missing_ok=True)
    runner = web.AppRunner(build(hub))
    await runner.setup()
    before = os.umask(0o177)
    try:
        await web.UnixSite(runner, str(path)).start()
    finally:
        os.umask(before)
    return runner


async def ask(path: Path, what: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the running hub. Raises HubRefused with its words, ConnectionError if nobody listens."""
    timeout = ClientTimeout(total=DEADLINE_S)
    try:
        async with (
            ClientSession(connector=UnixConnector(str(path)), timeout=timeout) as session,
            session.post(f"http://hub{what}", data=orjson.dumps(body)) as response,
        ):
            read = await response.read()
            if response.content_type != "application/json":
                raise HubRefused({"detail": f"the hub failed ({response.status}); its log says why"})
            answer: dict[str, Any] = orjson.loads(read)
            if response.status != 200:
                raise HubRefused(answer)
            return answer
    except (ClientError, TimeoutError) as error:
        raise ConnectionError(f"the hub does not answer on {path}") from error

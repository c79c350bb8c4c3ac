"""What the command line may ask of a hub, whether it runs or not.

A running hub is the only writer of its database, so it is asked over the control socket: a Unix socket
beside the database, readable by its owner only; no password, because who can open it could as well open the
database. Where no hub runs, the same operation is done here, on a core of our own. Start at `do`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector, web

from hub import lock, staff
from hub.bootstrap import Hub, catch_up, core
from hub.config import Config
from hub.rulebook import BODY_MAX_BYTES, BadRuleSet, UnknownRuleSet

DEADLINE_S = 10

Asked = dict[str, Any]


class Refused(Exception):
    """It was not done; the message says why."""


async def _publish_rules(hub: Hub, asked: Asked) -> Asked:
    """{body, author, note} -> {hash}"""
    found = await hub.dispatcher.transact(
        lambda c, now_ms: hub.rulebook.publish(c, now_ms, asked["body"], asked["author"], asked["note"])
    )
    return {"hash": found}


async def _roll_back_rules(hub: Hub, asked: Asked) -> Asked:
    """{to, author} -> {hash}"""
    found = await hub.dispatcher.transact(
        lambda c, now_ms: hub.rulebook.roll_back(c, now_ms, asked["to"], asked["author"])
    )
    return {"hash": found}


async def _add_agent(hub: Hub, asked: Asked) -> Asked:
    """The arguments of `staff.create_agent` -> {agent_id}; the engine knows the agent at once."""
    agent_id = await hub.store.write(lambda c: staff.create_agent(c, **asked))
    await catch_up(hub)
    return {"agent_id": agent_id}


OPERATIONS: dict[str, Callable[[Hub, Asked], Awaitable[Asked]]] = {
    "rules/publish": _publish_rules,
    "rules/rollback": _roll_back_rules,
    "agents/add": _add_agent,
}


async def _perform(hub: Hub, operation: str, asked: Asked) -> Asked:
    try:
        return await OPERATIONS[operation](hub, asked)
    except (BadRuleSet, UnknownRuleSet, ValueError) as error:
        raise Refused(str(error)) from error
    except Exception:
        # Nothing was committed, so what the rulebook remembers may not be in force.
        hub.rulebook.forget()
        raise


async def do(config: Config, operation: str, asked: Asked) -> Asked:
    """Have it done by the running hub, or do it if none runs. Raises Refused, or ConnectionError."""
    try:
        held = lock.acquire(config.store.url)
    except lock.InUse:
        return await _ask(lock.beside(config.store.url, ".sock"), operation, asked)
    with held:
        async with core(config) as hub:
            return await _perform(hub, operation, asked)


def build(hub: Hub) -> web.Application:
    """The control application of a running hub."""
    app = web.Application(client_max_size=2 * BODY_MAX_BYTES)

    async def answer(request: web.Request) -> web.Response:
        operation = request.match_info["operation"]
        if operation not in OPERATIONS:
            return web.json_response(
                {"detail": "This hub cannot do that; is it of an older version?"}, status=404
            )
        try:
            return web.json_response(await _perform(hub, operation, orjson.loads(await request.read())))
        except Refused as refusal:
            return web.json_response({"detail": str(refusal)}, status=422)

    app.router.add_post("/{operation:.+}", answer)
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


async def _ask(path: Path, operation: str, asked: Asked) -> Asked:
    timeout = ClientTimeout(total=DEADLINE_S)
    try:
        async with (
            ClientSession(connector=UnixConnector(str(path)), timeout=timeout) as session,
            session.post(f"http://hub/{operation}", data=orjson.dumps(asked)) as response,
        ):
            if response.content_type != "application/json":
                raise Refused(f"the hub failed ({response.status}); its log says why")
            answer: Asked = orjson.loads(await response.read())
            if response.status != 200:
                raise Refused(answer.get("detail", "the hub refused"))
            return answer
    except (ClientError, TimeoutError) as error:
        raise ConnectionError(f"the hub does not answer on {path}") from error

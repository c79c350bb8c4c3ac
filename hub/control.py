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

import msgspec
import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector, web
from sqlalchemy import Connection

from hub import lock, staff, wire
from hub.bootstrap import Hub, catch_up, core
from hub.config import Config
from hub.console.why import answers
from hub.rulebook import BODY_MAX_BYTES, Changed, Mistakes, Rulebook, Trial, UnknownRuleSet, WrongState
from routing.types import QueueId

DEADLINE_S = 10

Asked = dict[str, Any]
Operation = Callable[[Hub, Asked], Awaitable[Asked]]


class Refused(Exception):
    """It was not done; the message says why."""


def _change_rules(change: Callable[[Rulebook, Connection, int, Asked], Changed]) -> Operation:
    """A change of the rules -> {hash, state, author} of the set that it was about."""

    async def operation(hub: Hub, asked: Asked) -> Asked:
        row = await hub.dispatcher.transact(lambda c, now_ms: change(hub.rulebook, c, now_ms, asked))
        return {"hash": row.hash, "state": row.state, "author": row.author}

    return operation


def _save(book: Rulebook, connection: Connection, now_ms: int, asked: Asked) -> Changed:
    """{body, author, note}"""
    return book.save_draft(connection, now_ms, asked["body"], asked["author"], asked["note"])


def _simulated(book: Rulebook, connection: Connection, now_ms: int, asked: Asked) -> Changed:
    """{hash, summary, author?}; `summary` is a JSON object, shown to whoever approves."""
    return book.record_simulation(
        connection, now_ms, asked["hash"], asked["summary"], asked.get("author", "rapport simulate")
    )


def _approve(book: Rulebook, connection: Connection, now_ms: int, asked: Asked) -> Changed:
    """{hash, author, note}"""
    return book.approve(connection, now_ms, asked["hash"], asked["author"], asked["note"])


def _publish(book: Rulebook, connection: Connection, now_ms: int, asked: Asked) -> Changed:
    """{body or hash, author, note}; what comes as a body need be neither simulated nor approved."""
    if "body" in asked:
        return book.publish(connection, now_ms, asked["body"], asked["author"], asked["note"])
    return book.publish_approved(connection, now_ms, asked["hash"], asked["author"], asked["note"])


def _stage(book: Rulebook, connection: Connection, now_ms: int, asked: Asked) -> Changed:
    """{hash, percent, queues, author, note}"""
    trial = Trial(asked["percent"], tuple(map(QueueId, asked["queues"])))
    return book.stage(connection, now_ms, asked["hash"], trial, asked["author"], asked["note"])


def _unstage(book: Rulebook, connection: Connection, now_ms: int, asked: Asked) -> Changed:
    """{author, note}"""
    return book.end_trial(connection, now_ms, asked["author"], asked["note"])


def _roll_back(book: Rulebook, connection: Connection, now_ms: int, asked: Asked) -> Changed:
    """{to, author, note?}; `to` is the beginning of a hash, or "" for the previous set."""
    return book.roll_back(connection, now_ms, asked["to"], asked["author"], asked.get("note", ""))


async def _add_agent(hub: Hub, asked: Asked) -> Asked:
    """The arguments of `staff.create_agent` -> {agent_id}; the engine knows the agent at once."""
    agent_id = await hub.store.write(lambda c: staff.create_agent(c, **asked))
    await catch_up(hub)
    return {"agent_id": agent_id}


async def _why(hub: Hub, asked: Asked) -> Asked:
    """{contact} -> {waiting} when it waits, else {decided}: the explanation as the API gives it."""
    told = await answers.answer(hub.dispatcher, asked["contact"], hub.clock.now_ms())
    if told is None:
        raise Refused(f"there is no contact {asked['contact']!r}")
    kind = "waiting" if isinstance(told, wire.WaitingWhy) else "decided"
    return {kind: msgspec.to_builtins(told)}


async def _set_agent(hub: Hub, asked: Asked) -> Asked:
    """The arguments of `staff.change_work` -> {agent_id}; the engine knows at once."""
    agent_id = await hub.store.write(lambda c: staff.change_work(c, **asked))
    await catch_up(hub)
    return {"agent_id": agent_id}


OPERATIONS: dict[str, Operation] = {
    "rules/draft": _change_rules(_save),
    "rules/simulated": _change_rules(_simulated),
    "rules/approve": _change_rules(_approve),
    "rules/publish": _change_rules(_publish),
    "rules/stage": _change_rules(_stage),
    "rules/unstage": _change_rules(_unstage),
    "rules/rollback": _change_rules(_roll_back),
    "agents/add": _add_agent,
    "agents/set": _set_agent,
    "why": _why,
}


async def _perform(hub: Hub, operation: str, asked: Asked) -> Asked:
    try:
        return await OPERATIONS[operation](hub, asked)
    except (Mistakes, UnknownRuleSet, WrongState, ValueError) as error:
        raise Refused(str(error)) from error


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

"""The composition root: the only place that knows every part. `running(config)` is a whole hub.

Order of start: database, engine (recovered), rules, agents, adapters, HTTP, then timers. Order of stop: the
reverse, so that nothing is accepted which could not be finished.
"""

import asyncio
import gc
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from hub import agents
from hub.accounts import Adapters, ChatAudience, Ports
from hub.clock import Clock
from hub.config import Config
from hub.desk import SOFTPHONE_SUFFIX, Desk
from hub.dispatcher import Dispatcher
from hub.executor import Executor
from hub.intake import Intake
from hub.outbox import Outbox
from hub.rulebook import Ability, Rulebook, UnknownRuleSet
from hub.store.database import Store
from hub.store.migrate import migrate
from hub.store.tables import settings
from hub.supervise import keep_running, spawn, stop
from hub.voice_host import CallDesk
from routing.events import Event
from routing.types import AgentId
from telephony import voice as telephony_voice

log = logging.getLogger(__name__)

ABLE: frozenset[Ability] = frozenset()
"""What may become of a contact besides being connected; rules that ask for anything else are refused."""
VOICE_WAIT_S = 5.0
"""How long timers wait at start for Asterisk to say which calls went on without us."""


@dataclass(slots=True)
class Hub:
    """A running hub without its front: what tests and the HTTP layer are given."""

    config: Config
    store: Store
    clock: Clock
    dispatcher: Dispatcher
    executor: Executor
    rulebook: Rulebook
    desk: Desk
    outbox: Outbox
    adapters: Adapters
    ports: Ports
    chats: ChatAudience
    calls: CallDesk | None
    ready: bool = False


@asynccontextmanager
async def core(config: Config, clock: Clock | None = None) -> AsyncIterator[Hub]:
    """Everything up to, but without, adapters, HTTP and the passing of time (`go` starts those)."""
    clock = clock or Clock()
    await asyncio.to_thread(migrate, config.store.url)
    async with AsyncExitStack() as stack:
        store = await Store.open(config.store.url)
        stack.push_async_callback(store.close)
        secret = await store.write(_master_secret)
        dispatcher = await Dispatcher.recover(store, clock)
        executor = Executor(dispatcher)
        executor.start()
        stack.push_async_callback(executor.close)
        rulebook = Rulebook(config.company.time_zone, ABLE)
        intake = Intake(dispatcher, executor, rulebook)
        ports = Ports(store, clock, dispatcher, intake, public_url(config), secret)
        adapters = Adapters.build(config.accounts, ports)
        chats = ChatAudience(store, adapters.chats)
        executor.attach(chats)
        outbox = Outbox(store, clock, executor, adapters.senders)
        ports.outbox = outbox
        calls = None
        if config.voice is not None:
            calls = CallDesk(dispatcher, clock, rulebook, config.company.country)
        desk = Desk(dispatcher, executor, outbox, config, chats, calls)
        if calls is not None:
            executor.use_telephone(calls)
        yield Hub(
            config,
            store,
            clock,
            dispatcher,
            executor,
            rulebook,
            desk,
            outbox,
            adapters,
            ports,
            chats,
            calls,
        )


@asynccontextmanager
async def go(hub: Hub) -> AsyncIterator[None]:
    """Tell the engine of rules and agents, start the adapters and let time pass.

    Whatever was started is stopped again, also when a later part cannot start or starting is cancelled.
    """
    await catch_up(hub)
    hub.executor.resume()
    tasks: list[asyncio.Task[Any]] = []
    try:
        await _start(hub, tasks)
        # What lives now lives for ever: keep the collector from walking it again and again.
        gc.collect()
        gc.freeze()
        hub.ready = True
        yield
    finally:
        hub.ready = False
        hub.dispatcher.stop()
        await stop(*tasks)
        await hub.outbox.close()
        await hub.executor.settled()
        await hub.dispatcher.save_snapshot()


async def _start(hub: Hub, tasks: list[asyncio.Task[Any]]) -> None:
    """Start telephony, outbox, adapters and timers; `tasks` gets what the caller must stop, as it starts."""
    if hub.calls is not None and hub.config.voice is not None:
        voice = telephony_voice.build(hub.config.voice, hub.calls)
        hub.calls.wire(voice, hub.desk)
        tasks.append(spawn(keep_running(voice.run, "voice"), "voice"))
    await hub.outbox.start()
    for name, adapter in hub.adapters.running.items():
        tasks.append(spawn(keep_running(adapter.run, name), f"channel {name}"))
    if hub.calls is not None:
        try:
            async with asyncio.timeout(VOICE_WAIT_S):
                await hub.calls.first_resync.wait()
        except TimeoutError:
            log.warning("Asterisk cannot be reached yet; calls will be picked up when it can")
    hub.dispatcher.start()


async def catch_up(hub: Hub) -> None:
    """Bring the engine to what the tables say about rule set and agents."""

    def work(connection: Connection, now_ms: int) -> tuple[dict[str, AgentId], Sequence[Event]]:
        rows = agents.active(connection)
        events: list[Event] = []
        try:
            engine = hub.dispatcher.engine
            events.extend(hub.rulebook.missing_events(connection, now_ms, engine.rule_set, engine.trial))
        except UnknownRuleSet:
            _, published = hub.rulebook.publish(connection, now_ms, default_rules(), "rapport", "first rules")
            events.extend(published)
        events.extend(agents.differences(rows, hub.dispatcher.engine, now_ms))
        endpoints = {
            row.phone_endpoint + suffix: AgentId(row.agent_id)
            for row in rows
            if row.phone_endpoint
            for suffix in ("", SOFTPHONE_SUFFIX)
        }
        return endpoints, events

    hub.desk.know_endpoints(await hub.dispatcher.transact(work))


def default_rules() -> Any:
    """The rule set that a new installation starts with."""
    return orjson.loads(files("hub.demo").joinpath("ruleset.json").read_bytes())


def public_url(config: Config) -> str:
    return config.http.public_url or f"http://{config.http.host}:{config.http.port}"


def _master_secret(connection: Connection) -> bytes:
    """The key from which every account's key is derived; made once."""
    found = connection.execute(select(settings.c.value).where(settings.c.name == "master_secret")).scalar()
    if found is None:
        found = secrets.token_hex(32)
        connection.execute(insert(settings), {"name": "master_secret", "value": found})
    return bytes.fromhex(found)

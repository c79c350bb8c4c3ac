"""One contact's full way without the network, durable on SQLite, against bare commits of the same database.

A contact arrives with its rows, is offered, accepted, connected and ended, each step a journalled event in a
commit of its own that is awaited before the next, and the projection's rows are written as in the hub. Many
contacts are under way at once, as in a busy centre, so that steps of different contacts may share a commit.
The reference inserts one row of the journal's size a commit, one after another, through the same connection
settings. Rounds take turns; the best round of each counts.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, insert

from bench.report import show
from hub.changes import Changes
from hub.clock import Clock
from hub.dispatcher import Dispatcher
from hub.executor import Executor
from hub.store import database
from hub.store.migrate import migrate
from hub.store.tables import contacts, customers, interactions, journal
from routing.events import (
    AgentUpserted,
    ContactArrived,
    ContactEnded,
    Event,
    OfferAccepted,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
)
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    OfferPolicy,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    RuleId,
    SkillId,
    SkillNeed,
    Step,
)

ROUNDS = 3
CONTACTS = 2_000
UNDER_WAY = 200
AGENTS = 100
COMMITS = 2_000
DEADLINE_S = 60

QUEUE = QueueSpec(QueueId("support"), "Support", policy=OfferPolicy(wrap_up_ms=0))
PLAN = RoutePlan((Step(needs=(SkillNeed(SkillId("english")),)),))
CAPACITY = Capacity(units=4, caps=((Channel.CHAT, 4),))


class Consoles:
    """Stands where the consoles are: wakes whoever waits for an offer, a connection or an end."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._offers: dict[ContactId, asyncio.Future[tuple[AgentId, OfferId]]] = {}
        self._states: dict[tuple[ContactId, ContactState], asyncio.Future[None]] = {}

    def offer_of(self, contact: ContactId) -> asyncio.Future[tuple[AgentId, OfferId]]:
        return self._offers.setdefault(contact, asyncio.get_running_loop().create_future())

    def state_of(self, contact: ContactId, state: ContactState) -> asyncio.Future[None]:
        return self._states.setdefault((contact, state), asyncio.get_running_loop().create_future())

    async def publish(self, changes: Changes) -> None:
        for offer in changes.offers:
            self.offer_of(offer.contact).set_result((offer.agent, offer.offer))
        for contact in changes.contacts:
            record = self._dispatcher.engine.contact(contact)
            # The engine forgets a contact once it is closed.
            state = ContactState.CLOSED if record is None else record.state
            waiting = self._states.pop((contact, state), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)


def _arrive(connection: Connection, now_ms: int, contact: ContactId) -> tuple[None, Sequence[Event]]:
    common = {"customer_id": "u-1", "channel": "chat"}
    story = {"interaction_id": f"i{contact}", "account": "chat", "address": f"v{contact}", "state": "open"}
    times = {"opened_at_ms": now_ms, "changed_at_ms": now_ms}
    connection.execute(insert(interactions), {**common, **story, **times})
    line = {
        "contact_id": contact,
        "interaction_id": f"i{contact}",
        "queue_id": QUEUE.queue,
        "state": "queued",
    }
    since = {"arrived_at_ms": now_ms, "enqueued_at_ms": now_ms, "state_since_at_ms": now_ms}
    worth = {"value": 50, "loyalty": 50, "head_start_ms": 0, "rule_id": "default", "rule_set": "bench"}
    connection.execute(insert(contacts), {**common, **line, **since, **worth})
    event = ContactArrived(
        at_ms=now_ms,
        contact=contact,
        channel=Channel.CHAT,
        queue=QUEUE.queue,
        plan=PLAN,
        enqueued_at_ms=now_ms,
        head_start_ms=0,
        value=50,
        loyalty=50,
        rule=RuleId("default"),
        rule_set="bench",
    )
    return None, [event]


async def _one_contact(dispatcher: Dispatcher, consoles: Consoles, contact: ContactId) -> None:
    offered = consoles.offer_of(contact)
    connected = consoles.state_of(contact, ContactState.ACTIVE)
    closed = consoles.state_of(contact, ContactState.CLOSED)
    await dispatcher.transact(lambda connection, now_ms: _arrive(connection, now_ms, contact))
    agent, offer = await offered
    await dispatcher.transact(lambda _c, now_ms: (None, [OfferAccepted(now_ms, offer, agent)]))
    await connected
    await dispatcher.transact(lambda _c, now_ms: (None, [ContactEnded(now_ms, contact)]))
    await closed


async def contacts_per_s(url: str) -> float:
    """Contacts closed a second, from the first arrival to the last end."""
    store = await database.Store.open(url)
    dispatcher = await Dispatcher.recover(store, Clock())
    executor = Executor(dispatcher)
    consoles = Consoles(dispatcher)
    executor.attach(consoles)
    executor.start()
    dispatcher.start()
    await store.write(_add_customer)
    await dispatcher.transact(lambda _c, now_ms: (None, _staff(now_ms)))

    waiting = iter([ContactId(f"c{number}") for number in range(CONTACTS)])

    async def line() -> None:
        for contact in waiting:
            await _one_contact(dispatcher, consoles, contact)

    began = time.perf_counter()
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        for _ in range(UNDER_WAY):
            group.create_task(line())
    took_s = time.perf_counter() - began
    dispatcher.stop()
    await executor.close()
    await store.close()
    return CONTACTS / took_s


def _add_customer(connection: Connection) -> None:
    connection.execute(insert(customers), {"customer_id": "u-1", "known": True, "created_at_ms": 0})


def _staff(now_ms: int) -> list[Event]:
    events: list[Event] = [RuleSetPublished(now_ms, "bench", (QUEUE,))]
    for number in range(AGENTS):
        agent = AgentId(f"a{number}")
        events += [
            AgentUpserted(now_ms, agent, (AgentSkill(SkillId("english"), 80),), CAPACITY),
            ReachabilitySet(now_ms, agent, (Channel.CHAT,)),
            PresenceSet(now_ms, agent, Presence.AVAILABLE),
        ]
    return events


def commits_per_s(url: str) -> float:
    """Single-row commits a second, one after another."""
    engine = database.create(url, begin="BEGIN IMMEDIATE")
    row = {"at_ms": 1, "kind": "OfferAccepted", "body": "x" * 200}
    with contextlib.closing(engine.connect()) as connection:
        began = time.perf_counter()
        for _ in range(COMMITS):
            with connection.begin():
                connection.execute(insert(journal), row)
        took_s = time.perf_counter() - began
    engine.dispose()
    return COMMITS / took_s


def main() -> None:
    """Print the one line of this bench."""
    ours, reference = [], []
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        for number in range(ROUNDS):
            for kind in ("contacts", "commits"):
                url = f"sqlite:///{Path(folder)}/{kind}-{number}.db"
                migrate(url)
                if kind == "contacts":
                    ours.append(asyncio.run(contacts_per_s(url)))
                else:
                    reference.append(commits_per_s(url))
    show("contact_full_way", "contacts/s", max(ours), max(reference), ">= 0.3")


if __name__ == "__main__":
    main()

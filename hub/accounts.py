"""The hub's side of each channel account: the `Host` that an adapter is given, and what it offers in turn."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Row, func, select

from channels.base import (
    Adapter,
    Admission,
    ChatEndpoint,
    ChatItem,
    ChatView,
    DeliveryReport,
    HttpEndpoints,
    Inbound,
    PendingRaw,
    Raw,
    Sender,
)
from hub import inbox, story
from hub.changes import Changes
from hub.clock import Clock
from hub.config import Account
from hub.desk import mark_ended
from hub.dispatcher import Dispatcher
from hub.intake import Intake
from hub.outbox import Outbox
from hub.store.database import Store
from hub.store.tables import agents, contacts, interactions, messages
from routing.events import ContactAbandoned, ContactEnded, Event
from routing.types import ContactId

CHAT_PAGE_MAX = 200


@dataclass(slots=True)
class Ports:
    """What account hosts reach; `outbox` and `typing` are set once everything is built."""

    store: Store
    clock: Clock
    dispatcher: Dispatcher
    intake: Intake
    public_url: str
    master_secret: bytes
    outbox: Outbox | None = None
    customer_typing: Any = None
    """`async (interaction_id) -> None`: tell the console."""


class AccountHost:
    """Implements `channels.base.Host` and `ChatHost` for one account."""

    def __init__(self, account: str, ports: Ports) -> None:
        self._account = account
        self._ports = ports
        self._secret = hmac.digest(ports.master_secret, account.encode(), "sha256")

    @property
    def account(self) -> str:
        return self._account

    @property
    def secret(self) -> bytes:
        return self._secret

    @property
    def public_url(self) -> str:
        return self._ports.public_url

    def now_ms(self) -> int:
        return self._ports.clock.now_ms()

    async def store(self, raw: Raw) -> bool:
        return await self._ports.store.write(lambda c: inbox.store(c, self._account, raw))

    async def pending(self) -> Sequence[PendingRaw]:
        return await self._ports.store.read(lambda c: inbox.pending(c, self._account))

    async def quarantine(self, provider_id: str, reason: str) -> None:
        await self._ports.store.write(lambda c: inbox.quarantine(c, self._account, provider_id, reason))

    async def cursor(self) -> str | None:
        return await self._ports.store.read(lambda c: inbox.cursor(c, self._account))

    async def admit(self, inbound: Inbound) -> Admission:
        return await self._ports.intake.admit(self._account, inbound)

    async def report(self, report: DeliveryReport) -> None:
        assert self._ports.outbox is not None
        await self._ports.outbox.report(self._account, report)

    # ------------------------------------------------------------------------------------------- web chat

    async def chat_view(self, visitor_id: str, after_seq: int) -> ChatView | None:
        return await self._ports.store.read(lambda c: _chat_view(c, self._account, visitor_id, after_seq))

    async def chat_typing(self, visitor_id: str) -> None:
        found = await self._ports.store.read(lambda c: story.latest_of_address(c, self._account, visitor_id))
        if found is not None and self._ports.customer_typing is not None:
            await self._ports.customer_typing(found.interaction_id)

    async def chat_ended(self, visitor_id: str) -> None:
        def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
            found = story.latest_of_address(connection, self._account, visitor_id)
            live = None if found is None else story.live_contact(connection, found.interaction_id)
            if live is None:
                return None, []
            mark_ended(connection, now_ms, live.contact_id)
            contact = ContactId(live.contact_id)
            # Whichever state the contact is in, one of the two fits and the engine ignores the other.
            return None, [ContactAbandoned(now_ms, contact), ContactEnded(now_ms, contact, "customer")]

        await self._ports.dispatcher.transact(work)


def _chat_view(connection: Connection, account: str, visitor_id: str, after_seq: int) -> ChatView | None:
    found = story.latest_of_address(connection, account, visitor_id)
    if found is None:
        return None
    live = story.live_contact(connection, found.interaction_id)
    agent = None
    if live is not None and live.state == "active":
        agent = connection.execute(select(agents.c.name).where(agents.c.agent_id == live.agent_id)).scalar()
    state = "ended" if live is None else "active" if live.state == "active" else "waiting"
    # Internal notes share the numbering of the story but are not the visitor's: count what may be seen.
    position = func.row_number().over(order_by=messages.c.seq).label("position")
    seen = (
        select(messages, position)
        .where(messages.c.interaction_id == found.interaction_id, messages.c.author != "note")
        .subquery()
    )
    rows = connection.execute(
        select(seen).where(seen.c.position > after_seq).order_by(seen.c.position).limit(CHAT_PAGE_MAX)
    ).all()
    total = connection.execute(select(func.count()).select_from(seen)).scalar_one()
    items = tuple(_chat_item(row) for row in rows)
    return ChatView(found.interaction_id, state, agent or "", items, total)


def _chat_item(row: Row[Any]) -> ChatItem:
    author = "visitor" if row.author == "customer" else row.author
    return ChatItem(row.position, author, row.author_name, row.text, row.at_ms, row.client_id or "")


@dataclass(slots=True)
class Adapters:
    """Every account's adapter, sorted by what it offers."""

    running: dict[str, Adapter] = field(default_factory=dict)
    senders: dict[str, Sender] = field(default_factory=dict)
    http: dict[str, HttpEndpoints] = field(default_factory=dict)
    chats: dict[str, ChatEndpoint] = field(default_factory=dict)

    @classmethod
    def build(cls, accounts: Mapping[str, Account], ports: Ports) -> "Adapters":
        """Load `channels.<type>` by name for each account of the configuration."""
        adapters = cls()
        for account in accounts.values():
            module = import_module(f"channels.{account.type}")
            adapter = module.build(account.settings, AccountHost(account.name, ports))
            adapters.running[account.name] = adapter
            if isinstance(adapter, Sender):
                adapters.senders[account.name] = adapter
            if isinstance(adapter, HttpEndpoints):
                adapters.http[account.name] = adapter
            if isinstance(adapter, ChatEndpoint):
                adapters.chats[account.name] = adapter
        return adapters


class ChatAudience:
    """Wakes the visitors whose conversations changed; they then read by sequence."""

    def __init__(self, store: Store, chats: Mapping[str, ChatEndpoint]) -> None:
        self._store = store
        self._chats = chats

    async def publish(self, changes: Changes) -> None:
        if not self._chats or not (changes.messages or changes.contacts):
            return
        interaction_ids = {interaction_id for interaction_id, _ in changes.messages}
        contact_ids = set(changes.contacts)
        rows = await self._store.read(lambda c: _chats_of(c, interaction_ids, contact_ids))
        for row in rows:
            if row.account in self._chats:
                await self._chats[row.account].changed(row.address)

    async def typing(self, account: str, visitor_id: str, agent_name: str) -> None:
        """An agent is typing to this visitor."""
        if account in self._chats:
            await self._chats[account].typing(visitor_id, agent_name)


def _chats_of(
    connection: Connection, interaction_ids: set[str], contact_ids: set[ContactId]
) -> Sequence[Row[str, str]]:
    of_contacts = select(contacts.c.interaction_id).where(contacts.c.contact_id.in_(contact_ids))
    return connection.execute(
        select(interactions.c.account, interactions.c.address)
        .where(
            interactions.c.channel == "chat",
            interactions.c.interaction_id.in_(interaction_ids)
            | interactions.c.interaction_id.in_(of_contacts),
        )
        .distinct()
    ).all()

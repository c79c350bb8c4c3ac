"""The desk: what an agent can do. Every method is durable when it returns and safe to repeat.

Ownership is checked against the engine, the only one that knows; texts and dispositions are rows beside it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Row, select, update

from channels.base import Kind, Outbound
from hub import outbox as outbox_rows
from hub import story
from hub.config import Config
from hub.dispatcher import Dispatcher
from hub.executor import Executor
from hub.outbox import Outbox
from hub.store.tables import agents, contacts, customers, interactions, messages
from routing.events import (
    ContactEnded,
    Event,
    OfferAccepted,
    OfferDelivered,
    OfferRejected,
    PresenceSet,
    ReachabilitySet,
    WrapUpDone,
)
from routing.types import AgentId, Channel, ContactId, ContactState, OfferId, OfferState, Presence

REPLY_MAX_CHARS = 20_000
CHAT_REPLY_MAX_CHARS = 4_000
NOTE_MAX_CHARS = 4_000

SOFTPHONE_SUFFIX = "-web"
"""The telephone inside an agent's console registers as the agent's endpoint with this behind it."""

WRITTEN = (Channel.CHAT, Channel.SMS, Channel.EMAIL)
BESIDE = (ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP)  # still with its agent


class Conflict(Exception):
    """The world has moved on, or this is not the agent's to do. `detail` is for the agent."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class NotFound(Exception):
    """No such offer or contact."""


class Line(Protocol):
    """What the desk asks of telephony."""

    async def hang_up(self, contact_id: str) -> None: ...
    async def hold(self, contact_id: str, on: bool) -> None: ...


class Visitors(Protocol):
    """What the desk asks of web chats."""

    async def typing(self, account: str, visitor_id: str, agent_name: str) -> None: ...


class Desk:
    """Composed by `bootstrap`; `line` is None without telephony."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        executor: Executor,
        outbox: Outbox,
        config: Config,
        visitors: Visitors,
        line: Line | None,
    ) -> None:
        self._dispatcher = dispatcher
        self._executor = executor
        self._outbox = outbox
        self._config = config
        self._visitors = visitors
        self._line = line
        self._consoles: set[AgentId] = set()
        self._phones: set[str] = set()
        self._phones_known = line is None
        self._endpoints: dict[str, AgentId] = {}

    # -------------------------------------------------------------------------- presence and reachability

    async def set_presence(
        self, agent_id: AgentId, presence: Presence, code: str, *, after_work: bool = False
    ) -> None:
        """Raises Conflict for an unknown code. `after_work`: not before the work in hand is finished."""
        if presence == Presence.AUX and code not in {known.code for known in self._config.aux_codes}:
            raise Conflict("unknown_aux_code", f"There is no reason for being away called {code!r}.")
        await self._submit(
            lambda now_ms: [PresenceSet(now_ms, agent_id, presence, code, after_work=after_work)]
        )

    async def reachable(self, agent_id: AgentId, console: bool) -> None:
        """A console of the agent came, or the last one has been gone for the grace time."""
        if console:
            self._consoles.add(agent_id)
        else:
            self._consoles.discard(agent_id)
        await self._reachability(agent_id)

    async def phone_reachable(self, endpoint: str, reachable: bool) -> None:
        """A phone registered or went away."""
        changed = (endpoint in self._phones) != reachable
        if reachable:
            self._phones.add(endpoint)
        else:
            self._phones.discard(endpoint)
        agent_id = self._endpoints.get(endpoint)
        if changed and self._phones_known and agent_id is not None:
            await self._reachability(agent_id)

    def phones_unknown(self) -> None:
        """Asterisk is lost: until it has told of every phone anew, agents are as reachable as before."""
        self._phones_known = False

    async def phones_known(self) -> None:
        """Every phone that is there has been told."""
        self._phones_known = True
        for agent_id in dict.fromkeys(self._endpoints.values()):
            if agent_id in self._consoles and self._has_phone(agent_id) != bool(self.phone_of(agent_id)):
                await self._reachability(agent_id)

    def know_endpoints(self, endpoints: dict[str, AgentId]) -> None:
        """Which phone belongs to which agent."""
        self._endpoints = endpoints

    def phone_of(self, agent_id: AgentId) -> str:
        """The agent's registered phone, the one inside the console first; "" when there is none."""
        mine = [phone for phone, owner in self._endpoints.items() if owner == agent_id]
        return max((phone for phone in mine if phone in self._phones), key=_is_softphone, default="")

    def phone_is_reachable(self, agent_id: AgentId) -> bool:
        """A console that comes back before Asterisk does must not take a ringing call from its agent."""
        return bool(self.phone_of(agent_id)) if self._phones_known else self._has_phone(agent_id)

    def _has_phone(self, agent_id: AgentId) -> bool:
        """As the engine was told last."""
        agent = self._dispatcher.engine.agent(agent_id)
        return agent is not None and Channel.VOICE in agent.reachable

    async def _reachability(self, agent_id: AgentId) -> None:
        """Nothing reaches an agent without a console; calls need a registered phone as well."""
        channels: tuple[Channel, ...] = ()
        if agent_id in self._consoles:
            channels = WRITTEN
            if self.phone_is_reachable(agent_id):
                channels = (Channel.VOICE, *WRITTEN)
        await self._submit(lambda now_ms: [ReachabilitySet(now_ms, agent_id, channels)])
        self._executor.agent_changed(agent_id)

    # --------------------------------------------------------------------------------------------- offers

    async def delivered(self, agent_id: AgentId, offer_id: OfferId) -> None:
        """A console shows the offer. Late news is ignored."""
        offer = self._dispatcher.engine.offer(offer_id)
        if offer is not None and offer.agent == agent_id:
            await self._submit(lambda now_ms: [OfferDelivered(now_ms, offer_id)])

    async def accept(self, agent_id: AgentId, offer_id: OfferId) -> None:
        """Raises Conflict("offer_gone") if it is no longer this agent's to accept."""
        self._own_offer(agent_id, offer_id, OfferState.ALERTING, OfferState.CONNECTING)
        await self._submit(lambda now_ms: [OfferAccepted(now_ms, offer_id, agent_id)])
        self._own_offer(agent_id, offer_id, OfferState.CONNECTING)

    async def reject(self, agent_id: AgentId, offer_id: OfferId, reason: str) -> None:
        """Raises Conflict("offer_gone") if it is no longer alerting at this agent."""
        self._own_offer(agent_id, offer_id, OfferState.ALERTING)
        reason = reason[:200] or "rejected"
        await self._submit(lambda now_ms: [OfferRejected(now_ms, offer_id, agent_id, reason)])

    def _own_offer(self, agent_id: AgentId, offer_id: OfferId, *states: OfferState) -> None:
        offer = self._dispatcher.engine.offer(offer_id)
        if offer is None or offer.agent != agent_id or offer.state not in states:
            raise Conflict("offer_gone", "This offer is over: somebody else took it, or its time ran out.")

    # ------------------------------------------------------------------------------------------- contacts

    async def send(
        self, agent_id: AgentId, contact_id: ContactId, client_id: str, text: str, note: bool
    ) -> str:
        """Write a reply or an internal note; returns the message id. Same `client_id`, same message.

        Raises Conflict for a contact that is not the agent's, text that is empty or too long, and calls.
        """
        channel = self._own_contact(agent_id, contact_id, wrapping=note)
        if not client_id or len(client_id) > 100:
            raise Conflict("bad_client_id", "A message needs a client_id of at most 100 characters.")
        _check_text(text, channel, note)

        def work(connection: Connection, now_ms: int) -> tuple[tuple[str, str, str], Sequence[Event]]:
            return _write(connection, now_ms, agent_id, contact_id, client_id, text, note), []

        account, interaction_id, message_id = await self._dispatcher.transact(work)
        self._executor.message_changed(interaction_id, message_id)
        self._outbox.wake(account)
        return message_id

    async def end(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Hang up, end the chat or finish the mail; wrap-up follows. Ending twice is harmless."""
        contact = self._dispatcher.engine.contact(contact_id)
        if contact is not None and contact.agent == agent_id and contact.state == ContactState.WRAP_UP:
            return
        channel = self._own_contact(agent_id, contact_id)

        def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
            mark_ended(connection, now_ms, contact_id)
            return None, [ContactEnded(now_ms, contact_id, "agent")]

        await self._dispatcher.transact(work)
        if channel == Channel.VOICE and self._line is not None:
            await self._line.hang_up(contact_id)

    async def hold(self, agent_id: AgentId, contact_id: ContactId, on: bool) -> None:
        """Put the caller on hold with music, or take it back. Raises Conflict when that is impossible."""
        channel = self._own_contact(agent_id, contact_id)
        if channel != Channel.VOICE or self._line is None:
            raise Conflict("not_a_call", "Only a call can be held.")
        await self._line.hold(contact_id, on)
        await self.call_held(contact_id, on)

    async def call_held(self, contact_id: ContactId, on: bool) -> None:
        """The caller is on hold, or not any more."""
        held = update(contacts).where(contacts.c.contact_id == contact_id).values(held=on)
        await self._dispatcher.store.write(lambda c: c.execute(held))
        self._executor.contact_changed(contact_id)

    async def wrap_up(self, agent_id: AgentId, contact_id: ContactId, disposition: str, note: str) -> None:
        """Finish wrap-up. Raises Conflict for an unknown disposition, or when there is nothing to wrap up."""
        if disposition not in {known.code for known in self._config.dispositions}:
            raise Conflict("unknown_disposition", f"There is no disposition called {disposition!r}.")
        if len(note) > NOTE_MAX_CHARS:
            raise Conflict("too_long", f"A note has at most {NOTE_MAX_CHARS} characters.")
        contact = self._dispatcher.engine.contact(contact_id)
        if contact is None or contact.agent != agent_id or contact.state != ContactState.WRAP_UP:
            raise Conflict("not_in_wrap_up", "This contact is not being wrapped up by you.")

        def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
            _record_wrap_up(connection, contact_id, disposition, note)
            return None, [WrapUpDone(now_ms, contact_id, agent_id)]

        await self._dispatcher.transact(work)

    async def mark_read(self, agent_id: AgentId, contact_id: ContactId, seq: int) -> None:
        """The agent has seen messages up to `seq`; never moves back."""
        self._own_contact(agent_id, contact_id, wrapping=True)
        seen = (
            update(contacts)
            .where(contacts.c.contact_id == contact_id, contacts.c.read_seq < seq)
            .values(read_seq=seq)
        )
        await self._dispatcher.store.write(lambda c: c.execute(seen))
        self._executor.contact_changed(contact_id)

    async def typing(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Tell the visitor that the agent is typing; nothing is kept."""
        if self._own_contact(agent_id, contact_id) != Channel.CHAT:
            return
        row = await self._dispatcher.store.read(lambda c: _chat_of(c, contact_id, agent_id))
        if row is not None:
            await self._visitors.typing(row.account, row.address, row.name)

    # -------------------------------------------------------------------------------------------- helpers

    def _own_contact(self, agent_id: AgentId, contact_id: ContactId, wrapping: bool = False) -> Channel:
        contact = self._dispatcher.engine.contact(contact_id)
        if contact is None:
            raise NotFound("no such live contact")
        states = BESIDE if wrapping else (ContactState.ACTIVE,)
        if contact.agent != agent_id or contact.state not in states:
            raise Conflict("not_yours", "This contact is not (or no longer) with you.")
        return contact.channel

    async def _submit(self, events: Callable[[int], Sequence[Event]]) -> None:
        await self._dispatcher.transact(lambda _connection, now_ms: (None, events(now_ms)))


def _is_softphone(endpoint: str) -> bool:
    return endpoint.endswith(SOFTPHONE_SUFFIX)


def mark_ended(connection: Connection, now_ms: int, contact_id: str) -> None:
    """From this transaction on no message is appended to the contact any more (see `story.live_contact`)."""
    connection.execute(
        update(contacts)
        .where(contacts.c.contact_id == contact_id, contacts.c.ended_at_ms.is_(None))
        .values(ended_at_ms=now_ms)
    )


def _check_text(text: str, channel: Channel, note: bool) -> None:
    if not text.strip():
        raise Conflict("empty", "There is nothing to send.")
    limit = NOTE_MAX_CHARS if note else CHAT_REPLY_MAX_CHARS if channel == Channel.CHAT else REPLY_MAX_CHARS
    if len(text) > limit:
        raise Conflict("too_long", f"The text has {len(text)} characters; at most {limit} are possible.")
    if channel == Channel.VOICE and not note:
        raise Conflict("no_reply_on_call", "On a call only internal notes can be written.")


def _write(
    connection: Connection,
    now_ms: int,
    agent_id: str,
    contact_id: str,
    client_id: str,
    text: str,
    note: bool,
) -> tuple[str, str, str]:
    """Append the line and, for mail and SMS, put it into the outbox: account, interaction_id, message_id."""
    row = connection.execute(
        select(contacts.c.contact_id, interactions)
        .join(interactions, interactions.c.interaction_id == contacts.c.interaction_id)
        .where(contacts.c.contact_id == contact_id)
    ).one()
    twin = story.by_client_id(connection, row.interaction_id, client_id)
    if twin is not None:
        return row.account, row.interaction_id, twin.message_id
    name = connection.execute(select(agents.c.name).where(agents.c.agent_id == agent_id)).scalar() or ""
    text = text.replace("\x00", "").encode("utf-8", "replace").decode()
    sent = not note and row.channel in (Kind.EMAIL, Kind.SMS)
    message_ref = f"<{story.new_id('r')}@{_domain(row.our_address)}>" if row.channel == Kind.EMAIL else None
    line = story.Line(
        author="note" if note else "agent",
        author_name=name,
        channel=row.channel,
        text=text,
        subject="" if note else row.subject,
        client_id=client_id,
        provider_message_id=message_ref if sent else None,
        delivery="queued" if sent else "",
    )
    message_id, _ = story.append(connection, now_ms, row.interaction_id, contact_id, line)
    if sent:
        outbound = _outbound(connection, row, message_id, message_ref or "", text, name)
        outbox_rows.enqueue(connection, now_ms, row.account, message_id, outbound)
    return row.account, row.interaction_id, message_id


def _outbound(
    connection: Connection, row: Row[Any], message_id: str, ref: str, text: str, name: str
) -> Outbound:
    earlier = connection.execute(
        select(messages.c.provider_message_id)
        .where(
            messages.c.interaction_id == row.interaction_id,
            messages.c.provider_message_id.is_not(None),
            messages.c.message_id != message_id,
        )
        .order_by(messages.c.seq)
    ).scalars()
    references = tuple(reference for reference in earlier if reference)
    subject = row.subject if row.subject.lower().startswith("re:") else f"Re: {row.subject}"
    return Outbound(
        key=message_id,
        kind=Kind(row.channel),
        interaction_id=row.interaction_id,
        sender=row.our_address,
        recipient=row.address,
        text=text,
        agent_name=name,
        subject=subject if row.channel == Kind.EMAIL else "",
        message_id=ref,
        thread_token=row.interaction_id,
        in_reply_to=references[-1] if references else "",
        references=references[-story.REFERENCES_TRIED_MAX :],
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2] or "rapport.invalid"


def _record_wrap_up(connection: Connection, contact_id: str, disposition: str, note: str) -> None:
    connection.execute(
        update(contacts).where(contacts.c.contact_id == contact_id).values(disposition=disposition, note=note)
    )
    owner = select(contacts.c.interaction_id).where(contacts.c.contact_id == contact_id).scalar_subquery()
    connection.execute(
        update(interactions).where(interactions.c.interaction_id == owner).values(disposition=disposition)
    )


def _chat_of(connection: Connection, contact_id: str, agent_id: str) -> Row[str, str, str] | None:
    return connection.execute(
        select(interactions.c.account, interactions.c.address, agents.c.name)
        .join(contacts, contacts.c.interaction_id == interactions.c.interaction_id)
        .join(customers, customers.c.customer_id == interactions.c.customer_id)
        .where(contacts.c.contact_id == contact_id, agents.c.agent_id == agent_id)
    ).first()

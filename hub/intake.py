"""Intake: a message from outside becomes a line of a story and, where needed, a contact in line.

Everything happens in one transaction: deduplication, customer, story, message, contact and journal event.
So a crash leaves all of it or nothing, and the sender is only acknowledged afterwards.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from channels.base import TEXT_MAX_CHARS, Admission, Inbound, Kind, Refused
from hub import arrival, customers, inbox, story
from hub.dispatcher import Dispatcher
from hub.executor import Executor
from hub.rulebook import Rulebook
from hub.store.tables import interactions, opt_outs
from routing.events import Event

SMS_STORY_MS = 72 * 3_600_000
"""An SMS within this span of the last message continues the same story."""
CHAT_STORY_MS = 24 * 3_600_000
WAITING_MAX = 20_000
"""Contacts alive at once; beyond it new chats are refused and the visitor is told to try later.
Mail and texts wait by nature and are always taken."""

_ADDRESS_KINDS: dict[Kind, customers.AddressKind] = {
    Kind.EMAIL: "email",
    Kind.SMS: "phone",
    Kind.CHAT: "visitor",
}


class Intake:
    """One for all message accounts."""

    def __init__(self, dispatcher: Dispatcher, executor: Executor, rulebook: Rulebook) -> None:
        self._dispatcher = dispatcher
        self._executor = executor
        self._rulebook = rulebook

    async def admit(self, account: str, inbound: Inbound) -> Admission:
        """Admit one message of `account`. Durable when it returns; raises Refused."""
        if len(inbound.text) > TEXT_MAX_CHARS:
            raise Refused("too_long", f"The text is longer than {TEXT_MAX_CHARS} characters.")
        admission = await self._dispatcher.transact(
            lambda connection, now_ms: self._admit(connection, now_ms, account, inbound)
        )
        if not admission.duplicate:
            self._executor.message_changed(admission.interaction_id, admission.message_id)
        return admission

    def _admit(
        self, connection: Connection, now_ms: int, account: str, inbound: Inbound
    ) -> tuple[Admission, Sequence[Event]]:
        if inbound.raw is not None:
            inbox.store(connection, account, inbound.raw)
        known = inbox.find(connection, account, inbound.provider_id)
        if known is not None and known.state == "admitted":
            return _admission(connection, known.interaction_id, known.message_id, known.seq, True), []
        consent_changed = _record_consent(connection, now_ms, account, inbound)
        thread = _thread(connection, now_ms, account, inbound)
        if inbound.client_id and thread is not None:
            twin = story.by_client_id(connection, thread.interaction_id, inbound.client_id)
            if twin is not None:
                return _admission(connection, thread.interaction_id, twin.message_id, twin.seq, True), []
        interaction_id = (
            self._begin(connection, now_ms, account, inbound) if thread is None else thread.interaction_id
        )
        wakes = not inbound.automatic and not consent_changed
        contact_id, events = self._contact(connection, now_ms, interaction_id, inbound, wakes)
        line = _line(connection, interaction_id, inbound)
        message_id, seq = story.append(connection, now_ms, interaction_id, contact_id, line)
        where = (interaction_id, message_id, seq)
        inbox.admitted(connection, account, inbound.provider_id, inbound.received_at_ms, where)
        return _admission(connection, interaction_id, message_id, seq), events

    def _begin(self, connection: Connection, now_ms: int, account: str, inbound: Inbound) -> str:
        kind = _ADDRESS_KINDS[inbound.kind]
        # A claimed identity gets no foreign history: it is a stranger of its own.
        address = inbound.sender if inbound.verified else ""
        customer_id = customers.identify(
            connection, kind, address, now_ms, name=inbound.sender_name, language=inbound.language
        )
        return story.open_interaction(
            connection,
            now_ms,
            customer_id=customer_id,
            channel=str(inbound.kind),
            account=account,
            address=inbound.sender,
            our_address=inbound.recipient,
            subject=inbound.subject[:500],
            language=inbound.language,
            answers=dict(inbound.answers),
            state="closed" if inbound.automatic else "open",
        )

    def _contact(
        self, connection: Connection, now_ms: int, interaction_id: str, inbound: Inbound, wakes: bool
    ) -> tuple[str, Sequence[Event]]:
        """The live contact that takes the message, or a new one in line if the message may wake anybody."""
        live = story.live_contact(connection, interaction_id)
        if live is not None:
            return live.contact_id, []
        if not wakes:
            return "", []
        if inbound.kind == Kind.CHAT and self._dispatcher.live_contacts >= WAITING_MAX:
            raise Refused("busy", "Too many customers are waiting at the moment. Please try again later.")
        connection.execute(
            update(interactions)
            .where(interactions.c.interaction_id == interaction_id)
            .values(state="open", closed_at_ms=None)
        )
        contact_id = story.new_id("c")
        event = arrival.route(connection, now_ms, self._rulebook, interaction_id, contact_id)
        return contact_id, [event]


def _admission(
    connection: Connection, interaction_id: str, message_id: str, seq: int, duplicate: bool = False
) -> Admission:
    seen = story.seen_by_customer(connection, interaction_id, seq)
    return Admission(interaction_id, message_id, seen, duplicate)


def _thread(connection: Connection, now_ms: int, account: str, inbound: Inbound) -> Row[Any] | None:
    """The story that the message continues, if any."""
    match inbound.kind:
        case Kind.EMAIL:
            if inbound.thread_token:
                named = story.interaction(connection, inbound.thread_token)
                if named is not None and named.account == account:
                    return named
            named = story.by_references(connection, account, inbound.references)
            # Knowing a Message-ID proves nothing: only the address that the story is with may continue it.
            return named if named is not None and named.address == inbound.sender else None
        case Kind.SMS | Kind.CHAT:
            latest = story.latest_of_address(connection, account, inbound.sender)
            span_ms = SMS_STORY_MS if inbound.kind == Kind.SMS else CHAT_STORY_MS
            if latest is None or now_ms - latest.changed_at_ms > span_ms:
                return None
            if inbound.kind == Kind.CHAT and latest.state == "closed":
                twin = inbound.client_id and story.by_client_id(
                    connection, latest.interaction_id, inbound.client_id
                )
                return latest if twin else None
            return latest


def _line(connection: Connection, interaction_id: str, inbound: Inbound) -> story.Line:
    row = story.interaction(connection, interaction_id)
    assert row is not None
    name = inbound.sender_name or customers.name_of(connection, row.customer_id) or inbound.sender
    if row.address != inbound.sender:
        # Somebody else answered with the customer's reply address (a forwarded mail): show who.
        name = inbound.sender
    return story.Line(
        author="customer",
        author_name=name,
        channel=str(inbound.kind),
        text=inbound.text,
        new_text=inbound.new_text,
        html=inbound.html,
        subject=inbound.subject,
        client_id=inbound.client_id or None,
        provider_message_id=inbound.message_id or None,
        attachments=inbound.attachments,
    )


def _record_consent(connection: Connection, now_ms: int, account: str, inbound: Inbound) -> bool:
    """Note that a customer opted out or in again; False when nothing changed by this message.

    A "start" from somebody who never stopped is an ordinary message; every "stop" counts.
    """
    where = (opt_outs.c.account == account, opt_outs.c.address == inbound.sender)
    stopped = connection.execute(select(opt_outs.c.address).where(*where)).first() is not None
    match inbound.consent:
        case "stop":
            if not stopped:
                row = {"account": account, "address": inbound.sender, "at_ms": now_ms}
                connection.execute(insert(opt_outs), row)
            return True
        case "start" if stopped:
            connection.execute(delete(opt_outs).where(*where))
            return True
        case _:
            return False

"""The answer to "why?" about one contact: why it waits, or, when it does not, every decision about it.

What the engine knows is taken on the event loop (`Waits.of`), the rest is read on a reader thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy import Connection, select

from hub import wire
from hub.console import views
from hub.console.why import names, wait
from hub.dispatcher import Dispatcher
from hub.store.tables import contacts, customers
from routing.commands import WaitTrace
from routing.engine import Engine
from routing.types import ContactId
from routing.views import ContactView


@dataclass(frozen=True, slots=True)
class Waits:
    """A waiting contact as the engine sees it at `now_ms`."""

    now_ms: int
    contact: ContactView
    trace: WaitTrace
    queues: Mapping[str, str]

    @classmethod
    def of(cls, engine: Engine, contact_id: str, now_ms: int) -> "Waits | None":
        """None when the contact is not in line."""
        contact, trace = engine.contact(ContactId(contact_id)), engine.why(ContactId(contact_id))
        if contact is None or trace is None:
            return None
        # The engine's time is that of its last event: the wait has gone on since.
        trace = replace(trace, waited_ms=max(now_ms - contact.enqueued_at_ms, trace.waited_ms))
        return cls(now_ms, contact, trace, views.queue_names(engine))

    def view(self, connection: Connection) -> wire.WaitingWhy:
        """The explanation with its names."""
        trace, contact = self.trace, self.contact
        called = names.read(connection, wait.agents_in(trace), [trace.rule_set], self.queues)
        customer = connection.execute(
            select(customers.c.name)
            .join(contacts, contacts.c.customer_id == customers.c.customer_id)
            .where(contacts.c.contact_id == trace.contact)
        ).scalar()
        return wire.WaitingWhy(
            contact_id=trace.contact,
            at_ms=self.now_ms,
            queue_id=trace.queue,
            queue_name=called.queue(trace.queue, trace.rule_set),
            channel=contact.channel.value,
            state=contact.state.value,
            customer_name=customer or "",
            enqueued_at_ms=contact.enqueued_at_ms,
            position=trace.ahead + 1,
            waiting=max(trace.waiting, trace.ahead + 1),
            expected=wait.foreseen(trace.expected),
            why=wait.explain(trace, called, self.now_ms),
        )


async def answer(
    dispatcher: Dispatcher, contact_id: str, now_ms: int
) -> wire.WaitingWhy | wire.Decisions | None:
    """Why it waits, or every decision about it, oldest first; None for a contact that never was."""
    waits = Waits.of(dispatcher.engine, contact_id, now_ms)
    queues = views.queue_names(dispatcher.engine)

    def read(connection: Connection) -> wire.WaitingWhy | wire.Decisions | None:
        if waits is not None:
            return waits.view(connection)
        known = connection.execute(
            select(contacts.c.contact_id).where(contacts.c.contact_id == contact_id)
        ).first()
        if known is None:
            return None
        return wire.Decisions(contact_id, views.decision_views(connection, contact_id, queues))

    return await dispatcher.store.read(read)

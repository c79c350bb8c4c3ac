"""What an agent may see: own contacts, own conversations, and the stories of customers being served.

A supervisor sees everything. Every function runs inside a read transaction and raises a problem: 404 for what
does not exist, 403 for what is not the caller's.
"""

from typing import Any

from sqlalchemy import Connection, select

from hub.api.problems import forbidden, not_found
from hub.auth import Identity
from hub.console.stream import SHOWN_STATES
from hub.store.tables import contacts, customers, interactions

LIVE = ("offered", *SHOWN_STATES)


def contact(connection: Connection, who: Identity, contact_id: str) -> Any:
    """The contact's row if `who` may see it."""
    row = connection.execute(select(contacts).where(contacts.c.contact_id == contact_id)).first()
    if row is None:
        raise not_found("contact")
    if row.agent_id != who.agent_id and not who.has("supervisor"):
        raise forbidden("This contact is not yours.")
    return row


def interaction(connection: Connection, who: Identity, interaction_id: str) -> Any:
    """The interaction's row if `who` serves its customer now or served this very interaction."""
    row = connection.execute(
        select(interactions).where(interactions.c.interaction_id == interaction_id)
    ).first()
    if row is None:
        raise not_found("interaction")
    if not who.has("supervisor"):
        served = connection.execute(
            select(contacts.c.contact_id)
            .where(contacts.c.interaction_id == interaction_id, contacts.c.agent_id == who.agent_id)
            .limit(1)
        ).first()
        if served is None and not _serves(connection, who, row.customer_id):
            raise forbidden("This conversation is not yours.")
    return row


def customer(connection: Connection, who: Identity, customer_id: str) -> None:
    """Check that `who` serves the customer right now."""
    known = connection.execute(
        select(customers.c.customer_id).where(customers.c.customer_id == customer_id)
    ).first()
    if known is None:
        raise not_found("customer")
    if not who.has("supervisor") and not _serves(connection, who, customer_id):
        raise forbidden("You are not serving this customer.")


def _serves(connection: Connection, who: Identity, customer_id: str) -> bool:
    live = connection.execute(
        select(contacts.c.contact_id)
        .where(
            contacts.c.customer_id == customer_id,
            contacts.c.agent_id == who.agent_id,
            contacts.c.state.in_(LIVE),
        )
        .limit(1)
    ).first()
    return live is not None

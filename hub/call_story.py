"""A call's story as rows: opened when it comes in, told who calls, closed when nobody else will close it.

The story's id is the call id, and so is the contact's. No routing here; `voice_host` starts these.
"""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from hub import customers, story
from hub.store.tables import contacts, interactions
from hub.store.tables import customers as customers_table
from routing.types import Channel

ACCOUNT = "voice"


def open_call(
    connection: Connection, now_ms: int, call_id: str, ani: str, dialled: str, country: str
) -> None:
    """Begin the story, once. `country` is how a number without a country code is read."""
    if story.interaction(connection, call_id) is not None:
        return
    customer_id = customers.identify(connection, "phone", ani, now_ms, region=country)
    story.open_interaction(
        connection,
        now_ms,
        interaction_id=call_id,
        customer_id=customer_id,
        channel=str(Channel.VOICE),
        account=ACCOUNT,
        address=ani,
        our_address=dialled,
    )


def known_caller(connection: Connection, call_id: str) -> dict[str, str]:
    """What the menu may know of a caller whom the number gave away; empty for a stranger."""
    found = connection.execute(
        select(customers_table.c.name)
        .join(interactions, interactions.c.customer_id == customers_table.c.customer_id)
        .where(interactions.c.interaction_id == call_id, customers_table.c.known)
    ).first()
    return {} if found is None else {"found": "1", "name": found.name}


def identify_caller(connection: Connection, call_id: str, number: str) -> dict[str, str]:
    """The caller typed a customer number: if it is right, the story is that customer's."""
    customer_id = customers.by_number(connection, number)
    if customer_id is None:
        return {}
    connection.execute(
        update(interactions).where(interactions.c.interaction_id == call_id).values(customer_id=customer_id)
    )
    return {"found": "1", "name": customers.name_of(connection, customer_id)}


def left_menu(connection: Connection, now_ms: int, call_id: str, served: bool) -> None:
    """The caller hung up before being queued: served by the menu, or not."""
    connection.execute(
        update(interactions)
        .where(interactions.c.interaction_id == call_id, interactions.c.state == "open")
        .values(_over(now_ms, "self_service" if served else "abandoned_in_ivr"))
    )


def close_unseen(connection: Connection, now_ms: int, alive: Collection[str]) -> None:
    """Close the stories of callers who left the menu while nobody watched."""
    routed = select(contacts.c.contact_id).where(contacts.c.interaction_id == interactions.c.interaction_id)
    unrouted = connection.execute(
        select(interactions.c.interaction_id).where(
            interactions.c.channel == str(Channel.VOICE),
            interactions.c.account == ACCOUNT,
            interactions.c.state == "open",
            ~routed.exists(),
        )
    ).scalars()
    for call_id in set(unrouted) - set(alive):
        left_menu(connection, now_ms, call_id, served=False)


def label(connection: Connection, call_id: str) -> str:
    """What the agent's phone should show: the caller's name, else the number."""
    row = story.interaction(connection, call_id)
    return "" if row is None else customers.name_of(connection, row.customer_id) or row.address


def _over(now_ms: int, disposition: str) -> dict[str, object]:
    return {
        "state": "closed",
        "closed_at_ms": now_ms,
        "changed_at_ms": now_ms,
        "disposition": disposition,
    }

"""Signs a customer of the demo in to the chat, as a shop would do for its logged-in customers."""

import base64
import hashlib

from sqlalchemy import Connection, insert, select

from channels.webchat import tokens
from hub.clock import Clock
from hub.store.database import Store
from hub.store.tables import addresses, customers


def visitor_id_of(customer_id: str) -> str:
    """The one visitor that this customer is on every device."""
    digest = hashlib.sha256(f"demo visitor {customer_id}".encode()).digest()
    return "v" + base64.urlsafe_b64encode(digest).decode()[:22]


async def sign_in(store: Store, clock: Clock, account: str, secret: bytes, customer_id: str) -> str | None:
    """A visitor token that the hub recognises as this customer; None when there is no such customer."""
    visitor_id = visitor_id_of(customer_id)

    def write(connection: Connection) -> bool:
        known = connection.execute(
            select(customers.c.customer_id).where(customers.c.customer_id == customer_id)
        ).first()
        if known is None:
            return False
        row = {"kind": "visitor", "address": visitor_id, "customer_id": customer_id}
        linked = select(addresses).where(addresses.c.kind == "visitor", addresses.c.address == visitor_id)
        if connection.execute(linked).first() is None:
            connection.execute(insert(addresses), row)
        return True

    if not await store.write(write):
        return None
    token, _ = tokens.issue(secret, account, visitor_id, clock.now_ms())
    return token

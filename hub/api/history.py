"""What happened before: conversations, customers, attachments."""

from urllib.parse import quote

from aiohttp import web
from sqlalchemy import Connection, select

from hub import customers, wire
from hub.api import access
from hub.api.layer import Call, Endpoints
from hub.api.problems import not_found
from hub.console import views
from hub.store.tables import attachments, contacts, messages

endpoints = Endpoints()

TIMELINE_PAGE = 50
_FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@endpoints.get("/api/interactions/{interaction_id}/messages", wire.Messages, query=("after",))
async def read_messages(call: Call[None]) -> wire.Messages:
    """The conversation after a sequence number, oldest first, a page at a time."""
    interaction_id, after = call.path("interaction_id"), call.number("after", 0) or 0

    def read(connection: Connection) -> wire.Messages:
        access.interaction(connection, call.me, interaction_id)
        return views.conversation(connection, interaction_id, after)

    return await call.services.dispatcher.store.read(read)


@endpoints.get("/api/customers/{customer_id}", wire.CustomerCard)
async def read_customer(call: Call[None]) -> wire.CustomerCard:
    """Who it is, what the customer is worth and why, what happened before."""
    customer_id, now_ms = call.path("customer_id"), call.services.clock.now_ms()

    def read(connection: Connection) -> wire.CustomerCard:
        access.customer(connection, call.me, customer_id)
        head_start_ms = connection.execute(
            select(contacts.c.head_start_ms)
            .where(contacts.c.customer_id == customer_id)
            .order_by(contacts.c.arrived_at_ms.desc())
            .limit(1)
        ).scalar()
        return customers.card(connection, customer_id, now_ms, head_start_ms=head_start_ms or 0)

    return await call.services.dispatcher.store.read(read)


@endpoints.get("/api/customers/{customer_id}/timeline", wire.Timeline, query=("before_at_ms",))
async def read_timeline(call: Call[None]) -> wire.Timeline:
    """The customer's interactions over all channels, newest first."""
    customer_id, before_at_ms = call.path("customer_id"), call.number("before_at_ms")

    def read(connection: Connection) -> wire.Timeline:
        access.customer(connection, call.me, customer_id)
        return wire.Timeline(customers.timeline(connection, customer_id, TIMELINE_PAGE, before_at_ms))

    return await call.services.dispatcher.store.read(read)


@endpoints.get("/api/attachments/{attachment_id}", web.Response)
async def read_attachment(call: Call[None]) -> web.Response:
    """A file that came with a message, always as a download."""
    attachment_id = call.path("attachment_id")

    def read(connection: Connection) -> tuple[str, bytes]:
        row = connection.execute(
            select(attachments, messages.c.interaction_id)
            .join(messages, messages.c.message_id == attachments.c.message_id)
            .where(attachments.c.attachment_id == attachment_id)
        ).first()
        if row is None:
            raise not_found("attachment")
        access.interaction(connection, call.me, row.interaction_id)
        return row.filename, row.content

    filename, content = await call.services.dispatcher.store.read(read)
    return download(filename, content, "application/octet-stream")


def download(filename: str, content: bytes, content_type: str) -> web.Response:
    """An answer that browsers save and never show or run, whatever is in it."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in filename) or "file"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
    headers = {**_FILE_HEADERS, "Content-Disposition": disposition}
    return web.Response(body=content, content_type=content_type, headers=headers)

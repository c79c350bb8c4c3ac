"""What only supervisors see: the board, and mail and messages that nobody could read."""

from aiohttp import web
from sqlalchemy import Connection, func, select

from hub import wire
from hub.api.history import download
from hub.api.layer import SUPERVISORS, Call, Endpoints
from hub.api.problems import not_found
from hub.store.tables import inbound

endpoints = Endpoints()

QUARANTINE_PAGE = 200


@endpoints.get("/api/board", wire.Board, roles=SUPERVISORS)
async def read_board(call: Call[None]) -> wire.Board:
    """Live queues and agents as they are now."""
    return await call.services.consoles.board.read()


@endpoints.get("/api/quarantine", wire.Quarantine, roles=SUPERVISORS)
async def read_quarantine(call: Call[None]) -> wire.Quarantine:
    """What came in and could not be read, newest first."""

    def read(connection: Connection) -> wire.Quarantine:
        size = func.coalesce(func.length(inbound.c.raw), 0).label("size_bytes")
        columns = (inbound.c.account, inbound.c.provider_id, inbound.c.received_at_ms, inbound.c.reason)
        rows = connection.execute(
            select(*columns, size)
            .where(inbound.c.state == "quarantined")
            .order_by(inbound.c.received_at_ms.desc())
            .limit(QUARANTINE_PAGE)
        )
        return wire.Quarantine([wire.QuarantineRow(**row) for row in rows.mappings()])

    return await call.services.dispatcher.store.read(read)


@endpoints.get("/api/quarantine/{account}/{provider_id:.+}/raw", web.Response, roles=SUPERVISORS)
async def read_quarantined(call: Call[None]) -> web.Response:
    """The bytes as they came, as a plain text download."""
    account, provider_id = call.path("account"), call.path("provider_id")

    def read(connection: Connection) -> bytes | None:
        return connection.execute(
            select(func.coalesce(inbound.c.raw, b"")).where(
                inbound.c.account == account,
                inbound.c.provider_id == provider_id,
                inbound.c.state == "quarantined",
            )
        ).scalar()

    raw = await call.services.dispatcher.store.read(read)
    if raw is None:
        raise not_found("quarantined item")
    return download(f"{account}-{provider_id}.txt", bytes(raw), "text/plain")

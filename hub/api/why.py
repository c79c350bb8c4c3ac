"""Why a contact waits, for supervisors; why an agent got one is told by `work.read_decisions`."""

from sqlalchemy import Connection

from hub import wire
from hub.api import access
from hub.api.layer import SUPERVISORS, Call, Endpoints
from hub.api.problems import ProblemError
from hub.console.why.answers import Waits

endpoints = Endpoints()


@endpoints.get("/api/contacts/{contact_id}/why", wire.WaitingWhy, roles=SUPERVISORS)
async def read_why(call: Call[None]) -> wire.WaitingWhy:
    """Why a contact still waits and what would have to change; 409 `not_waiting` when it does not."""
    contact_id = call.path("contact_id")
    dispatcher = call.services.dispatcher
    waits = Waits.of(dispatcher.engine, contact_id, call.services.clock.now_ms())

    def read(connection: Connection) -> wire.WaitingWhy:
        row = access.contact(connection, call.me, contact_id)
        if waits is None:
            state = row.state.replace("_", " ")
            raise ProblemError(409, "not_waiting", f"This contact does not wait: it is {state}.")
        return waits.view(connection)

    return await dispatcher.store.read(read)

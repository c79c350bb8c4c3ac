"""What an agent does: presence, offers, contacts. Each is one call of `hub.desk`."""

from typing import Any

from sqlalchemy import Connection

from hub import wire
from hub.api import access
from hub.api.layer import Call, Endpoints, NoBody
from hub.api.problems import not_found
from hub.console import views
from hub.console.views import Facts
from routing.types import AgentId, ContactId, OfferId, Presence

endpoints = Endpoints()


@endpoints.post("/api/presence", wire.PresenceRequest, wire.Ok)
async def set_presence(call: Call[wire.PresenceRequest]) -> wire.Ok:
    """Say whether you take work, and if not, why."""
    body = call.body
    await call.services.desk.set_presence(
        _agent(call), Presence(body.presence), body.code, after_work=body.after_work
    )
    return wire.Ok()


@endpoints.post("/api/offers/{offer_id}/accept", NoBody, wire.Ok)
async def accept_offer(call: Call[None]) -> wire.Ok:
    """Accept an offer."""
    await call.services.desk.accept(_agent(call), OfferId(call.path("offer_id")))
    return wire.Ok()


@endpoints.post("/api/offers/{offer_id}/reject", wire.RejectRequest, wire.Ok)
async def reject_offer(call: Call[wire.RejectRequest]) -> wire.Ok:
    """Reject an offer; the next agent is asked."""
    await call.services.desk.reject(_agent(call), OfferId(call.path("offer_id")), call.body.reason)
    return wire.Ok()


@endpoints.get("/api/contacts/{contact_id}", wire.ContactView)
async def read_contact(call: Call[None]) -> wire.ContactView:
    """A contact as its agent's console shows it."""
    contact_id = call.path("contact_id")
    dispatcher = call.services.dispatcher
    facts = Facts.of(dispatcher.engine, call.services.clock.now_ms(), ())

    def read(connection: Connection) -> wire.ContactView | None:
        access.contact(connection, call.me, contact_id)
        found = views.contact_views(connection, [contact_id], facts).get(contact_id)
        return None if found is None else found.view

    view = await dispatcher.store.read(read)
    if view is None:
        raise not_found("contact")
    return view


@endpoints.post("/api/contacts/{contact_id}/messages", wire.SendRequest, wire.Sent)
async def send_message(call: Call[wire.SendRequest]) -> wire.Sent:
    """Write a reply to the customer, or an internal note."""
    body = call.body
    message_id = await call.services.desk.send(
        _agent(call), _contact(call), body.client_id, body.text, body.note
    )
    return wire.Sent(message_id)


@endpoints.post("/api/contacts/{contact_id}/end", NoBody, wire.Ok)
async def end_contact(call: Call[None]) -> wire.Ok:
    """Hang up, end the chat, or finish the mail; wrap-up follows."""
    await call.services.desk.end(_agent(call), _contact(call))
    return wire.Ok()


@endpoints.post("/api/contacts/{contact_id}/hold", NoBody, wire.Ok)
async def hold_contact(call: Call[None]) -> wire.Ok:
    """Put the caller on hold."""
    await call.services.desk.hold(_agent(call), _contact(call), True)
    return wire.Ok()


@endpoints.post("/api/contacts/{contact_id}/unhold", NoBody, wire.Ok)
async def unhold_contact(call: Call[None]) -> wire.Ok:
    """Take the caller back from hold."""
    await call.services.desk.hold(_agent(call), _contact(call), False)
    return wire.Ok()


@endpoints.post("/api/contacts/{contact_id}/wrap-up", wire.WrapUpRequest, wire.Ok)
async def wrap_up_contact(call: Call[wire.WrapUpRequest]) -> wire.Ok:
    """Finish wrap-up with a disposition."""
    body = call.body
    await call.services.desk.wrap_up(_agent(call), _contact(call), body.disposition, body.note)
    return wire.Ok()


@endpoints.post("/api/contacts/{contact_id}/read", wire.ReadRequest, wire.Ok)
async def mark_read(call: Call[wire.ReadRequest]) -> wire.Ok:
    """Say how far you have read."""
    await call.services.desk.mark_read(_agent(call), _contact(call), call.body.seq)
    return wire.Ok()


@endpoints.get("/api/contacts/{contact_id}/decisions", wire.Decisions)
async def read_decisions(call: Call[None]) -> wire.Decisions:
    """Why this agent: every decision about the contact, in sentences and in full."""
    contact_id = call.path("contact_id")
    queues = views.queue_names(call.services.dispatcher.engine)

    def read(connection: Connection) -> wire.Decisions:
        access.contact(connection, call.me, contact_id)
        return wire.Decisions(contact_id, views.decision_views(connection, contact_id, queues))

    return await call.services.dispatcher.store.read(read)


def _agent(call: Call[Any]) -> AgentId:
    return AgentId(call.me.agent_id)


def _contact(call: Call[Any]) -> ContactId:
    return ContactId(call.path("contact_id"))

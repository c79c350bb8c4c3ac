"""Wire views from rows and from what the engine knows; nothing here decides or writes.

Row readers take a `Connection` and run on a reader thread; what comes from the engine must be copied on the
event loop first (`Facts`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from hub import customers, wire
from hub.console.why import decision, names
from hub.store.tables import attachments, contacts, decisions, interactions, messages
from routing.commands import DecisionTrace
from routing.engine import Engine
from routing.limits import default_weight
from routing.types import AgentId, Channel, ContactState, OfferId, OfferState, Presence
from routing.views import AgentView
from routing.views import OfferView as EngineOffer

LAST_TEXT_CHARS_MAX = 160
MESSAGES_PAGE_MAX = 200
_CAUSES = {Presence.RONA: "An offer was not answered in time."}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reader thread needs from the engine, copied on the event loop."""

    now_ms: int
    queue_names: Mapping[str, str]
    offers: Mapping[str, EngineOffer]
    """Live, ringing offers by offer id."""
    skills: Mapping[str, tuple[str, ...]]
    """By contact: the skills that its present step asks for."""

    @classmethod
    def of(cls, engine: Engine, now_ms: int, offer_ids: Collection[OfferId]) -> "Facts":
        queues = {queue.queue: queue for queue in engine.queues()}
        offers: dict[str, EngineOffer] = {}
        skills: dict[str, tuple[str, ...]] = {}
        for offer_id in offer_ids:
            offer = engine.offer(offer_id)
            if offer is None or offer.state is not OfferState.ALERTING:
                continue
            offers[offer_id] = offer
            contact = engine.contact(offer.contact)
            if contact is not None:
                skills[offer.contact] = step_skills(
                    contact.plan.steps, contact.step, queues.get(contact.queue)
                )
        return cls(now_ms, {name: queue.name for name, queue in queues.items()}, offers, skills)


def step_skills(steps: Sequence[Any], step: int, queue: Any) -> tuple[str, ...]:
    """Skills that the present step of a plan asks for; after the last step those of the queue."""
    needs = steps[step].needs if step < len(steps) else ()
    if not needs and queue is not None:
        needs = queue.needs
    return tuple(need.skill for need in needs)


@dataclass(frozen=True, slots=True)
class ContactOf:
    """A contact with the agent that its row names ("" when none)."""

    agent_id: str
    customer_id: str
    view: wire.ContactView


def contact_views(connection: Connection, contact_ids: Collection[str], facts: Facts) -> dict[str, ContactOf]:
    """Views of the contacts that exist, in the order of their arrival."""
    rows = connection.execute(
        select(contacts, *_STORY)
        .join(interactions, interactions.c.interaction_id == contacts.c.interaction_id)
        .where(contacts.c.contact_id.in_(list(contact_ids)))
        .order_by(contacts.c.arrived_at_ms, contacts.c.contact_id)
    ).all()
    return {row.contact_id: _contact(connection, row, facts) for row in rows}


_STORY = (
    interactions.c.subject,
    interactions.c.address,
    interactions.c.answers,
    interactions.c.last_seq,
)


def _contact(connection: Connection, row: Any, facts: Facts) -> ContactOf:
    card = customers.card(
        connection,
        row.customer_id,
        facts.now_ms,
        head_start_ms=row.head_start_ms,
        without_interaction=row.interaction_id,
    )
    unread, last_text = _unread(connection, row.interaction_id, row.read_seq)
    view = wire.ContactView(
        contact_id=row.contact_id,
        interaction_id=row.interaction_id,
        channel=row.channel,
        state=row.state,
        queue_id=row.queue_id,
        queue_name=facts.queue_names.get(row.queue_id, row.queue_id),
        subject=row.subject,
        address=row.address,
        answers={str(name): str(value) for name, value in (row.answers or {}).items()},
        enqueued_at_ms=row.enqueued_at_ms,
        state_since_at_ms=row.state_since_at_ms,
        wrap_up_until_at_ms=row.until_at_ms if row.state == ContactState.WRAP_UP else None,
        held=row.held,
        unread=unread,
        last_seq=row.last_seq,
        last_text=last_text,
        card=card,
    )
    return ContactOf(row.agent_id, row.customer_id, view)


def _unread(connection: Connection, interaction_id: str, read_seq: int) -> tuple[int, str]:
    """(customer's messages after `read_seq`, beginning of the last message that went over the wire)."""
    unread = connection.execute(
        select(func.count())
        .select_from(messages)
        .where(
            messages.c.interaction_id == interaction_id,
            messages.c.seq > read_seq,
            messages.c.author == "customer",
        )
    ).scalar_one()
    last = connection.execute(
        select(messages.c.text)
        .where(messages.c.interaction_id == interaction_id, messages.c.author.in_(("customer", "agent")))
        .order_by(messages.c.seq.desc())
        .limit(1)
    ).scalar()
    return unread, " ".join((last or "")[: 4 * LAST_TEXT_CHARS_MAX].split())[:LAST_TEXT_CHARS_MAX]


# ------------------------------------------------------------------------------------------------ offers


def offer_views(
    connection: Connection, facts: Facts, known: Mapping[str, ContactOf]
) -> dict[str, wire.OfferView]:
    """Views of the offers in `facts` whose contacts are among `known`, by offer id."""
    offers = {offer_id: offer for offer_id, offer in facts.offers.items() if offer.contact in known}
    if not offers:
        return {}
    traces = _traces(connection, offers)
    seconds = [trace.runner_up.agent for trace in traces.values() if trace.runner_up is not None]
    named = names.read(connection, seconds, (), facts.queue_names)
    found: dict[str, wire.OfferView] = {}
    for offer_id, offer in offers.items():
        contact, trace = known[offer.contact], traces.get(offer_id)
        found[offer_id] = wire.OfferView(
            offer_id=offer_id,
            contact=contact.view,
            expires_in_ms=max(0, offer.expires_at_ms - facts.now_ms),
            ring_ms=offer.expires_at_ms - offer.created_at_ms,
            waited_ms=max(0, facts.now_ms - contact.view.enqueued_at_ms),
            skills=list(facts.skills.get(offer.contact, ())),
            why={} if trace is None else decision.headline(trace, named),
        )
    return found


def _traces(connection: Connection, offer_ids: Collection[str]) -> dict[str, DecisionTrace]:
    rows = connection.execute(
        select(decisions.c.offer_id, decisions.c.trace).where(decisions.c.offer_id.in_(list(offer_ids)))
    ).all()
    return {row.offer_id: msgspec.convert(row.trace, DecisionTrace) for row in rows}


def _names(
    connection: Connection, traces: Iterable[DecisionTrace], queues: Mapping[str, str], *agent_ids: str
) -> names.Names:
    """What is called how in these traces."""
    listed = list(traces)
    named = [*agent_ids, *(agent for trace in listed for agent in decision.agents_in(trace))]
    return names.read(connection, named, [trace.rule_set for trace in listed], queues)


def decision_views(
    connection: Connection, contact_id: str, queues: Mapping[str, str]
) -> list[wire.DecisionView]:
    """Every decision about the contact, oldest first. `queues`: name by id, of those in force."""
    rows = connection.execute(
        select(decisions).where(decisions.c.contact_id == contact_id).order_by(decisions.c.seq)
    ).all()
    traces = [msgspec.convert(row.trace, DecisionTrace) for row in rows]
    named = _names(connection, traces, queues, *(row.agent_id for row in rows))
    return [
        wire.DecisionView(
            offer_id=row.offer_id,
            at_ms=row.at_ms,
            agent_id=row.agent_id,
            agent_name=named.agent(row.agent_id),
            outcome=row.outcome,
            why=decision.explain(trace, named),
            trace=row.trace,
        )
        for row, trace in zip(rows, traces, strict=True)
    ]


# ---------------------------------------------------------------------------------------------- messages


def message_views(connection: Connection, rows: Sequence[Any]) -> list[wire.MessageView]:
    """Views of rows of `messages`, with their attachments, in the order given."""
    files: dict[str, list[wire.AttachmentView]] = {}
    columns = [column for column in attachments.c if column.name != "content"]
    for row in connection.execute(
        select(*columns)
        .where(attachments.c.message_id.in_([row.message_id for row in rows]))
        .order_by(attachments.c.attachment_id)
    ):
        files.setdefault(row.message_id, []).append(_attachment(row))
    return [_message(row, files.get(row.message_id, [])) for row in rows]


def _attachment(row: Any) -> wire.AttachmentView:
    return wire.AttachmentView(
        attachment_id=row.attachment_id,
        filename=row.filename,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        url=f"/api/attachments/{row.attachment_id}",
        blocked=row.blocked,
    )


def _message(row: Any, files: list[wire.AttachmentView]) -> wire.MessageView:
    return wire.MessageView(
        message_id=row.message_id,
        interaction_id=row.interaction_id,
        seq=row.seq,
        author=row.author,
        author_name=row.author_name,
        channel=row.channel,
        text=row.text,
        new_text=row.new_text,
        html=row.html,
        subject=row.subject,
        at_ms=row.at_ms,
        delivery=row.delivery,
        delivery_detail=row.delivery_detail,
        attachments=files,
        client_id=row.client_id or "",
    )


def conversation(connection: Connection, interaction_id: str, after_seq: int) -> wire.Messages:
    """The conversation after `after_seq`, at most `MESSAGES_PAGE_MAX` lines, oldest first."""
    rows = connection.execute(
        select(messages)
        .where(messages.c.interaction_id == interaction_id, messages.c.seq > after_seq)
        .order_by(messages.c.seq)
        .limit(MESSAGES_PAGE_MAX)
    ).all()
    last_seq = connection.execute(
        select(interactions.c.last_seq).where(interactions.c.interaction_id == interaction_id)
    ).scalar()
    return wire.Messages(message_views(connection, rows), last_seq or 0)


# ---------------------------------------------------------------------------------------------- presence


def presence_view(engine: Engine, agent_id: str) -> wire.PresenceView:
    """What the engine knows of the agent; an agent that it does not know is offline."""
    agent = engine.agent(AgentId(agent_id))
    if agent is None:
        return wire.PresenceView(agent_id, "offline", "", 0, "", False, False, 0, 0)
    return presence_of(agent)


def presence_of(agent: AgentView) -> wire.PresenceView:
    pending, pending_code = (None, "") if agent.pending is None else agent.pending
    return wire.PresenceView(
        agent_id=agent.agent,
        presence=agent.presence.value,
        code=agent.code,
        since_at_ms=agent.presence_since_ms,
        cause=_CAUSES.get(agent.presence, ""),
        wrap_up=any(held.state is ContactState.WRAP_UP for held in agent.contacts),
        phone_reachable=Channel.VOICE in agent.reachable,
        load_units=load_units(agent),
        capacity_units=agent.capacity.units,
        pending=None if pending is None else pending.value,
        pending_code=pending_code,
    )


def load_units(agent: AgentView) -> int:
    """Capacity units that the agent's contacts take."""
    weights = dict(agent.capacity.weights)
    return sum(
        weights.get(held.channel, default_weight(held.channel, agent.capacity.units))
        for held in agent.contacts
    )


def queue_names(engine: Engine) -> dict[str, str]:
    return {queue.queue: queue.name for queue in engine.queues()}

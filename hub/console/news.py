"""What a publication reads: what concerns agents whose consoles are open. Runs on a reader thread."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from hub import wire
from hub.changes import Changes
from hub.console import views
from hub.console.stream import SHOWN_STATES
from hub.console.views import ContactOf, Facts
from hub.store.tables import contacts, messages


@dataclass(frozen=True, slots=True)
class News:
    """What a publication read from the store."""

    contacts: dict[str, ContactOf] = field(default_factory=dict)
    offers: dict[str, wire.OfferView] = field(default_factory=dict)
    messages: list[tuple[ContactOf, wire.MessageView]] = field(default_factory=list)


def read_state(
    connection: Connection, agent_id: str, facts: Facts
) -> tuple[dict[str, ContactOf], dict[str, wire.OfferView]]:
    mine = connection.execute(
        select(contacts.c.contact_id).where(
            contacts.c.agent_id == agent_id, contacts.c.state.in_(SHOWN_STATES)
        )
    ).scalars()
    offered = {offer.contact for offer in facts.offers.values()}
    known = views.contact_views(connection, {*mine, *offered}, facts)
    return known, views.offer_views(connection, facts, known)


def read_news(
    connection: Connection, changes: Changes, facts: Facts, watched: Collection[str], held: Collection[str]
) -> News:
    offered = {offer.contact for offer in changes.offers if offer.offer in facts.offers}
    stories = {interaction for interaction, _ in changes.messages}
    ids = offered | _concerned(connection, changes, stories, watched, held)
    known = views.contact_views(connection, ids, facts)
    return News(
        known,
        views.offer_views(connection, facts, known),
        _read_messages(connection, changes, known),
    )


def _concerned(
    connection: Connection,
    changes: Changes,
    stories: Collection[str],
    watched: Collection[str],
    held: Collection[str],
) -> set[str]:
    """Contacts that a watched agent has, had or is offered and whose view may have changed.

    That includes other live contacts of the same customers: their cards tell of this one.
    """
    changed = connection.execute(
        select(contacts.c.contact_id, contacts.c.customer_id).where(
            contacts.c.contact_id.in_(list(changes.contacts)) | contacts.c.interaction_id.in_(stories)
        )
    ).all()
    customers = {row.customer_id for row in changed}
    live = connection.execute(
        select(contacts.c.contact_id, contacts.c.agent_id).where(
            contacts.c.customer_id.in_(customers), contacts.c.state.in_(("offered", *SHOWN_STATES))
        )
    ).all()
    concerned = {row.contact_id for row in live if row.agent_id in watched}
    return concerned | {row.contact_id for row in changed if row.contact_id in held}


def _read_messages(
    connection: Connection, changes: Changes, known: dict[str, ContactOf]
) -> list[tuple[ContactOf, wire.MessageView]]:
    by_story: dict[str, list[ContactOf]] = {}
    for contact in known.values():
        by_story.setdefault(contact.view.interaction_id, []).append(contact)
    wanted = [message_id for story, message_id in changes.messages if story in by_story]
    if not wanted:
        return []
    rows: list[Any] = list(
        connection.execute(
            select(messages).where(messages.c.message_id.in_(wanted)).order_by(messages.c.seq)
        ).all()
    )
    return [
        (contact, view)
        for view in views.message_views(connection, rows)
        for contact in by_story[view.interaction_id]
    ]

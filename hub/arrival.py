"""Arrival: a story needs an agent. Value, rules and head start become one `ContactArrived`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from hub import customers
from hub.rulebook import Rulebook
from hub.store.tables import contacts, interactions
from hub.store.tables import customers as customers_table
from routing.events import ContactArrived
from routing.rules.ruleset import head_start_ms
from routing.types import Channel, ContactId


def route(
    connection: Connection,
    now_ms: int,
    rulebook: Rulebook,
    interaction_id: str,
    contact_id: str,
    *,
    enqueued_at_ms: int | None = None,
) -> ContactArrived:
    """Write the contact's row and return the event that puts it in line; both in the caller's transaction."""
    story = connection.execute(
        select(interactions).where(interactions.c.interaction_id == interaction_id)
    ).one()
    customer = connection.execute(
        select(customers_table).where(customers_table.c.customer_id == story.customer_id)
    ).one()
    score = customers.score_of(connection, story.customer_id, now_ms)
    last_agent = story.last_agent_id or _last_agent(connection, story)
    facts = _facts(story, customer, score.tier, score.value, score.loyalty, story.answers)
    routed = rulebook.route(connection, now_ms, contact_id, facts, last_agent)
    routing, rule_set = routed.routing, routed.rule_set.hash
    head_ms = head_start_ms(score.value, routing.head_start_cap_ms)
    since_ms = now_ms if enqueued_at_ms is None else min(enqueued_at_ms, now_ms)
    row = {
        "contact_id": contact_id,
        "interaction_id": interaction_id,
        "customer_id": story.customer_id,
        "channel": story.channel,
        "queue_id": routing.queue,
        "state": "queued",
        "arrived_at_ms": now_ms,
        "enqueued_at_ms": since_ms,
        "state_since_at_ms": now_ms,
        "value": score.value,
        "loyalty": score.loyalty,
        "head_start_ms": head_ms,
        "rule_id": routing.rule,
        "rule_set": rule_set,
    }
    connection.execute(insert(contacts), row)
    return ContactArrived(
        at_ms=now_ms,
        contact=ContactId(contact_id),
        channel=Channel(story.channel),
        queue=routing.queue,
        plan=routing.plan,
        enqueued_at_ms=since_ms,
        head_start_ms=head_ms,
        value=score.value,
        loyalty=score.loyalty,
        rule=routing.rule,
        rule_set=rule_set,
    )


def _last_agent(connection: Connection, story: Any) -> str:
    """Who served this customer last, on any channel."""
    return (
        connection.execute(
            select(interactions.c.last_agent_id)
            .where(interactions.c.customer_id == story.customer_id, interactions.c.last_agent_id != "")
            .order_by(interactions.c.opened_at_ms.desc())
            .limit(1)
        ).scalar()
        or ""
    )


def _facts(
    story: Any, customer: Any, tier: str, value: int, loyalty: int, answers: Mapping[str, str]
) -> dict[str, object]:
    """The facts that rules may ask for; names are those of `routing.rules.schema`."""
    facts: dict[str, object] = {
        "channel": story.channel,
        "dialled": story.our_address or None,
        "address": story.address or None,
        "language": answers.get("language") or story.language or customer.language or None,
        "tier": tier,
        "value": value,
        "loyalty": loyalty,
        "subject": story.subject or None,
        "preferred_agent": customer.preferred_agent_id or None,
    }
    facts.update({f"ivr.{name}": answer for name, answer in answers.items()})
    return facts

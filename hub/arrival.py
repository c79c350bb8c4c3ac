"""Arrival: a story needs an agent. Value, rules, hours and head start become one `ContactArrived`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from hub import customers
from hub.rulebook import Rulebook
from hub.store.tables import agents, cases, contacts, interactions
from hub.store.tables import customers as customers_table
from routing.events import ContactArrived
from routing.rules.ruleset import PREFERRED_AGENT_FACT
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
    routed = rulebook.route(
        connection,
        now_ms,
        contact_id,
        facts,
        last_agent,
        lambda: _case_owner(connection, story.customer_id),
    )
    routing, rule_set = routed.routing, routed.rule_set.hash
    head_ms = routed.rule_set.head_start_ms(score.value, score.loyalty, routing.head_start_cap_ms)
    calendar_state, calendar_reason = routing.calendar
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
        "calendar_state": calendar_state,
        "calendar_reason": calendar_reason,
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
        customer=story.customer_id,
        tier=score.tier,
        calendar=routing.calendar,
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


def _case_owner(connection: Connection, customer_id: str) -> str | None:
    """Who served the story in which the customer's newest open case was opened, if still here."""
    return connection.execute(
        select(interactions.c.last_agent_id)
        .join(cases, cases.c.customer_id == interactions.c.customer_id)
        .join(agents, agents.c.agent_id == interactions.c.last_agent_id)
        .where(
            interactions.c.customer_id == customer_id,
            cases.c.state == "open",
            cases.c.opened_at_ms >= interactions.c.opened_at_ms,
            cases.c.opened_at_ms <= func.coalesce(interactions.c.closed_at_ms, cases.c.opened_at_ms),
            agents.c.active,
        )
        .order_by(cases.c.opened_at_ms.desc(), interactions.c.opened_at_ms.desc())
        .limit(1)
    ).scalar()


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
        PREFERRED_AGENT_FACT: customer.preferred_agent_id or None,
    }
    facts.update({f"ivr.{name}": answer for name, answer in answers.items()})
    return facts

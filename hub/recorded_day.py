"""One day of this hub as the simulator wants it: contacts with their facts, agents, and how offers went.

The journal holds what the engine was told, plans included, but not the facts that a draft must decide about
anew; those come from the hub's tables. Reads only.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from hub import journal
from hub.store.tables import contacts, decisions, interactions, scores
from hub.store.tables import customers as customers_table
from hub.store.tables import journal as journal_table
from routing.events import AgentRemoved, AgentUpserted, Event, PresenceSet, ReachabilitySet
from routing.simulate.recorded import Answering, Met, Recording
from routing.types import AgentId, Channel, ContactId

CONTACTS_MAX = 500_000
_STAFF = (AgentUpserted, AgentRemoved, PresenceSet, ReachabilitySet)
_LEFT = ("abandoned", "turned_away", "voicemail")


class NothingRecorded(Exception):
    """Nobody came on that day, or ever."""


def newest_day(connection: Connection, zone: ZoneInfo) -> date:
    """The day of the last arrival. Raises NothingRecorded."""
    at_ms = connection.execute(select(func.max(contacts.c.arrived_at_ms))).scalar()
    if at_ms is None:
        raise NothingRecorded("no contact has ever come to this hub")
    return datetime.fromtimestamp(at_ms / 1000, zone).date()


def read_day(connection: Connection, day: date, zone: ZoneInfo) -> Recording:
    """Everything that came between two midnights where the company is. Raises NothingRecorded."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    start_ms = round(midnight.timestamp() * 1000)
    end_ms = round(datetime(following.year, following.month, following.day, tzinfo=zone).timestamp() * 1000)
    offset = midnight.utcoffset() or timedelta()
    met = _met(connection, start_ms, end_ms)
    if not met:
        raise NothingRecorded(f"nobody came on {day.isoformat()}")
    return Recording(
        name=day.isoformat(),
        starts_at_ms=start_ms,
        zone_ms=round(offset.total_seconds() * 1000),
        staff=tuple(_staff(connection, start_ms, end_ms)),
        met=tuple(met),
        answering=_answering(connection, start_ms, end_ms),
    )


def _met(connection: Connection, start_ms: int, end_ms: int) -> list[Met]:
    rows = connection.execute(
        select(
            contacts,
            interactions.c.address,
            interactions.c.our_address,
            interactions.c.subject,
            interactions.c.language,
            interactions.c.answers,
            customers_table.c.language.label("customer_language"),
            customers_table.c.preferred_agent_id,
            scores.c.tier,
            scores.c.decayed_margin,
        )
        .join(interactions, interactions.c.interaction_id == contacts.c.interaction_id)
        .join(customers_table, customers_table.c.customer_id == contacts.c.customer_id)
        .outerjoin(scores, scores.c.customer_id == contacts.c.customer_id)
        .where(contacts.c.arrived_at_ms >= start_ms, contacts.c.arrived_at_ms < end_ms)
        .order_by(contacts.c.arrived_at_ms, contacts.c.contact_id)
        .limit(CONTACTS_MAX)
    ).all()
    servers = _servers(connection, end_ms)
    margins = any((row.decayed_margin or 0) > 0 for row in rows)
    return [_one(row, servers.get(row.customer_id), end_ms, margins=margins) for row in rows]


def _one(row: Any, served: list[tuple[int, str]] | None, end_ms: int, *, margins: bool) -> Met:
    """One contact. The worth is the customer's margin where margins are known, else the value."""
    at_ms, connected_at_ms = row.arrived_at_ms, row.connected_at_ms
    left = connected_at_ms is None and row.state in _LEFT
    over_at_ms = row.ended_at_ms or row.closed_at_ms or row.state_since_at_ms
    watched_until_ms = over_at_ms if left else max(end_ms, row.state_since_at_ms)
    talked = connected_at_ms is not None and row.ended_at_ms is not None
    wrapped = talked and row.closed_at_ms is not None
    before = bisect_left(served, (at_ms, "")) if served else 0
    return Met(
        contact=ContactId(row.contact_id),
        at_ms=at_ms,
        channel=Channel(row.channel),
        facts=_facts(row),
        tier=row.tier or "",
        value=row.value,
        loyalty=row.loyalty,
        worth=max(int(row.decayed_margin or 0), 0) if margins else row.value,
        waited_ms=max((watched_until_ms if connected_at_ms is None else connected_at_ms) - at_ms, 0),
        left=left,
        handle_ms=max(row.ended_at_ms - connected_at_ms, 0) if talked else None,
        wrap_up_ms=max(row.closed_at_ms - row.ended_at_ms, 0) if wrapped else None,
        last_agent=AgentId(served[before - 1][1]) if served and before else None,
    )


def _facts(row: Any) -> dict[str, object]:
    """What `hub.arrival` tells the rules of a contact, without what the visit itself says."""
    answers: dict[str, str] = row.answers or {}
    facts: dict[str, object] = {
        "dialled": row.our_address,
        "address": row.address,
        "language": answers.get("language") or row.language or row.customer_language,
        "subject": row.subject,
        "preferred_agent": row.preferred_agent_id,
    }
    facts.update({f"ivr.{name}": answer for name, answer in answers.items()})
    return {name: fact for name, fact in facts.items() if fact}


def _servers(connection: Connection, end_ms: int) -> dict[str, list[tuple[int, str]]]:
    """By customer who served when, oldest first."""
    rows = connection.execute(
        select(contacts.c.customer_id, contacts.c.connected_at_ms, contacts.c.agent_id)
        .where(contacts.c.connected_at_ms < end_ms, contacts.c.agent_id != "")
        .order_by(contacts.c.connected_at_ms)
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for customer, at_ms, agent in rows:
        found.setdefault(customer, []).append((at_ms, agent))
    return found


def _staff(connection: Connection, start_ms: int, end_ms: int) -> Iterator[Event]:
    """Agents as they were at midnight, then what happened to them on the day."""
    kinds = [kind.__name__ for kind in _STAFF]
    rows = connection.execute(
        select(journal_table)
        .where(journal_table.c.kind.in_(kinds), journal_table.c.at_ms < end_ms)
        .order_by(journal_table.c.seq)
    )
    standing: dict[str, dict[type, Event]] = {}
    begun = False
    for row in rows:
        event = journal.decode(row.kind, row.body)
        if not isinstance(event, _STAFF):
            continue
        if row.at_ms >= start_ms:
            if not begun:
                begun = True
                yield from _standing(standing, start_ms)
            yield event
        elif isinstance(event, AgentRemoved):
            standing.pop(event.agent, None)
        else:
            standing.setdefault(event.agent, {})[type(event)] = event
    if not begun:
        yield from _standing(standing, start_ms)


def _standing(known: dict[str, dict[type, Event]], at_ms: int) -> Iterator[Event]:
    for agent in sorted(known):
        for kind in (AgentUpserted, ReachabilitySet, PresenceSet):
            if kind in known[agent] and AgentUpserted in known[agent]:
                yield replace(known[agent][kind], at_ms=at_ms)


def _answering(connection: Connection, start_ms: int, end_ms: int) -> Answering:
    rows = connection.execute(
        select(decisions.c.outcome, decisions.c.at_ms, contacts.c.connected_at_ms)
        .join(contacts, contacts.c.contact_id == decisions.c.contact_id)
        .where(decisions.c.at_ms >= start_ms, decisions.c.at_ms < end_ms)
        .order_by(decisions.c.at_ms, decisions.c.offer_id)
    ).all()
    accepted = [
        row.connected_at_ms - row.at_ms
        for row in rows
        if row.outcome == "accepted" and (row.connected_at_ms or 0) >= row.at_ms
    ]
    outcomes = [row.outcome for row in rows]
    return Answering(tuple(accepted), outcomes.count("rejected"), outcomes.count("timed_out"))

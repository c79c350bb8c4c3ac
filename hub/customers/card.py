"""The screen-pop and the customer's story over all channels. Reads only; translates rows to wire types.

Start with `card`. What an agent should know before the first word fits into six small queries.
"""

from typing import Any, cast

from sqlalchemy import Connection, bindparam, func, select

from hub import wire
from hub.customers.scores import score_view
from hub.store.tables import addresses, agents, cases, contacts, customers, interactions, messages, orders

LAST_INTERACTIONS = 5
TIMELINE_MAX = 100
EXCERPT_CHARS_MAX = 160
OPEN_MATTERS_MAX = 20
ADDRESSES_MAX = 20
UNDELIVERED = ("placed", "packed", "shipped")

_first_words = (
    select(func.substr(messages.c.text, 1, 4 * EXCERPT_CHARS_MAX))
    .where(messages.c.interaction_id == interactions.c.interaction_id, messages.c.author == "customer")
    .order_by(messages.c.seq)
    .limit(1)
    .correlate(interactions)
    .scalar_subquery()
)
_first_note = (
    select(func.substr(messages.c.text, 1, 4 * EXCERPT_CHARS_MAX))
    .where(messages.c.interaction_id == interactions.c.interaction_id, messages.c.author == "note")
    .order_by(messages.c.seq)
    .limit(1)
    .correlate(interactions)
    .scalar_subquery()
)
_wrap_up_note = (
    select(contacts.c.note)
    .where(contacts.c.interaction_id == interactions.c.interaction_id, contacts.c.note != "")
    .order_by(contacts.c.arrived_at_ms.desc())
    .limit(1)
    .correlate(interactions)
    .scalar_subquery()
)
_STORY = (
    select(
        interactions.c.interaction_id,
        interactions.c.channel,
        interactions.c.opened_at_ms,
        interactions.c.subject,
        interactions.c.disposition,
        interactions.c.state,
        func.coalesce(agents.c.name, "").label("agent_name"),
        func.coalesce(_first_words, _wrap_up_note, _first_note, "").label("excerpt"),
    )
    .join_from(interactions, agents, agents.c.agent_id == interactions.c.last_agent_id, isouter=True)
    .where(
        interactions.c.customer_id == bindparam("customer_id"),
        interactions.c.interaction_id != bindparam("without"),
        interactions.c.opened_at_ms < bindparam("before_at_ms"),
    )
    .order_by(interactions.c.opened_at_ms.desc(), interactions.c.interaction_id)
    .limit(bindparam("at_most"))
)
_CUSTOMER = select(customers).where(customers.c.customer_id == bindparam("customer_id"))
_ADDRESSES = (
    select(addresses.c.kind, addresses.c.address)
    .where(addresses.c.customer_id == bindparam("customer_id"))
    .order_by(addresses.c.kind.desc(), addresses.c.address)
    .limit(ADDRESSES_MAX)
)
_OPEN_CASES = (
    select(cases)
    .where(cases.c.customer_id == bindparam("customer_id"), cases.c.state == "open")
    .order_by(cases.c.opened_at_ms.desc())
    .limit(OPEN_MATTERS_MAX)
)
_OPEN_ORDERS = (
    select(orders)
    .where(orders.c.customer_id == bindparam("customer_id"), orders.c.status.in_(UNDELIVERED))
    .order_by(orders.c.placed_at_ms.desc())
    .limit(OPEN_MATTERS_MAX)
)
_ALWAYS_MS = 2**62


def card(
    conn: Connection, customer_id: str, now_ms: int, *, head_start_ms: int, without_interaction: str = ""
) -> wire.CustomerCard:
    """All that pops up with an offer: who it is, score, open matters, last five interactions.

    `head_start_ms`: as fixed at intake. `without_interaction`: the present one, left out of the history.
    Raises LookupError when there is no such customer.
    """
    row = conn.execute(_CUSTOMER, {"customer_id": customer_id}).first()
    if row is None:
        raise LookupError(f"no customer {customer_id!r}")
    return wire.CustomerCard(
        customer_id=customer_id,
        name=row.name,
        known=row.known,
        language=row.language,
        addresses=_addresses(conn, customer_id),
        customer_since_at_ms=row.since_at_ms,
        score=score_view(conn, customer_id, now_ms, head_start_ms),
        open_matters=_open_matters(conn, customer_id, now_ms),
        last_interactions=_story(conn, customer_id, LAST_INTERACTIONS, _ALWAYS_MS, without_interaction),
    )


def timeline(
    conn: Connection, customer_id: str, limit: int, before_at_ms: int | None = None
) -> list[wire.PastInteraction]:
    """The customer's interactions, newest first, at most `limit` (1-100), opened before `before_at_ms`."""
    before_at_ms = _ALWAYS_MS if before_at_ms is None else before_at_ms
    return _story(conn, customer_id, max(1, min(limit, TIMELINE_MAX)), before_at_ms, "")


def _story(
    conn: Connection, customer_id: str, limit: int, before_at_ms: int, without: str
) -> list[wire.PastInteraction]:
    found = conn.execute(
        _STORY,
        {"customer_id": customer_id, "without": without, "before_at_ms": before_at_ms, "at_most": limit},
    )
    return [
        wire.PastInteraction(
            interaction_id=row.interaction_id,
            channel=cast(wire.Channel, row.channel),
            opened_at_ms=row.opened_at_ms,
            subject=row.subject,
            excerpt=_excerpt(row.excerpt),
            disposition=row.disposition,
            agent_name=row.agent_name,
            state="closed" if row.state == "closed" else "open",
        )
        for row in found
    ]


def _excerpt(text: str) -> str:
    """The first words on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARS_MAX else line[: EXCERPT_CHARS_MAX - 1].rstrip() + "…"


def _addresses(conn: Connection, customer_id: str) -> list[wire.AddressView]:
    found = conn.execute(_ADDRESSES, {"customer_id": customer_id})
    return [wire.AddressView(cast(Any, row.kind), row.address) for row in found]


def _open_matters(conn: Connection, customer_id: str, now_ms: int) -> list[wire.OpenMatter]:
    """Complaints first, then late orders, then the rest; within each the newest first."""
    matters = [
        wire.OpenMatter(
            kind="complaint" if row.kind == "complaint" else "case",
            id=row.case_id,
            title=row.title,
            status=row.state,
            opened_at_ms=row.opened_at_ms,
        )
        for row in conn.execute(_OPEN_CASES, {"customer_id": customer_id})
    ]
    for row in conn.execute(_OPEN_ORDERS, {"customer_id": customer_id}):
        late = row.promised_at_ms is not None and row.promised_at_ms < now_ms
        status = "late" if late else row.status
        matters.append(wire.OpenMatter("order", row.order_no, row.product, status, row.placed_at_ms))
    matters.sort(key=lambda one: (one.kind != "complaint", one.status != "late", -one.opened_at_ms))
    return matters[:OPEN_MATTERS_MAX]

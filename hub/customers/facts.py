"""What the database knows that loyalty depends on: tenure, purchases, complaints, ratings. Reads only.

Returns (negative purchases) lower the value, but nobody is more loyal for sending things back: left out here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select

from hub.customers.loyalty import Complaint, Facts, Rating
from hub.store.tables import cases, customers, purchases

PURCHASES_READ_MAX = 1_000
CASES_READ_MAX = 200
"""Newest first, per customer: enough for the rhythm, and a bound for an account that buys by machine."""

_SINCE = select(customers.c.since_at_ms).where(customers.c.customer_id == bindparam("customer_id"))
_BOUGHT = (
    select(purchases.c.at_ms)
    .where(purchases.c.customer_id == bindparam("customer_id"), purchases.c.amount_cents >= 0)
    .order_by(purchases.c.at_ms.desc())
    .limit(PURCHASES_READ_MAX)
)
_CASES = (
    select(cases.c.kind, cases.c.state, cases.c.opened_at_ms, cases.c.closed_at_ms, cases.c.csat)
    .where(cases.c.customer_id == bindparam("customer_id"))
    .order_by(cases.c.opened_at_ms.desc())
    .limit(CASES_READ_MAX)
)


def facts_of(conn: Connection, customer_id: str) -> Facts:
    """The facts about one customer; empty ones when there is no such customer."""
    named = {"customer_id": customer_id}
    return _facts(
        conn.execute(_SINCE, named).scalar(),
        reversed(conn.execute(_BOUGHT, named).scalars().all()),
        conn.execute(_CASES, named),
    )


@dataclass(slots=True)
class _Gathered:
    bought_at_ms: list[int] = field(default_factory=list)
    cases: list[Any] = field(default_factory=list)


def facts_of_all(conn: Connection) -> Iterator[tuple[str, Facts]]:
    """Customers with at least one purchase or case, and their facts, by customer_id."""
    gathered: defaultdict[str, _Gathered] = defaultdict(_Gathered)
    for customer_id, at_ms, amount_cents in conn.execute(
        select(purchases.c.customer_id, purchases.c.at_ms, purchases.c.amount_cents).order_by(
            purchases.c.at_ms
        )
    ):
        found = gathered[customer_id]
        if amount_cents >= 0:
            found.bought_at_ms.append(at_ms)
    for row in conn.execute(
        select(
            cases.c.customer_id,
            cases.c.kind,
            cases.c.state,
            cases.c.opened_at_ms,
            cases.c.closed_at_ms,
            cases.c.csat,
        ).order_by(cases.c.opened_at_ms.desc())
    ):
        gathered[row.customer_id].cases.append(row)
    since = {
        row.customer_id: row.since_at_ms
        for row in conn.execute(select(customers.c.customer_id, customers.c.since_at_ms))
    }
    for customer_id in sorted(gathered):
        found = gathered[customer_id]
        yield (
            customer_id,
            _facts(
                since.get(customer_id),
                found.bought_at_ms[-PURCHASES_READ_MAX:],
                found.cases[:CASES_READ_MAX],
            ),
        )


def _facts(since_at_ms: int | None, bought_at_ms: Iterable[int], case_rows: Iterable[Any]) -> Facts:
    rows = list(case_rows)
    return Facts(
        since_at_ms=since_at_ms,
        bought_at_ms=tuple(bought_at_ms),
        complaints=tuple(
            Complaint(row.opened_at_ms, row.state == "open") for row in rows if row.kind == "complaint"
        ),
        ratings=tuple(
            Rating(row.closed_at_ms or row.opened_at_ms, row.csat) for row in rows if row.csat is not None
        ),
    )

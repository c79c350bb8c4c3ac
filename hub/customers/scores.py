"""Value and loyalty of customers, stored and fresh. Owns the table `scores`, and who may write `purchases`.

`score_of` reads; `record_purchase` and `rescore` keep one customer's row up to date; `recompute` makes all
rows anew (first start, other half-life, another cap). A row holds the running state of the value (two numbers
and their rank key, which does not age) and the score as it stood at `computed_at_ms`. A score older than
`FRESH_MS` or of another model version is not believed but computed on the spot.

Half-life and cap live in `settings`, beside the rank keys that they made, so the two can never disagree.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from hub import wire
from hub.customers import value as model
from hub.customers.facts import facts_of, facts_of_all
from hub.customers.loyalty import Facts, Part, loyalty, span
from hub.customers.value import MODEL_VERSION, NEUTRAL_VALUE, UNRANKED, Decayed, Tier
from hub.store.tables import purchases, scores, settings

FRESH_MS = model.DAY_MS
"""How long a stored score is taken as it is: ranks and recency move slowly."""

HALF_LIFE_SETTING = "value.half_life_ms"
CAP_SETTING = "value.cap_cents"
CENTS_MAX = 10**13

_STORED = select(scores).where(scores.c.customer_id == bindparam("customer_id"))
_RANKED = scores.c.rank_key > UNRANKED
_STANDING = select(
    select(func.count()).where(_RANKED, scores.c.rank_key < bindparam("key")).scalar_subquery(),
    select(func.count()).where(scores.c.rank_key == bindparam("key")).scalar_subquery(),
    select(func.count()).where(_RANKED).scalar_subquery(),
)
"""Counts along the index of rank keys: 0.1 ms at 2,000 customers, linear in their number (docs/adr/0007)."""


@dataclass(frozen=True, slots=True)
class Score:
    """What the hub thinks of a customer at `computed_at_ms`; the parts sum to `value` and `loyalty` (0-100).

    `percentile` (0-1) is None and `neutral` true for who never bought: value 50, which buys no head start.
    """

    value: int
    loyalty: int
    tier: Tier
    neutral: bool
    percentile: float | None
    value_parts: tuple[Part, ...]
    loyalty_parts: tuple[Part, ...]
    model_version: int
    computed_at_ms: int


def score_of(conn: Connection, customer_id: str, now_ms: int) -> Score:
    """The customer's score, at most `FRESH_MS` old; neutral for who is unknown. Writes nothing."""
    row = conn.execute(_STORED, {"customer_id": customer_id}).first()
    if row is None:
        return _score(Facts(), None, None, now_ms)
    if row.model_version == MODEL_VERSION and now_ms - row.computed_at_ms < FRESH_MS:
        return _stored(row)
    return _score(facts_of(conn, customer_id), _state(row), _percentile(conn, row.rank_key), now_ms)


def score_view(conn: Connection, customer_id: str, now_ms: int, head_start_ms: int) -> wire.ScoreView:
    """The score as consoles show it, with the head start that was fixed at intake."""
    score = score_of(conn, customer_id, now_ms)
    return wire.ScoreView(
        value=score.value,
        loyalty=score.loyalty,
        tier=score.tier,
        head_start_ms=head_start_ms,
        neutral=score.neutral,
        computed_at_ms=score.computed_at_ms,
        value_parts=[_part_view(part) for part in score.value_parts],
        loyalty_parts=[_part_view(part) for part in score.loyalty_parts],
    )


def record_purchase(
    conn: Connection,
    *,
    purchase_id: str,
    customer_id: str,
    at_ms: int,
    product: str,
    amount_cents: int,
    margin_cents: int,
    now_ms: int,
) -> Score:
    """Store a purchase (negative: a return) once and return the new score; a repeated id changes nothing.

    Purchases may come in any order. Raises ValueError for one from the future or beyond `CENTS_MAX`.
    """
    if at_ms > now_ms:
        raise ValueError(f"purchase {purchase_id!r} is from the future: {at_ms} > {now_ms}")
    if max(abs(amount_cents), abs(margin_cents)) > CENTS_MAX:
        raise ValueError(f"purchase {purchase_id!r} is too large")
    row = conn.execute(_STORED, {"customer_id": customer_id}).first()
    state = None if row is None else _state(row)
    known = select(purchases.c.purchase_id).where(purchases.c.purchase_id == purchase_id)
    if conn.execute(known).first() is None:
        conn.execute(
            insert(purchases),
            {
                "purchase_id": purchase_id,
                "customer_id": customer_id,
                "at_ms": at_ms,
                "product": product,
                "amount_cents": amount_cents,
                "margin_cents": margin_cents,
            },
        )
        cap_cents = _setting(conn, CAP_SETTING)
        state = model.add(state, model.capped(margin_cents, cap_cents), at_ms, half_life_in_force(conn))
    return _rescored(conn, customer_id, state, now_ms)


def rescore(conn: Connection, customer_id: str, now_ms: int) -> Score:
    """Renew the stored score after something but purchases changed: a complaint, a rating, a closed case."""
    row = conn.execute(_STORED, {"customer_id": customer_id}).first()
    return _rescored(conn, customer_id, None if row is None else _state(row), now_ms)


def recompute(conn: Connection, now_ms: int, *, half_life_ms: int | None = None) -> int:
    """Make every score anew from purchases and cases; returns how many customers have one.

    Also renews the cap on single purchases. `half_life_ms` (> 0) replaces the one in force when given. Takes
    about a second for 2,000 customers with 16,000 purchases, in one transaction.
    """
    if half_life_ms is not None:
        if half_life_ms <= 0:
            raise ValueError("the half-life must be longer than nothing")
        _set(conn, HALF_LIFE_SETTING, half_life_ms)
    half_life_ms = half_life_in_force(conn)
    cap_cents = model.cap_of(conn.execute(select(purchases.c.margin_cents)).scalars())
    _set(conn, CAP_SETTING, cap_cents)
    states = _states(conn, half_life_ms, cap_cents)
    ordered = sorted(model.rank_key(state, half_life_ms) for state in states.values())
    rows = []
    for customer_id, facts in facts_of_all(conn):
        state = states.get(customer_id)
        key = model.rank_key(state, half_life_ms)
        standing = None
        if state is not None:
            below, upto = bisect_left(ordered, key), bisect_right(ordered, key)
            standing = model.percentile(below, upto - below, len(ordered))
        score = _score(facts, state, standing, now_ms)
        rows.append({"customer_id": customer_id, **_columns(score, state, key)})
    conn.execute(delete(scores))
    if rows:
        conn.execute(insert(scores), rows)
    return len(rows)


def apply_half_life(conn: Connection, now_ms: int, half_life_ms: int) -> bool:
    """Put the configured half-life (ms) in force; True when that meant making all scores anew."""
    if half_life_ms == half_life_in_force(conn):
        return False
    recompute(conn, now_ms, half_life_ms=half_life_ms)
    return True


def half_life_in_force(conn: Connection) -> int:
    """The half-life (ms) that the stored rank keys were made with."""
    return _setting(conn, HALF_LIFE_SETTING) or model.HALF_LIFE_MS


def _states(conn: Connection, half_life_ms: int, cap_cents: int | None) -> dict[str, Decayed]:
    states: dict[str, Decayed] = {}
    for customer_id, at_ms, margin_cents in conn.execute(
        select(purchases.c.customer_id, purchases.c.at_ms, purchases.c.margin_cents).order_by(
            purchases.c.at_ms, purchases.c.purchase_id
        )
    ):
        counted = model.capped(margin_cents, cap_cents)
        states[customer_id] = model.add(states.get(customer_id), counted, at_ms, half_life_ms)
    return states


def _rescored(conn: Connection, customer_id: str, state: Decayed | None, now_ms: int) -> Score:
    conn.execute(delete(scores).where(scores.c.customer_id == customer_id))
    key = model.rank_key(state, half_life_in_force(conn))
    standing = _percentile(conn, key, absent=1)
    score = _score(facts_of(conn, customer_id), state, standing, now_ms)
    conn.execute(insert(scores), {"customer_id": customer_id, **_columns(score, state, key)})
    return score


def _percentile(conn: Connection, key: float, *, absent: int = 0) -> float | None:
    """Percentile of the customer with this rank key; `absent` 1 when its row is not in the table just now."""
    if key <= UNRANKED:
        return None
    below, equal, total = conn.execute(_STANDING, {"key": key}).one()
    return model.percentile(below, equal + absent, total + absent)


def _score(facts: Facts, state: Decayed | None, standing: float | None, now_ms: int) -> Score:
    points, loyalty_parts = loyalty(facts, now_ms)
    return Score(
        value=NEUTRAL_VALUE if standing is None else model.value_of(standing),
        loyalty=points,
        tier="none" if standing is None else model.tier_of(standing),
        neutral=standing is None,
        percentile=standing,
        value_parts=_value_parts(facts, state, standing, now_ms),
        loyalty_parts=loyalty_parts,
        model_version=MODEL_VERSION,
        computed_at_ms=now_ms,
    )


def _value_parts(
    facts: Facts, state: Decayed | None, standing: float | None, now_ms: int
) -> tuple[Part, ...]:
    start = Part(
        "start",
        float(NEUTRAL_VALUE),
        {
            "en": "everybody starts in the middle, without head start",
            "zh": "每位客户都从中间值开始",
        },
    )
    if state is None or standing is None:
        return (start,)
    (en, zh), bought = span(max(0, now_ms - state.at_ms)), len(facts.bought_at_ms)
    ahead = int(100 * standing)
    times = "1 purchase" if bought == 1 else f"{bought} purchases"
    return (
        start,
        Part(
            "standing",
            float(model.value_of(standing) - NEUTRAL_VALUE),
            {
                "en": f"ahead of {ahead}% of buyers by recent margin; {times}, the last {en} ago",
                "zh": f"按近期毛利领先{ahead}%的购买客户；共购买{bought}次，最近一次在{zh}前",
            },
        ),
    )


def _columns(score: Score, state: Decayed | None, key: float) -> dict[str, Any]:
    return {
        "decayed_margin": 0.0 if state is None else state.margin,
        "margin_at_ms": 0 if state is None else state.at_ms,
        "rank_key": key,
        "value": score.value,
        "loyalty": score.loyalty,
        "tier": score.tier,
        "parts": {
            "percentile": score.percentile,
            "value": [(part.name, part.points, part.reason) for part in score.value_parts],
            "loyalty": [(part.name, part.points, part.reason) for part in score.loyalty_parts],
        },
        "model_version": score.model_version,
        "computed_at_ms": score.computed_at_ms,
    }


def _stored(row: Any) -> Score:
    return Score(
        value=row.value,
        loyalty=row.loyalty,
        tier=cast(Tier, row.tier),
        neutral=row.rank_key <= UNRANKED,
        percentile=row.parts["percentile"],
        value_parts=tuple(Part(*part) for part in row.parts["value"]),
        loyalty_parts=tuple(Part(*part) for part in row.parts["loyalty"]),
        model_version=row.model_version,
        computed_at_ms=row.computed_at_ms,
    )


def _state(row: Any) -> Decayed | None:
    return None if row.rank_key <= UNRANKED else Decayed(row.decayed_margin, row.margin_at_ms)


def _part_view(part: Part) -> wire.ScorePartView:
    return wire.ScorePartView(part.name, part.points, part.reason)


def _setting(conn: Connection, name: str) -> int | None:
    stored = conn.execute(select(settings.c.value).where(settings.c.name == name)).scalar()
    return int(stored) if stored else None


def _set(conn: Connection, name: str, number: int | None) -> None:
    conn.execute(delete(settings).where(settings.c.name == name))
    if number is not None:
        conn.execute(insert(settings), {"name": name, "value": str(number)})

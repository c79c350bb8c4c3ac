"""Scores in the database: incremental equals anew, percentile equals brute force, stale is not believed."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, StaticPool, create_engine, func, insert, select, update

from hub.customers import (
    apply_half_life,
    half_life_in_force,
    identify,
    recompute,
    record_purchase,
    rescore,
    score_of,
    score_view,
)
from hub.customers.scores import FRESH_MS
from hub.store.tables import cases, customers, metadata, purchases, scores
from routing.rules.ruleset import head_start_ms
from tests.unit.hub.customers.conftest import DAY_MS, NOW_MS

bought = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 1500 * DAY_MS), st.integers(-50_000, 200_000)), max_size=40
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def _customer(conn: Connection, customer_id: str) -> str:
    conn.execute(insert(customers), {"customer_id": customer_id, "known": True, "created_at_ms": NOW_MS})
    return customer_id


def _buy(conn: Connection, customer_id: str, margin: int, ago_ms: int = DAY_MS, name: str = "") -> None:
    count = conn.execute(select(func.count()).select_from(purchases)).scalar_one()
    record_purchase(
        conn,
        purchase_id=name or f"p{count}",
        customer_id=customer_id,
        at_ms=NOW_MS - ago_ms,
        product="kettle",
        amount_cents=3 * margin,
        margin_cents=margin,
        now_ms=NOW_MS,
    )


def _stored(conn: Connection) -> dict[str, tuple[float, int, float]]:
    return {
        row.customer_id: (row.decayed_margin, row.margin_at_ms, row.rank_key)
        for row in conn.execute(select(scores))
    }


@settings(deadline=None, max_examples=60)
@given(history=bought)
def test_incremental_equals_anew_and_brute_force(engine: Engine, history: list[tuple[int, int, int]]) -> None:
    with engine.connect() as conn:  # left without a commit: each example begins empty
        for customer in range(8):
            _customer(conn, f"c{customer}")
        for customer, ago_ms, margin in history:
            _buy(conn, f"c{customer}", margin, ago_ms)
        grown = _stored(conn)
        for customer_id in grown:
            rescore(conn, customer_id, NOW_MS)
        live = {customer_id: score_of(conn, customer_id, NOW_MS) for customer_id in grown}
        recompute(conn, NOW_MS)
        anew = _stored(conn)
        assert grown.keys() == anew.keys()
        for customer_id, (margin, at_ms, key) in grown.items():
            assert math.isclose(margin, anew[customer_id][0], rel_tol=1e-9, abs_tol=1e-4)
            assert at_ms == anew[customer_id][1]
            if margin > 1:
                assert math.isclose(key, anew[customer_id][2], rel_tol=1e-9)
        keys = [key for _, _, key in grown.values()]
        for customer_id, (_, _, key) in grown.items():
            below = sum(other < key for other in keys)
            equal = sum(other == key for other in keys)
            assert live[customer_id].percentile == (below + equal / 2) / len(keys)
            assert live[customer_id].value == int(100 * (below + equal / 2) / len(keys) + 0.5)


def test_parts_sum_to_both_scores(conn: Connection) -> None:
    for n in range(20):
        _buy(conn, _customer(conn, f"c{n}"), 100 * (n + 1))
    for n in range(20):
        view = score_view(conn, f"c{n}", NOW_MS, head_start_ms=7)
        assert sum(part.points for part in view.value_parts) == view.value
        assert int(sum(part.points for part in view.loyalty_parts) + 0.5) == view.loyalty
        assert view.head_start_ms == 7
        assert not view.neutral


def test_a_stranger_is_neutral_and_buys_no_head_start(conn: Connection) -> None:
    for n in range(20):
        _buy(conn, _customer(conn, f"c{n}"), 100)
    stranger = identify(conn, "phone", "+442079460199", NOW_MS)
    for customer_id in (stranger, "no such customer"):
        score = score_of(conn, customer_id, NOW_MS)
        assert (score.value, score.loyalty, score.tier, score.neutral) == (50, 50, "none", True)
        assert score.computed_at_ms == NOW_MS
        assert head_start_ms(score.value, 180_000) == 0


def test_a_complaint_without_purchase_stays_neutral_in_value_only(conn: Connection) -> None:
    _customer(conn, "c1")
    conn.execute(
        insert(cases),
        {
            "case_id": "k",
            "customer_id": "c1",
            "kind": "complaint",
            "title": "late",
            "state": "open",
            "opened_at_ms": NOW_MS,
        },
    )
    score = rescore(conn, "c1", NOW_MS)
    assert (score.value, score.tier, score.neutral) == (50, "none", True)
    assert score.loyalty == 50, "an open complaint takes half of its ten points, as not knowing does"
    assert "1 complaint on record, 1 open" in [part.reason["en"] for part in score.loyalty_parts]
    assert score_of(conn, "c1", NOW_MS) == score
    _buy(conn, _customer(conn, "c2"), 5)
    assert score_of(conn, "c2", NOW_MS).percentile == 0.5, "who never bought is no buyer to be ahead of"


def test_a_purchase_counts_once_however_often_it_is_reported(conn: Connection) -> None:
    _customer(conn, "c1")
    _buy(conn, "c1", 500, name="p")
    before = _stored(conn)
    _buy(conn, "c1", 500, name="p")
    assert _stored(conn) == before
    assert conn.execute(select(func.count()).select_from(purchases)).scalar() == 1


def test_sending_things_back_is_no_sign_of_loyalty(conn: Connection) -> None:
    _customer(conn, "c1")
    for ago in (200, 150, 100):
        _buy(conn, "c1", 500, ago_ms=ago * DAY_MS)
    before = score_of(conn, "c1", NOW_MS)
    _buy(conn, "c1", -500, ago_ms=DAY_MS)
    assert score_of(conn, "c1", NOW_MS).loyalty_parts == before.loyalty_parts
    recompute(conn, NOW_MS)
    assert score_of(conn, "c1", NOW_MS).loyalty_parts == before.loyalty_parts


def test_nonsense_is_refused_before_anything_is_written(conn: Connection) -> None:
    _customer(conn, "c1")
    with pytest.raises(ValueError, match="future"):
        _buy(conn, "c1", 500, ago_ms=-1)
    with pytest.raises(ValueError, match="too large"):
        _buy(conn, "c1", 10**14)
    with pytest.raises(ValueError, match="half-life"):
        recompute(conn, NOW_MS, half_life_ms=0)
    assert conn.execute(select(purchases)).all() == []


def test_one_huge_purchase_counts_no_more_than_the_cap(conn: Connection) -> None:
    """The top of the ranking cannot be bought with a single order that is sent back next week."""
    for n in range(250):
        _buy(conn, _customer(conn, f"c{n}"), 1000 + n)
    recompute(conn, NOW_MS)
    _buy(conn, _customer(conn, "gamer"), 10**9)
    assert _stored(conn)["gamer"][0] <= 1250
    _buy(conn, "gamer", -(10**9))
    assert _stored(conn)["gamer"][0] == pytest.approx(0)
    assert score_of(conn, "gamer", NOW_MS).value == 0


def test_a_stale_or_foreign_score_is_computed_on_the_spot(conn: Connection) -> None:
    _buy(conn, _customer(conn, "c1"), 500)
    dated = score_of(conn, "c1", NOW_MS + FRESH_MS - 1)
    assert dated.computed_at_ms == NOW_MS
    later = NOW_MS + 800 * DAY_MS
    assert score_of(conn, "c1", later).computed_at_ms == later
    assert score_of(conn, "c1", later).loyalty < dated.loyalty
    conn.execute(update(scores).values(model_version=0, loyalty=99))
    assert score_of(conn, "c1", NOW_MS + 5).loyalty == dated.loyalty


def test_another_half_life_reorders_and_stays_in_force(conn: Connection) -> None:
    _buy(conn, _customer(conn, "recent"), 100, ago_ms=DAY_MS)
    _buy(conn, _customer(conn, "former"), 300, ago_ms=365 * DAY_MS)
    assert rescore(conn, "recent", NOW_MS).value > 50
    assert not apply_half_life(conn, NOW_MS, 90 * DAY_MS)
    assert apply_half_life(conn, NOW_MS, 3650 * DAY_MS)
    assert half_life_in_force(conn) == 3650 * DAY_MS
    assert score_of(conn, "former", NOW_MS).value > score_of(conn, "recent", NOW_MS).value
    _buy(conn, "former", 1)
    assert score_of(conn, "former", NOW_MS).value > 50

"""The screen-pop: what an agent must know, in the order in which it matters, and nobody else's story."""

import pytest
from sqlalchemy import Connection, insert

from hub.customers import card, identify, order_status, timeline
from hub.customers.luhn import with_check_digit
from hub.staff import create_agent
from hub.store.tables import cases, contacts, interactions, messages, orders
from tests.unit.hub.customers.conftest import DAY_MS, NOW_MS

LATE, COMING, DONE = (with_check_digit(f"40000000{n}") for n in (1, 2, 3))


@pytest.fixture
def ann(conn: Connection) -> str:
    customer_id = identify(conn, "phone", "+442079460123", NOW_MS, name="Ann", language="en")
    for number, status, days in ((LATE, "shipped", -1), (COMING, "packed", 3), (DONE, "delivered", -9)):
        conn.execute(
            insert(orders),
            {
                "order_no": number,
                "customer_id": customer_id,
                "placed_at_ms": NOW_MS + (days - 5) * DAY_MS,
                "status": status,
                "promised_at_ms": NOW_MS + days * DAY_MS,
                "product": "Kettle",
            },
        )
    for case_id, kind, state, days in (
        ("k1", "request", "open", 1),
        ("k2", "complaint", "open", 30),
        ("k3", "complaint", "closed", 2),
    ):
        conn.execute(
            insert(cases),
            {
                "case_id": case_id,
                "customer_id": customer_id,
                "kind": kind,
                "title": f"title {case_id}",
                "state": state,
                "opened_at_ms": NOW_MS - days * DAY_MS,
            },
        )
    create_agent(conn, username="mia", name="Mia Turner", password="rapport")
    return customer_id


def _story(conn: Connection, customer_id: str, n: int, channel: str = "chat", state: str = "closed") -> str:
    interaction_id = f"i{n}"
    conn.execute(
        insert(interactions),
        {
            "interaction_id": interaction_id,
            "customer_id": customer_id,
            "channel": channel,
            "account": channel,
            "address": "somewhere",
            "state": state,
            "opened_at_ms": NOW_MS - n * DAY_MS,
            "changed_at_ms": NOW_MS - n * DAY_MS,
            "last_agent_id": "agent-mia" if n % 2 else "",
            "disposition": "resolved",
            "answers": {},
        },
    )
    return interaction_id


def _say(conn: Connection, interaction_id: str, seq: int, author: str, text: str) -> None:
    conn.execute(
        insert(messages),
        {
            "message_id": f"{interaction_id}-{seq}",
            "interaction_id": interaction_id,
            "seq": seq,
            "author": author,
            "channel": "chat",
            "text": text,
            "at_ms": NOW_MS,
        },
    )


def test_open_matters_come_by_urgency_and_closed_ones_not_at_all(conn: Connection, ann: str) -> None:
    shown = card(conn, ann, NOW_MS, head_start_ms=9_000)
    assert [(matter.kind, matter.id, matter.status) for matter in shown.open_matters] == [
        ("complaint", "k2", "open"),
        ("order", LATE, "late"),
        ("case", "k1", "open"),
        ("order", COMING, "packed"),
    ]
    assert (shown.name, shown.known, shown.language) == ("Ann", False, "en")
    assert [(one.kind, one.address) for one in shown.addresses] == [("phone", "+442079460123")]
    assert shown.score.head_start_ms == 9_000


def test_the_last_five_over_all_channels_newest_first_without_the_present_one(
    conn: Connection, ann: str
) -> None:
    other = identify(conn, "email", "bob@post.example", NOW_MS)
    for n, channel in enumerate(("voice", "chat", "sms", "email", "chat", "voice", "sms")):
        _story(conn, ann, n, channel, state="open" if n == 1 else "closed")
    _story(conn, other, -1)
    _say(conn, "i1", 1, "system", "Welcome")
    _say(conn, "i1", 2, "customer", "Where\n\n is   my order?")
    _say(conn, "i1", 3, "agent", "On its way")
    last = card(conn, ann, NOW_MS, head_start_ms=0, without_interaction="i0").last_interactions
    assert [one.interaction_id for one in last] == ["i1", "i2", "i3", "i4", "i5"]
    assert [one.channel for one in last] == ["chat", "sms", "email", "chat", "voice"]
    assert (last[0].excerpt, last[0].agent_name, last[0].state) == (
        "Where is my order?",
        "Mia Turner",
        "open",
    )
    assert (last[1].excerpt, last[1].agent_name, last[1].state) == ("", "", "closed")
    assert last[0].disposition == "resolved"


def test_a_call_is_told_by_its_note_and_long_words_are_cut(conn: Connection, ann: str) -> None:
    call = _story(conn, ann, 1, "voice")
    row = {"contact_id": "c", "interaction_id": call, "customer_id": ann, "channel": "voice", "queue_id": "q"}
    at = {"arrived_at_ms": NOW_MS, "enqueued_at_ms": NOW_MS, "state_since_at_ms": NOW_MS}
    fixed = {
        "state": "closed",
        "value": 50,
        "loyalty": 50,
        "head_start_ms": 0,
        "rule_id": "r",
        "rule_set": "h",
    }
    conn.execute(insert(contacts), {**row, **at, **fixed, "note": "Wants the blue one."})
    _say(conn, _story(conn, ann, 2), 1, "customer", "很长" * 1000)
    told = [one.excerpt for one in card(conn, ann, NOW_MS, head_start_ms=0).last_interactions]
    assert told[0] == "Wants the blue one."
    assert len(told[1]) == 160
    assert told[1].endswith("…")


def test_the_timeline_pages_back_to_the_beginning(conn: Connection, ann: str) -> None:
    for n in range(12):
        _story(conn, ann, n)
    seen: list[str] = []
    before_at_ms = None
    while page := timeline(conn, ann, 5, before_at_ms):
        assert len(page) <= 5
        seen += [one.interaction_id for one in page]
        before_at_ms = page[-1].opened_at_ms
    assert seen == [f"i{n}" for n in range(12)]
    assert len(timeline(conn, ann, 10**9)) == 12
    assert len(timeline(conn, ann, -1)) == 1


def test_nobody_has_no_card(conn: Connection) -> None:
    with pytest.raises(LookupError, match="no customer 'nobody'"):
        card(conn, "nobody", NOW_MS, head_start_ms=0)


def test_order_status_for_self_service(conn: Connection, ann: str) -> None:
    coming = order_status(conn, f" {COMING[:4]} {COMING[4:]} ", NOW_MS)
    assert coming == {
        "found": "1",
        "order": COMING,
        "product": "Kettle",
        "status": "packed",
        "promised_date": "2026-09-24",
        "late": "0",
        "eta_days": "3",
    }
    assert order_status(conn, LATE, NOW_MS)["late"] == "1"
    assert order_status(conn, LATE, NOW_MS)["eta_days"] == "0"
    assert "eta_days" not in order_status(conn, DONE, NOW_MS)
    assert "eta_days" not in order_status(conn, COMING)
    for wrong in ("", "abc", COMING[:-1], with_check_digit("499999999")):
        assert order_status(conn, wrong, NOW_MS) == {}

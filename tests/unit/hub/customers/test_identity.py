"""Who is recognised, who must not be, and what a stranger may write about himself."""

import pytest
from sqlalchemy import Connection, func, insert, select

from hub.customers import by_number, identify, name_of, normalise
from hub.store.tables import addresses, customers
from tests.unit.hub.customers.conftest import NOW_MS


def _count(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(customers)).scalar_one()


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        (
            "phone",
            ["+442079460123", "+44 (0)20 7946 0123", "tel:+44-20-7946-0123", "０２０ ７９４６ ０１２３"],
        ),
        ("email", ["ann@post.example", " Ann@Post.EXAMPLE ", "ANN@POST.EXAMPLE"]),
        ("visitor", ["v-Abc", " v-Abc "]),
    ],
)
def test_every_spelling_of_an_address_is_the_same_customer(
    conn: Connection, kind: str, spellings: list[str]
) -> None:
    found = {identify(conn, kind, spelling, NOW_MS, region="GB") for spelling in spellings}  # type: ignore[arg-type]
    assert len(found) == 1
    assert _count(conn) == 1


def test_visitor_tokens_keep_their_case(conn: Connection) -> None:
    assert identify(conn, "visitor", "v-abc", NOW_MS) != identify(conn, "visitor", "v-ABC", NOW_MS)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        *[("phone", who) for who in ("", "  ", "anonymous", "Anonymous", "Unavailable", "+266696687", "0")],
        *[
            ("email", who)
            for who in ("", "nobody", "@post.example", "a b@post.example", "x" * 400 + "@a.example")
        ],
        *[("visitor", who) for who in ("", "v" * 201)],
    ],
)
def test_withheld_and_malformed_addresses_are_never_merged(conn: Connection, kind: str, address: str) -> None:
    first = identify(conn, kind, address, NOW_MS)  # type: ignore[arg-type]
    second = identify(conn, kind, address, NOW_MS)  # type: ignore[arg-type]
    assert first != second
    assert conn.execute(select(addresses)).all() == []


def test_numbers_without_country_depend_on_the_line(conn: Connection) -> None:
    assert normalise("phone", "020 7946 0123", region="GB") == "+442079460123"
    assert normalise("phone", "020 7946 0123") == "020 7946 0123"
    assert normalise("phone", "60066") == "60066", "short codes stay what they are"
    assert normalise("phone", "HarbourVine") == "harbourvine"


def test_addresses_that_only_look_alike_are_two_people(conn: Connection) -> None:
    number = "+442079460123"
    assert identify(conn, "visitor", number, NOW_MS) != identify(conn, "phone", number, NOW_MS)
    one, other = "strasse@post.example", "straße@post.example"
    assert identify(conn, "email", one, NOW_MS) != identify(conn, "email", other, NOW_MS)


def test_claims_fill_blanks_of_strangers_and_change_nobody_known(conn: Connection) -> None:
    stranger = identify(conn, "email", "ann@post.example", NOW_MS)
    assert name_of(conn, stranger) == ""
    identify(conn, "email", "ann@post.example", NOW_MS, name="Ann\r\nBcc: x\u202e", language="en")
    assert name_of(conn, stranger) == "Ann Bcc: x"
    identify(conn, "email", "ann@post.example", NOW_MS, name="Somebody Else", language="zh")
    row = conn.execute(select(customers)).one()
    assert (row.name, row.language, row.known) == ("Ann Bcc: x", "en", False)
    conn.execute(customers.update().values(known=True, name=""))
    identify(conn, "email", "ann@post.example", NOW_MS, name="Forged")
    assert name_of(conn, stranger) == ""
    assert name_of(conn, "nobody") == ""


def test_customer_numbers_are_found_as_typed(conn: Connection) -> None:
    conn.execute(
        insert(customers),
        {"customer_id": "c1", "known": True, "created_at_ms": NOW_MS, "number": "79927398713"},
    )
    assert by_number(conn, "7992 7398 713") == "c1"
    assert by_number(conn, "７９９２７３９８７１３") == "c1"
    assert by_number(conn, "79927398710") is None
    assert by_number(conn, "18") is None
    assert by_number(conn, "") is None

"""The demo company is as promised, the same for the same seed, and cheap to make."""

from collections import Counter
from collections.abc import Iterator
from importlib.resources import files

import orjson
import phonenumbers
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, func, select

from hub import customers
from hub.customers.luhn import is_valid
from hub.demo.seed import DEMO_LOGINS, SHOWCASE, invent, seed
from hub.store import tables
from hub.store.tables import metadata

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
CHANNELS = ("voice", "chat", "sms", "email")
STATEMENTS_MAX = 60
"""One for each table, two for each agent, and the scores: never one for each customer."""


def _engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def enforce(connection, _record):  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA foreign_keys=ON")

    metadata.create_all(engine)
    return engine


@pytest.fixture(scope="module")
def company() -> Iterator[Connection]:
    engine = _engine()
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with engine.connect() as connection, connection.begin():
        assert seed(connection, NOW_MS)
        assert len(statements) < STATEMENTS_MAX
        yield connection
    engine.dispose()


def _count(conn: Connection, table: str) -> int:
    return conn.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def test_size_and_pareto(company: Connection) -> None:
    assert _count(company, "customers") == 2_000
    assert _count(company, "addresses") == 4_000
    assert _count(company, "interactions") > 2_000
    margins = [
        row[0]
        for row in company.execute(
            select(func.sum(tables.purchases.c.margin_cents)).group_by(tables.purchases.c.customer_id)
        )
    ]
    margins.sort(reverse=True)
    assert 0.7 < sum(margins[:400]) / sum(margins) < 0.9
    at_ms = tables.purchases.c.at_ms
    oldest, newest = company.execute(select(func.min(at_ms), func.max(at_ms))).one()
    assert 4.8 * 365 < (NOW_MS - oldest) / DAY_MS <= 5 * 365
    assert NOW_MS - 7 * DAY_MS < newest <= NOW_MS
    pages, page_bytes = (
        company.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in ("page_count", "page_size")
    )
    assert pages * page_bytes < 60_000_000


def test_every_channel_speaks_both_languages(company: Connection) -> None:
    told = Counter(
        (row.channel, row.language)
        for row in company.execute(select(tables.interactions.c.channel, tables.interactions.c.language))
    )
    assert set(told) == {(channel, tongue) for channel in CHANNELS for tongue in ("en", "zh")}
    assert min(told.values()) > 100
    leftovers = tables.messages.c.text.contains("{") | tables.messages.c.subject.contains("{")
    assert company.execute(select(tables.messages).where(leftovers)).first() is None


def test_there_is_work_to_find(company: Connection) -> None:
    matters = Counter(
        (row.kind, row.state) for row in company.execute(select(tables.cases.c.kind, tables.cases.c.state))
    )
    assert (
        min(matters[kind, state] for kind in ("request", "complaint") for state in ("open", "closed")) >= 10
    )
    status = Counter(company.execute(select(tables.orders.c.status)).scalars())
    assert min(status[name] for name in ("placed", "packed", "shipped", "delivered", "returned")) > 0


def test_numbers_end_in_their_check_digit_and_ring_nobody(company: Connection) -> None:
    assert all(is_valid(number) for number in company.execute(select(tables.orders.c.order_no)).scalars())
    assert all(is_valid(number) for number in company.execute(select(tables.customers.c.number)).scalars())
    for row in company.execute(select(tables.addresses)):
        if row.kind == "email":
            assert row.address.endswith(".example")
        else:
            assert phonenumbers.is_possible_number(phonenumbers.parse(row.address))
            assert customers.normalise("phone", row.address) == row.address


def test_nobody_is_in_the_future_or_in_todays_conversations(company: Connection) -> None:
    story = tables.interactions.c
    newest = company.execute(select(func.max(story.changed_at_ms))).scalar_one()
    assert newest < NOW_MS - 3 * DAY_MS, "a message of today must begin a new conversation"
    assert company.execute(select(story.interaction_id).where(story.state != "closed")).first() is None
    closed = tables.cases.c.closed_at_ms
    assert company.execute(select(func.max(closed))).scalar_one() <= NOW_MS


@pytest.mark.parametrize("who", SHOWCASE, ids=lambda showcase: showcase.key)
def test_customers_on_show_are_as_described(company: Connection, who) -> None:  # type: ignore[no-untyped-def]
    customer_id = customers.identify(company, "phone", who.phone, NOW_MS)
    card = customers.card(company, customer_id, NOW_MS, head_start_ms=0)
    assert card.score.tier == who.tier
    assert card.known == who.known
    if not who.known:
        assert (card.name, card.score.neutral, card.last_interactions) == ("", True, [])
        return
    assert (card.name, card.language) == (who.name, who.language)
    assert customers.identify(company, "email", who.email, NOW_MS) == customer_id
    assert customers.by_number(company, who.number) == customer_id
    assert len(card.last_interactions) == min(5, len(who.topics))
    assert sum(matter.kind == "complaint" for matter in card.open_matters) == len(who.complaints)
    told = customers.order_status(company, who.order_no, NOW_MS)
    if who.order_status == "late":
        assert (told["status"], told["late"]) == ("shipped", "1")
    elif who.order_status:
        assert told["status"] == who.order_status


def test_logins_fit_the_demo_rules(company: Connection) -> None:
    rules = orjson.loads(files("hub.demo").joinpath("ruleset.json").read_bytes())
    wanted = {skill["id"] for skill in rules["skills"]}
    rows = {row.username: row for row in company.execute(select(tables.agents))}
    assert set(rows) == {login.username for login in DEMO_LOGINS}
    assert set().union(*(row.skills for row in rows.values())) == wanted
    for language in ("english", "chinese"):
        for skill in wanted - {"english", "chinese"}:
            assert any({language, skill} <= row.skills.keys() for row in rows.values()), (language, skill)
    assert [rows[name].roles for name in ("mia", "sam", "ada")] == [["agent"], ["supervisor"], ["admin"]]
    endpoints = {row.phone_endpoint for row in rows.values() if row.phone_endpoint}
    assert endpoints == {f"agent{n}" for n in range(1, 9)}
    secrets = [row.phone_secret for row in rows.values() if row.phone_endpoint]
    assert len(set(secrets)) == 8
    assert all(len(secret) >= 20 for secret in secrets)
    assert len({row.password_hash for row in rows.values()}) == len(rows), "each has a salt of its own"
    assert PasswordHasher().verify(rows["mia"].password_hash, DEMO_LOGINS[0].password)


def test_seeding_twice_changes_nothing(company: Connection) -> None:
    before = {table: _count(company, table) for table in metadata.tables}
    assert not seed(company, NOW_MS + DAY_MS)
    assert {table: _count(company, table) for table in metadata.tables} == before


def test_the_same_seed_is_the_same_company() -> None:
    one, again, other = (invent(NOW_MS, number, 200) for number in (7, 7, 8))
    for table in ("customers", "addresses", "purchases", "orders", "cases", "interactions", "messages"):
        assert getattr(one, table) == getattr(again, table)
        assert getattr(one, table) != getattr(other, table)

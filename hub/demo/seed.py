"""Fills an empty database with the demo company. Start with `seed`; the parts are in the `seed_*` modules.

2,000 customers, five years of purchases of which a fifth brings about four fifths of the margin, orders under
way, complaints, and past conversations over all channels in Chinese and English. Everything but passwords and
phone secrets follows from the seed and the instant.
"""

from random import Random

from sqlalchemy import Connection, insert, select

from hub.customers import recompute
from hub.customers.value import DAY_MS
from hub.demo.seed_agents import DEMO_LOGINS, DemoLogin, seed_agents
from hub.demo.seed_history import CHANNELS, QUIET_MS, History
from hub.demo.seed_people import people
from hub.demo.seed_showcase import SHOWCASE, Showcase
from hub.demo.seed_words import TALKS
from hub.store import tables

__all__ = ["DEMO_LOGINS", "SHOWCASE", "DemoLogin", "Showcase", "seed"]

SEED = 2718
CUSTOMERS = 2_000
MARKER = "demo.seed"
_FIRST_NUMBER = 1_000_100


def seed(conn: Connection, now_ms: int, *, seed: int = SEED, customers: int = CUSTOMERS) -> bool:
    """Write the demo company and its scores in the caller's transaction; False when it is already there.

    `customers`: at least the known ones of `SHOWCASE`. Takes seconds, two of them for scores and passwords.
    """
    marker = select(tables.settings.c.value).where(tables.settings.c.name == MARKER)
    if conn.execute(marker).first() is not None:
        return False
    history = invent(now_ms, seed, customers)
    seed_agents(conn)
    for table, rows in (
        (tables.customers, history.customers),
        (tables.addresses, history.addresses),
        (tables.purchases, history.purchases),
        (tables.orders, history.orders),
        (tables.cases, history.cases),
        (tables.interactions, history.interactions),
        (tables.messages, history.messages),
    ):
        if rows:
            conn.execute(insert(table), rows)
    recompute(conn, now_ms)
    conn.execute(insert(tables.settings), {"name": MARKER, "value": str(seed)})
    return True


def invent(now_ms: int, seed: int, customers: int) -> History:
    """The rows of the company, agents left out; the same for the same arguments."""
    rng = Random(seed)  # noqa: S311 - a story, not a secret
    history = History(rng, now_ms)
    shown = [showcase for showcase in SHOWCASE if showcase.known]
    for showcase in shown:
        _show(history, showcase)
    for person in people(rng, customers - len(shown), _FIRST_NUMBER, now_ms):
        history.enter(person)
        history.live(person)
    return history


def _show(history: History, showcase: Showcase) -> None:
    """A customer on show: newest order, complaints and conversations as written, the rest by chance."""
    person = showcase.person(history.now_ms)
    history.enter(person)
    own_orders = history.buy(person, showcase.order_no, showcase.order_status)
    for stars in showcase.ratings:
        history.case(person, "request", stars=stars)
    for title in showcase.complaints:
        history.case(person, "complaint", title)
    talks = {talk.topic: talk for talk in TALKS[showcase.language]}
    for ago, topic in enumerate(reversed(showcase.topics)):
        at_ms = history.now_ms - QUIET_MS - DAY_MS - ago * ago * 9 * DAY_MS
        history.talk(person, talks[topic], own_orders, at_ms, CHANNELS[ago % len(CHANNELS)])

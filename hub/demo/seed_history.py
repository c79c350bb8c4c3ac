"""What happened between customers and the demo company, as table rows: purchases, orders, cases, talks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hub.customers.luhn import with_check_digit
from hub.customers.value import DAY_MS
from hub.demo.seed_agents import DEMO_LOGINS
from hub.demo.seed_people import YEAR_MS, YEARS, Person
from hub.demo.seed_words import CASE_TITLES, PRODUCTS, TALKS, Product, Talk

Row = dict[str, Any]

ORDERS_KEPT_MS = 150 * DAY_MS
DELIVERY_MS = 5 * DAY_MS
QUIET_MS = 4 * DAY_MS
"""Nobody has written for so long: whoever writes now begins a new conversation."""
MINUTE_MS = 60_000

CHANNELS = ("voice", "email", "chat", "sms")
CHANNEL_WEIGHTS = (35, 30, 20, 15)
ACCOUNTS = {
    "voice": ("voice", "4000"),
    "email": ("support-mail", "support@harbour-vine.example"),
    "chat": ("web", "web"),
    "sms": ("sms", "+447700900001"),
}
"""Account and our address by channel, as in the configuration that is shipped."""


@dataclass(slots=True)
class History:
    """Rows by table, in the making. `orders_count` numbers the orders (before the check digit)."""

    rng: Random
    now_ms: int
    orders_count: int = 400_001_000
    customers: list[Row] = field(default_factory=list)
    addresses: list[Row] = field(default_factory=list)
    purchases: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    interactions: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)

    def enter(self, person: Person) -> None:
        """The customer with both addresses."""
        self.customers.append(
            {
                "customer_id": person.customer_id,
                "name": person.name,
                "language": person.language,
                "known": True,
                "since_at_ms": person.since_at_ms,
                "created_at_ms": person.since_at_ms,
                "number": person.number,
            }
        )
        for kind, address in (("phone", person.phone), ("email", person.email)):
            self.addresses.append({"kind": kind, "address": address, "customer_id": person.customer_id})

    def live(self, person: Person) -> None:
        """Everything that chance brings to an ordinary customer."""
        own_orders = self.buy(person)
        while self.rng.random() < 0.13:
            self.case(person, "complaint" if self.rng.random() < 0.35 else "request")
        for _ in range(min(int(self.rng.expovariate(0.45)), 12)):
            talk = self.rng.choice(TALKS[person.language])
            self.talk(person, talk, own_orders)

    def buy(self, person: Person, newest_order_no: str = "", newest_status: str = "") -> list[Row]:
        """Purchases from the last one back to the first, and orders of the last months; returns the orders.

        `newest_order_no` and `newest_status` (or "late") set the newest order, for who is on show.
        """
        own_orders: list[Row] = []
        at_ms = person.last_at_ms
        oldest_ms = max(person.since_at_ms, self.now_ms - YEARS * YEAR_MS)
        while at_ms is not None and at_ms >= oldest_ms:
            product = self._product(person)
            self._purchase(person, at_ms, product)
            if newest_order_no:
                own_orders.append(self._order(person, at_ms, product, newest_order_no, newest_status))
                newest_order_no = ""
            elif self.now_ms - at_ms < ORDERS_KEPT_MS:
                self.orders_count += self.rng.randint(1, 9)
                order_no = with_check_digit(str(self.orders_count))
                own_orders.append(self._order(person, at_ms, product, order_no, ""))
            at_ms -= int(self.rng.gammavariate(3, 1 / (3 * person.yearly)) * YEAR_MS)
        return own_orders

    def case(self, person: Person, kind: str, title: str = "", stars: int = 0) -> None:
        """A request or complaint: open and recent with a `title`, closed with `stars`, else by chance."""
        rng = self.rng
        age_ms = DAY_MS + int(rng.expovariate(1 / (8 if title else 250)) * DAY_MS)
        age_ms = min(age_ms, self.now_ms - person.since_at_ms)
        opened_at_ms = self.now_ms - age_ms
        still_open = bool(title) or (not stars and rng.random() < (0.5 if age_ms < 40 * DAY_MS else 0.02))
        lasted_ms = min(int(rng.expovariate(0.3) * DAY_MS), age_ms)
        if not (stars or still_open or rng.random() < 0.4):
            stars = rng.choice((1, 1, 2, 3, 4) if kind == "complaint" else (3, 4, 4, 5, 5))
        self.cases.append(
            {
                "case_id": f"case-{len(self.cases) + 1:05}",
                "customer_id": person.customer_id,
                "kind": kind,
                "title": title or rng.choice(CASE_TITLES[kind, person.language]),
                "state": "open" if still_open else "closed",
                "opened_at_ms": opened_at_ms,
                "closed_at_ms": None if still_open else opened_at_ms + lasted_ms,
                "csat": stars or None,
            }
        )

    def talk(
        self,
        person: Person,
        talk: Talk,
        own_orders: Sequence[Row],
        at_ms: int | None = None,
        channel: str = "",
    ) -> None:
        """One finished conversation, at a random time and on a random channel unless given."""
        rng = self.rng
        channel = channel or rng.choices(CHANNELS, CHANNEL_WEIGHTS)[0]
        latest_ms = self.now_ms - QUIET_MS
        if at_ms is None:
            at_ms = rng.randint(min(max(person.since_at_ms, self.now_ms - 3 * YEAR_MS), latest_ms), latest_ms)
        agent = rng.choice([login for login in DEMO_LOGINS if _speaks(login.skills, person.language)])
        words = self._about(person, [order for order in own_orders if _fits(order, talk, at_ms)])
        interaction_id = f"i-{rng.getrandbits(128):032x}"
        lines = _lines(rng, talk, channel, person.name, agent.name)
        for seq, (author, author_name, text, later_ms) in enumerate(lines, start=1):
            self.messages.append(
                {
                    "message_id": f"m-{rng.getrandbits(128):032x}",
                    "interaction_id": interaction_id,
                    "seq": seq,
                    "author": author,
                    "author_name": author_name,
                    "channel": channel,
                    "text": text.format(**words),
                    "subject": talk.subject.format(**words) if channel == "email" else "",
                    "at_ms": at_ms + later_ms,
                    "delivery": "delivered" if author == "agent" and channel != "chat" else "",
                }
            )
        ended_at_ms = at_ms + lines[-1][3]
        self.interactions.append(
            {
                "interaction_id": interaction_id,
                "customer_id": person.customer_id,
                "channel": channel,
                "account": ACCOUNTS[channel][0],
                "address": self._address(person, channel),
                "our_address": ACCOUNTS[channel][1],
                "subject": talk.subject.format(**words) if channel == "email" else "",
                "language": person.language,
                "state": "closed",
                "opened_at_ms": at_ms,
                "changed_at_ms": ended_at_ms,
                "closed_at_ms": ended_at_ms,
                "last_seq": len(lines),
                "last_agent_id": agent.agent_id,
                "disposition": talk.disposition,
                "answers": {"language": person.language, "reason": talk.topic} if channel == "voice" else {},
            }
        )

    def _about(self, person: Person, own_orders: Sequence[Row]) -> dict[str, str]:
        """Which order a conversation is about: one of the customer's own, or one from long ago."""
        if own_orders:
            order = self.rng.choice(own_orders)
            return {"product": order["product"], "order": order["order_no"]}
        forgotten = with_check_digit(str(self.rng.randint(300_000_000, 399_999_999)))
        return {"product": self.rng.choice(PRODUCTS).named(person.language), "order": forgotten}

    def _product(self, person: Person) -> Product:
        """Who buys much at once buys more of the dear things."""
        return max(self.rng.choices(PRODUCTS, k=2 if person.quantity > 2 else 1), key=lambda p: p.price_cents)

    def _purchase(self, person: Person, at_ms: int, product: Product) -> None:
        pieces = max(1, round(person.quantity * self.rng.uniform(0.6, 1.4)))
        amount_cents = int(product.price_cents * pieces * self.rng.uniform(0.85, 1.0))
        self.purchases.append(
            {
                "purchase_id": f"p-{len(self.purchases) + 1:06}",
                "customer_id": person.customer_id,
                "at_ms": at_ms,
                "product": product.named(person.language) + (f" × {pieces}" if pieces > 1 else ""),
                "amount_cents": amount_cents,
                "margin_cents": int(amount_cents * product.margin),
            }
        )

    def _order(self, person: Person, at_ms: int, product: Product, order_no: str, status: str) -> Row:
        promised_at_ms = at_ms + DELIVERY_MS
        if status in ("placed", "packed", "shipped"):
            promised_at_ms = self.now_ms + 2 * DAY_MS
        order = {
            "order_no": order_no,
            "customer_id": person.customer_id,
            "placed_at_ms": at_ms,
            "status": "shipped" if status == "late" else status or self._status(at_ms),
            "promised_at_ms": promised_at_ms,
            "product": product.named(person.language),
        }
        self.orders.append(order)
        if order["status"] == "returned":
            self._give_back(self.purchases[-1])
        return order

    def _status(self, at_ms: int) -> str:
        days = (self.now_ms - at_ms) // DAY_MS
        if days < 5 or (days < 20 and self.rng.random() < 0.1):
            return "placed" if days < 1 else "packed" if days < 3 else "shipped"
        return "returned" if days > 20 and self.rng.random() < 0.03 else "delivered"

    def _give_back(self, purchase: Row) -> None:
        """A return: the same purchase, negative, two weeks later."""
        self.purchases.append(
            {
                **purchase,
                "purchase_id": f"{purchase['purchase_id']}-r",
                "at_ms": purchase["at_ms"] + 14 * DAY_MS,
                "amount_cents": -purchase["amount_cents"],
                "margin_cents": -purchase["margin_cents"],
            }
        )

    def _address(self, person: Person, channel: str) -> str:
        if channel == "email":
            return person.email
        return f"v-{self.rng.getrandbits(128):032x}" if channel == "chat" else person.phone


def _fits(order: Row, talk: Talk, at_ms: int) -> bool:
    """Nobody talks about an order before placing it, or finds a thing broken that never came."""
    return order["placed_at_ms"] < at_ms and (talk.topic != "complaint" or order["status"] == "delivered")


def _speaks(skills: Any, language: str) -> bool:
    return ("chinese" if language == "zh" else "english") in skills


def _lines(
    rng: Random, talk: Talk, channel: str, customer: str, agent: str
) -> list[tuple[str, str, str, int]]:
    """(author, author's name, text, ms after the start). A call leaves the agent's note alone."""
    if channel == "voice":
        return [("note", agent, talk.note, rng.randint(3, 14) * MINUTE_MS)]
    pace_ms = {"chat": MINUTE_MS, "sms": 6 * MINUTE_MS, "email": 90 * MINUTE_MS}[channel]
    lines = [
        ("customer", customer, rng.choice(talk.asks), 0),
        ("agent", agent, rng.choice(talk.answers), rng.randint(1, 3) * pace_ms),
    ]
    if rng.random() < 0.6:
        lines.append(("customer", customer, rng.choice(talk.thanks), rng.randint(4, 8) * pace_ms))
    return lines

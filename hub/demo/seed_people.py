"""The demo company's customers: names, addresses, and how they buy. Random, but the same for the same seed.

Telephone numbers are from ranges that regulators keep for fiction: 555-01xx in North America, the numbers
that Ofcom reserves for drama in Britain. China reserves none: those here are valid in form, and the demo's
carrier is inside the hub, so nobody is ever called.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from hub.customers.luhn import with_check_digit
from hub.customers.value import DAY_MS
from hub.demo.seed_words import CHINESE_FIRST, CHINESE_LAST, ENGLISH_FIRST, ENGLISH_LAST, MAIL_DOMAINS

YEAR_MS = 365 * DAY_MS
HOUR_MS = 3_600_000
YEARS = 5
CHINESE_SHARE = 0.55
LAPSED_SHARE = 0.35
PARETO_SHAPE = 1.16
"""With this shape a fifth of the people has four fifths of the whole."""
WEALTH_MAX = 300.0

BRITISH_AREAS = ("113", "114", "115", "116", "117", "118", "121", "131", "141", "151", "161")
AMERICAN_AREAS = ("212", "213", "206", "303", "305", "312", "404", "415", "503", "512", "602", "617", "702")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and a way of buying.

    `yearly` purchases a year, `quantity` pieces in one, the first at `since_at_ms`, the last at `last_at_ms`
    (None: never bought). `number`: customer number with check digit.
    """

    customer_id: str
    number: str
    name: str
    language: str
    phone: str
    email: str
    since_at_ms: int
    last_at_ms: int | None
    yearly: float
    quantity: float


def people(rng: Random, count: int, first_number: int, now_ms: int) -> Iterator[Person]:
    """`count` customers; customer numbers run from `first_number` before the check digit."""
    for index in range(count):
        chinese = rng.random() < CHINESE_SHARE
        name, mailbox = _chinese_name(rng) if chinese else _english_name(rng)
        wealth = min(rng.paretovariate(PARETO_SHAPE), WEALTH_MAX)
        yearly = min(2.2 * wealth**0.5, 30.0)
        since_at_ms = now_ms - int(rng.uniform(0.05, YEARS) * YEAR_MS)
        yield Person(
            customer_id=f"{rng.getrandbits(128):032x}",
            number=with_check_digit(str(first_number + index)),
            name=name,
            language="zh" if chinese else "en",
            phone=_chinese_phone(index) if chinese else _english_phone(index),
            email=f"{mailbox}{index}@{rng.choice(MAIL_DOMAINS)}",
            since_at_ms=since_at_ms,
            last_at_ms=_last(rng, since_at_ms, yearly, now_ms),
            yearly=yearly,
            quantity=wealth**0.5,
        )


def _last(rng: Random, since_at_ms: int, yearly: float, now_ms: int) -> int | None:
    """When the last purchase was: within the usual gap, or long ago for who went away; a few never bought."""
    fate = rng.random()
    if fate < 0.04:
        return None
    if fate < 0.04 + LAPSED_SHARE:
        return rng.randint(since_at_ms, now_ms - DAY_MS)
    return max(since_at_ms, now_ms - HOUR_MS - int(rng.expovariate(yearly) * YEAR_MS))


def _english_name(rng: Random) -> tuple[str, str]:
    first, last = rng.choice(ENGLISH_FIRST), rng.choice(ENGLISH_LAST)
    return f"{first} {last}", f"{first}.{last}".lower()


def _chinese_name(rng: Random) -> tuple[str, str]:
    last, _, last_latin = rng.choice(CHINESE_LAST).partition("=")
    first, _, first_latin = rng.choice(CHINESE_FIRST).partition("=")
    return last + first, f"{first_latin}.{last_latin}"


def _chinese_phone(index: int) -> str:
    return f"+861990000{index:04}"


def _english_phone(index: int) -> str:
    if index % 3:
        area, line = divmod(index, 1000)
        return f"+44{BRITISH_AREAS[area % len(BRITISH_AREAS)]}4960{line:03}"
    area, line = divmod(index // 3, 100)
    return f"+1{AMERICAN_AREAS[area % len(AMERICAN_AREAS)]}55501{line:02}"

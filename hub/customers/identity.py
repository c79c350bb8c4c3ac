"""Who is it? From a phone number, mail address or visitor token to one customer. Owns `addresses`.

Start with `identify`. A withheld or unusable address never finds anybody and is never kept: each such contact
is a new, unknown customer, so strangers cannot be taken for one another.
"""

import re
import unicodedata
from typing import Literal
from uuid import uuid4

import phonenumbers
from sqlalchemy import Connection, bindparam, insert, select, update

from hub.customers.luhn import digits_of, is_valid
from hub.store.tables import addresses, customers

AddressKind = Literal["phone", "email", "visitor"]

NAME_CHARS_MAX = 200
EMAIL_CHARS_MAX = 320
VISITOR_CHARS_MAX = 200
SENDER_CHARS_MAX = 32
"""Short codes and alphanumeric SMS senders, which are no phone numbers."""

WITHHELD = frozenset(
    {
        *("anonymous", "asterisk", "blocked", "hidden", "private", "restricted"),
        *("unavailable", "unknown", "withheld", "0", "s"),
        # ANONYMOUS, RESTRICTED and UNKNOWN as typed on a telephone keypad: some gateways send those.
        *("266696687", "+266696687", "7378742833", "+7378742833", "8656696", "+8656696"),
    }
)
"""What networks put where the caller's number would be."""

_BY_ADDRESS = (
    select(customers.c.customer_id, customers.c.known, customers.c.name, customers.c.language)
    .join(addresses)
    .where(addresses.c.kind == bindparam("kind"), addresses.c.address == bindparam("address"))
)
_NAME = select(customers.c.name).where(customers.c.customer_id == bindparam("customer_id"))
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


def identify(
    conn: Connection,
    kind: AddressKind,
    address: str,
    now_ms: int,
    *,
    name: str = "",
    language: str = "",
    region: str | None = None,
) -> str:
    """Return the customer_id of who has `address`; creates an unknown customer when nobody does.

    `region`: two-letter country of the line, for phone numbers without a country code; None: those are kept
    as they are. `name` and `language` are only what the contact claims: they fill blanks of unknown customers
    and never change a known one. An empty, withheld or malformed address gives a new customer each time.
    """
    usable = normalise(kind, address, region=region)
    name = _CONTROLS.sub(" ", name).strip()[:NAME_CHARS_MAX]
    if usable:
        row = conn.execute(_BY_ADDRESS, {"kind": kind, "address": usable}).first()
        if row is not None:
            _fill_blanks(conn, row.customer_id, row.known, row.name, row.language, name, language)
            return str(row.customer_id)
    customer_id = uuid4().hex
    conn.execute(
        insert(customers),
        {
            "customer_id": customer_id,
            "name": name,
            "language": language,
            "known": False,
            "created_at_ms": now_ms,
        },
    )
    if usable:
        conn.execute(insert(addresses), {"kind": kind, "address": usable, "customer_id": customer_id})
    return customer_id


def normalise(kind: AddressKind, address: str, *, region: str | None = None) -> str:
    """The one spelling under which an address is stored: E.164, mail in lower case, token as it is.

    "" when it identifies nobody: withheld, empty, too long, or not an address of that kind.
    """
    address = address.strip()
    if kind == "visitor":
        return address if len(address) <= VISITOR_CHARS_MAX else ""
    if kind == "email":
        return _normalise_email(address)
    return _normalise_phone(address, region)


def _normalise_email(address: str) -> str:
    # Lower case, not full case folding: that would make one mailbox of straße@ and strasse@.
    folded = unicodedata.normalize("NFC", address).lower()
    local, _, domain = folded.rpartition("@")
    if not local or not domain or len(folded) > EMAIL_CHARS_MAX or any(sign.isspace() for sign in folded):
        return ""
    return folded


def _normalise_phone(address: str, region: str | None) -> str:
    folded = unicodedata.normalize("NFKC", address).casefold()
    if not folded or folded in WITHHELD or len(folded) > VISITOR_CHARS_MAX:
        return ""
    try:
        number = phonenumbers.parse(folded, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_possible_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return folded if len(folded) <= SENDER_CHARS_MAX else ""


def by_number(conn: Connection, number: str) -> str | None:
    """The customer_id behind a customer number as typed (spaces and full-width digits allowed).

    None when the check digit is wrong or nobody has it.
    """
    digits = digits_of(number)
    if not is_valid(digits):
        return None
    found = conn.execute(select(customers.c.customer_id).where(customers.c.number == digits)).scalar()
    return None if found is None else str(found)


def name_of(conn: Connection, customer_id: str) -> str:
    """The customer's name; "" when it is not known."""
    return str(conn.execute(_NAME, {"customer_id": customer_id}).scalar() or "")


def _fill_blanks(
    conn: Connection,
    customer_id: str,
    known: bool,
    old_name: str,
    old_language: str,
    name: str,
    language: str,
) -> None:
    if known:
        return
    blanks = {}
    if name and not old_name:
        blanks["name"] = name
    if language and not old_language:
        blanks["language"] = language
    if blanks:
        conn.execute(update(customers).where(customers.c.customer_id == customer_id).values(blanks))

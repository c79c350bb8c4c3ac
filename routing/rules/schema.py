"""The facts that a rule may ask about, their types, and the operators that each type has.

A fact that is missing, or of another type than its field, counts as null. `ivr.<name>` is open: any answer
that a caller gave in the menu, as text.
"""

from dataclasses import dataclass
from enum import StrEnum

from routing.types import Channel


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


class Operator(StrEnum):
    """Spelled as the query builder spells them."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    IN = "in"
    NOT_IN = "notIn"
    CONTAINS = "contains"
    BEGINS_WITH = "beginsWith"
    ENDS_WITH = "endsWith"
    NULL = "null"
    NOT_NULL = "notNull"


_EQUALITY = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN)
_PRESENCE = (Operator.NULL, Operator.NOT_NULL)

OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (
        *_EQUALITY,
        Operator.CONTAINS,
        Operator.BEGINS_WITH,
        Operator.ENDS_WITH,
        *_PRESENCE,
    ),
    Kind.NUMBER: (
        *_EQUALITY,
        Operator.LESS,
        Operator.LESS_OR_EQUAL,
        Operator.GREATER,
        Operator.GREATER_OR_EQUAL,
        *_PRESENCE,
    ),
    Kind.CHOICE: (*_EQUALITY, *_PRESENCE),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A fact. `choices` are the only values of a CHOICE; `low` and `high` bound a NUMBER."""

    name: str
    label: str
    kind: Kind
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None


FIELDS: tuple[Field, ...] = (
    Field("channel", "channel", Kind.CHOICE, tuple(str(channel) for channel in Channel)),
    Field("dialled", "dialled number or address", Kind.TEXT),
    Field("address", "sender", Kind.TEXT),
    Field("language", "language", Kind.TEXT),
    Field("tier", "customer tier", Kind.TEXT),
    Field("value", "customer value", Kind.NUMBER, low=0, high=100),
    Field("loyalty", "customer loyalty", Kind.NUMBER, low=0, high=100),
    Field("hour", "hour of the day", Kind.NUMBER, low=0, high=23),
    Field("weekday", "day of the week (0 is Monday)", Kind.NUMBER, low=0, high=6),
    Field("subject", "subject", Kind.TEXT),
)

IVR_PREFIX = "ivr."
_BY_NAME = {field.name: field for field in FIELDS}


def field_named(name: str) -> Field | None:
    """The field, or None when there is none of this name."""
    if name.startswith(IVR_PREFIX) and name.removeprefix(IVR_PREFIX).replace("_", "").isalnum():
        return Field(name, f"menu answer “{name.removeprefix(IVR_PREFIX)}”", Kind.TEXT)
    return _BY_NAME.get(name)

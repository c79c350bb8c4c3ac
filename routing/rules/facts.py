"""Facts about a contact, normalised once so that hundreds of conditions can compare them cheaply.

A row has one slot for each field that a rule set asks about. A text is casefolded and cut to
`FACT_CHARS_MAX` characters, a number stands as it is; what is missing or of another type is the `missing` of
its kind, of which no comparison is true.
"""

import math
from collections.abc import Mapping
from typing import Any

from routing.rules.problems import is_number
from routing.rules.schema import Field, Kind

Facts = Mapping[str, object]
Row = list[Any]

FACT_CHARS_MAX = 4_096

NO_NUMBER = math.nan
"""Neither less nor greater than anything, nor equal to it; told apart by identity."""


def missing(kind: Kind) -> float | None:
    """What stands in a row for a fact that is not there."""
    return NO_NUMBER if kind is Kind.NUMBER else None


class Slots:
    """The fields that one rule set asks about, each with its place in a row."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._columns: list[tuple[str, bool]] = []

    def slot(self, field: Field) -> int:
        """The field's place; a field gets one when it is asked for first."""
        known = self._slots.get(field.name)
        if known is None:
            known = self._slots[field.name] = len(self._columns)
            self._columns.append((field.name, field.kind is Kind.NUMBER))
        return known

    def names(self) -> tuple[str, ...]:
        """The names of the fields, by place."""
        return tuple(self._slots)

    def prepare(self, facts: Facts) -> Row:
        """The row of these facts. Never raises."""
        row: Row = []
        for name, number in self._columns:
            fact = facts.get(name)
            if number:
                row.append(fact if type(fact) is int or is_number(fact) else NO_NUMBER)
            else:
                row.append(fact[:FACT_CHARS_MAX].casefold() if isinstance(fact, str) else None)
        return row

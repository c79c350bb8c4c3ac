"""Conditions: a query-builder JSON tree, checked against the schema and compiled to closures.

A group is `{combinator: and|or, not?, rules: [...]}`, a clause `{field, operator, value}`. Texts compare
without regard to case. A comparison with a missing fact is false, whatever the operator; only `null` is true
of it. Evaluation never raises and costs at most `CLAUSES_MAX` comparisons of `FACT_CHARS_MAX` characters.
"""

from collections.abc import Collection, Mapping
from typing import Any

from routing.rules.facts import Slots
from routing.rules.predicates import ALWAYS, Clause, Condition, Group, Node, condition_of
from routing.rules.problems import TEXT_CHARS_MAX, Reader, is_number, pointer, shown
from routing.rules.schema import CALENDAR_PREFIX, OPERATORS, Field, Kind, Operator, field_named

DEPTH_MAX = 8
CLAUSES_MAX = 100
VALUES_MAX = 200

_GROUP_KEYS = ("combinator", "not", "rules", "id", "path", "disabled")
_CLAUSE_KEYS = ("field", "operator", "value", "valueSource", "id", "path", "disabled")
_EDITOR_CHARS_MAX = 1_000


def compile_condition(
    tree: object, at: str, reader: Reader, slots: Slots, calendars: Collection[str] = ()
) -> Condition:
    """The condition of a tree at JSON pointer `at`, over rows of `slots`; None as tree is always true.

    calendars: the ids that `calendar.<id>` may name.  Mistakes go to the reader; the condition is meaningless
    then and must not be used.
    """
    return condition_of(ALWAYS if tree is None else _Compiler(reader, slots, calendars).node(tree, at, 1))


class _Compiler:
    def __init__(self, reader: Reader, slots: Slots, calendars: Collection[str]) -> None:
        self._reader = reader
        self._slots = slots
        self._calendars = calendars
        self._clauses = 0

    def node(self, tree: object, at: str, depth: int) -> Node:
        if isinstance(tree, dict) and ("rules" in tree or "combinator" in tree):
            return self._group(tree, at, depth)
        return self._clause(tree, at)

    def _group(self, tree: dict[str, Any], at: str, depth: int) -> Node:
        reader = self._reader
        if depth > DEPTH_MAX:
            reader.report(at, f"Conditions are nested deeper than {DEPTH_MAX} levels.")
            return ALWAYS
        reader.mapping(tree, at, _GROUP_KEYS)
        combinator = tree.get("combinator")
        if combinator not in ("and", "or"):
            reader.report(pointer(at, "combinator"), f"This must be “and” or “or”, not {shown(combinator)}.")
        self._editors_own(tree, at)
        negated = reader.flag(tree.get("not", False), pointer(at, "not"))
        members = reader.listing(tree.get("rules"), pointer(at, "rules"), count_max=CLAUSES_MAX)
        if tree.get("rules") == []:
            reader.report(pointer(at, "rules"), "The group has no conditions.")
        parts = [
            self.node(item, pointer(at, "rules", index), depth + 1) for index, item in enumerate(members)
        ]
        return Group(combinator == "and", tuple(parts), negated) if parts else ALWAYS

    def _clause(self, tree: object, at: str) -> Node:
        reader = self._reader
        self._clauses += 1
        if self._clauses == CLAUSES_MAX + 1:
            reader.report(at, f"The rule has more than {CLAUSES_MAX} conditions.")
        if self._clauses > CLAUSES_MAX:
            return ALWAYS
        clause = reader.mapping(tree, at, _CLAUSE_KEYS)
        if not clause:
            if isinstance(tree, dict):
                reader.report(at, "The condition is empty.")
            return ALWAYS
        self._editors_own(clause, at)
        if clause.get("valueSource", "value") != "value":
            reader.report(pointer(at, "valueSource"), "A fact can be compared with a value only.")
        name = clause.get("field")
        field = field_named(name) if isinstance(name, str) else None
        if field is None or not self._known_calendar(field):
            reader.report(pointer(at, "field"), f"There is no field called {shown(name)}.")
            return ALWAYS
        symbol = clause.get("operator")
        operator = next((known for known in OPERATORS[field.kind] if known == symbol), None)
        if operator is None:
            allowed = ", ".join(OPERATORS[field.kind])
            reader.report(
                pointer(at, "operator"),
                f"{field.name} cannot be compared by {shown(symbol)}; it takes {allowed}.",
            )
            return ALWAYS
        return self._comparison(field, operator, clause.get("value"), pointer(at, "value"))

    def _known_calendar(self, field: Field) -> bool:
        calendar = field.name.removeprefix(CALENDAR_PREFIX)
        return calendar == field.name or calendar in self._calendars

    def _editors_own(self, entry: Mapping[str, Any], at: str) -> None:
        """What the query builder keeps for itself says nothing to us, but is stored: it must stay small."""
        for key in ("id", "path", "disabled"):
            kept = entry.get(key)
            plain = kept is None or isinstance(kept, str | int | float)
            numbers = isinstance(kept, list) and all(isinstance(item, int) for item in kept)
            if not (plain or numbers) or (isinstance(kept, str | list) and len(kept) > _EDITOR_CHARS_MAX):
                self._reader.report(pointer(at, key), "This key is for the editor's own short notes.")

    def _comparison(self, field: Field, operator: Operator, value: object, at: str) -> Node:
        slot, kind = self._slots.slot(field), field.kind
        if operator in (Operator.NULL, Operator.NOT_NULL):
            return Clause(slot, kind, operator)
        if operator in (Operator.IN, Operator.NOT_IN):
            return Clause(slot, kind, operator, frozenset(self._constants(field, value, at)))
        return Clause(slot, kind, operator, self._constant(field, value, at))

    def _constants(self, field: Field, value: object, at: str) -> list[str | int | float]:
        """The values of `in`: a list, or the query builder's comma-separated text."""
        if isinstance(value, str) and field.kind is not Kind.NUMBER:
            value = [part.strip() for part in value.split(",") if part.strip()]
        items = self._reader.listing(value, at, count_max=VALUES_MAX)
        if value == []:
            self._reader.report(at, "At least one value is needed.")
        found = [self._constant(field, item, pointer(at, index)) for index, item in enumerate(items)]
        return [constant for constant in found if constant is not None]

    def _constant(self, field: Field, value: object, at: str) -> str | int | float | None:
        reader = self._reader
        if field.kind is Kind.NUMBER:
            if not is_number(value):
                reader.report(at, f"{field.name} is a number and cannot be compared with {shown(value)}.")
            elif (field.low is not None and value < field.low) or (
                field.high is not None and value > field.high
            ):
                reader.report(at, f"{field.name} lies between {field.low} and {field.high}.")
            else:
                return value
            return None
        if not isinstance(value, str) or not value:
            reader.report(at, f"{field.name} is a text and cannot be compared with {shown(value)}.")
        elif len(value) > TEXT_CHARS_MAX:
            reader.report(at, f"The text is longer than {TEXT_CHARS_MAX} characters.")
        elif field.choices and value.casefold() not in field.choices:
            reader.report(at, f"{field.name} is one of {', '.join(field.choices)}.")
        else:
            return value.casefold()
        return None

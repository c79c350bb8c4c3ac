"""Conditions: a query-builder JSON tree, checked against the schema and compiled to closures.

A group is `{combinator: and|or, not?, rules: [...]}`, a clause `{field, operator, value}`. Texts compare
without regard to case. A comparison with a missing fact is false, whatever the operator; only `null` is true
of it. Evaluation never raises and costs at most `CLAUSES_MAX` comparisons of `FACT_CHARS_MAX` characters.
"""

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from routing.rules.problems import TEXT_CHARS_MAX, Reader, is_number, pointer, shown
from routing.rules.schema import OPERATORS, Field, Kind, Operator, field_named

Facts = Mapping[str, object]
Predicate = Callable[[Facts], bool]

DEPTH_MAX = 8
CLAUSES_MAX = 100
VALUES_MAX = 200
FACT_CHARS_MAX = 4_096

_GROUP_KEYS = ("combinator", "not", "rules", "id", "path", "disabled")
_CLAUSE_KEYS = ("field", "operator", "value", "valueSource", "id", "path", "disabled")
_COMPARISONS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: eq,
    Operator.NOT_EQUAL: ne,
    Operator.LESS: lt,
    Operator.LESS_OR_EQUAL: le,
    Operator.GREATER: gt,
    Operator.GREATER_OR_EQUAL: ge,
}


def compile_condition(tree: object, at: str, reader: Reader) -> Predicate:
    """Return the predicate of a tree at JSON pointer `at`; None as tree is always true.

    Mistakes go to the reader; the predicate is meaningless then and must not be used.
    """
    if tree is None:
        return _always
    return _Compiler(reader).node(tree, at, 1)


def _always(_: Facts) -> bool:
    return True


class _Compiler:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._clauses = 0

    def node(self, tree: object, at: str, depth: int) -> Predicate:
        if isinstance(tree, dict) and ("rules" in tree or "combinator" in tree):
            return self._group(tree, at, depth)
        return self._clause(tree, at)

    def _group(self, tree: dict[str, Any], at: str, depth: int) -> Predicate:
        reader = self._reader
        if depth > DEPTH_MAX:
            reader.report(at, f"Conditions are nested deeper than {DEPTH_MAX} levels.")
            return _always
        reader.mapping(tree, at, _GROUP_KEYS)
        combinator = tree.get("combinator")
        if combinator not in ("and", "or"):
            reader.report(pointer(at, "combinator"), f"This must be “and” or “or”, not {shown(combinator)}.")
        negated = tree.get("not", False)
        if not isinstance(negated, bool):
            reader.report(pointer(at, "not"), f"This must be true or false, not {shown(negated)}.")
        members = reader.listing(tree.get("rules"), pointer(at, "rules"), count_max=CLAUSES_MAX)
        if tree.get("rules") == []:
            reader.report(pointer(at, "rules"), "The group has no conditions.")
        parts = [
            self.node(item, pointer(at, "rules", index), depth + 1) for index, item in enumerate(members)
        ]
        group = _all_of(parts) if combinator == "and" else _any_of(parts)
        return _negation(group) if negated is True else group

    def _clause(self, tree: object, at: str) -> Predicate:
        reader = self._reader
        self._clauses += 1
        if self._clauses == CLAUSES_MAX + 1:
            reader.report(at, f"The rule has more than {CLAUSES_MAX} conditions.")
        if self._clauses > CLAUSES_MAX:
            return _always
        clause = reader.mapping(tree, at, _CLAUSE_KEYS)
        if not clause:
            if isinstance(tree, dict):
                reader.report(at, "The condition is empty.")
            return _always
        if clause.get("valueSource", "value") != "value":
            reader.report(pointer(at, "valueSource"), "A fact can be compared with a value only.")
        name = clause.get("field")
        field = field_named(name) if isinstance(name, str) else None
        if field is None:
            reader.report(pointer(at, "field"), f"There is no field called {shown(name)}.")
            return _always
        symbol = clause.get("operator")
        operator = next((known for known in OPERATORS[field.kind] if known == symbol), None)
        if operator is None:
            allowed = ", ".join(OPERATORS[field.kind])
            reader.report(
                pointer(at, "operator"),
                f"{field.name} cannot be compared by {shown(symbol)}; it takes {allowed}.",
            )
            return _always
        return self._comparison(field, operator, clause.get("value"), pointer(at, "value"))

    def _comparison(self, field: Field, operator: Operator, value: object, at: str) -> Predicate:
        kind, name = field.kind, field.name
        if operator is Operator.NOT_NULL:
            return _test(kind, name, _anything)
        if operator is Operator.NULL:
            return _negation(_test(kind, name, _anything))
        if operator in (Operator.IN, Operator.NOT_IN):
            constants = frozenset(self._constants(field, value, at))
            if operator is Operator.IN:
                return _test(kind, name, constants.__contains__)
            return _test(kind, name, lambda fact: fact not in constants)
        constant = self._constant(field, value, at)
        if constant is None:
            return _always
        if operator in _COMPARISONS:
            compare = _COMPARISONS[operator]
            return _test(kind, name, lambda fact: compare(fact, constant))
        return _test(kind, name, _text_test(operator, str(constant)))

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


def _anything(_: object) -> bool:
    return True


def _test(kind: Kind, name: str, holds: Callable[[Any], bool]) -> Predicate:
    """`holds` of a fact that is there and of the right type, else false. It runs often, so one call deep."""

    def number_clause(facts: Facts) -> bool:
        fact = facts.get(name)
        return is_number(fact) and holds(fact)

    def text_clause(facts: Facts) -> bool:
        fact = facts.get(name)
        return isinstance(fact, str) and holds(fact[:FACT_CHARS_MAX].casefold())

    return number_clause if kind is Kind.NUMBER else text_clause


def _text_test(operator: Operator, constant: str) -> Callable[[Any], bool]:
    if operator is Operator.BEGINS_WITH:
        return lambda fact: fact.startswith(constant)
    if operator is Operator.ENDS_WITH:
        return lambda fact: fact.endswith(constant)
    return lambda fact: constant in fact


def _all_of(parts: list[Predicate]) -> Predicate:
    def group(facts: Facts) -> bool:
        return all(part(facts) for part in parts)

    return group


def _any_of(parts: list[Predicate]) -> Predicate:
    def group(facts: Facts) -> bool:
        return any(part(facts) for part in parts)

    return group


def _negation(part: Predicate) -> Predicate:
    return lambda facts: not part(facts)

"""Checked conditions as closures over a row of facts: few calls deep, because they run for every contact.

Also says on which values of which slots a condition can hold at all (its anchors), from which `index.py`
finds the first matching rule without trying them all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from routing.rules.facts import Row, missing
from routing.rules.schema import Kind, Operator

Predicate = Callable[[Row], bool]
Anchors = dict[int, frozenset[Any]]

ANCHOR_VALUES_MAX = 200
_FUSED = 4


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison. `constant` is casefolded if a text, a frozenset for `in` and `notIn`."""

    slot: int
    kind: Kind
    operator: Operator
    constant: Any = None


@dataclass(frozen=True, slots=True)
class Group:
    """All or any of the parts, or not. Without parts: all of nothing, which is always true."""

    every: bool
    parts: tuple["Node", ...]
    negated: bool = False


Node = Clause | Group
ALWAYS = Group(True, ())


@dataclass(frozen=True, slots=True)
class Condition:
    """`holds` of a row. It can hold only if each slot of `anchors` has one of the values there."""

    holds: Predicate
    anchors: Anchors


def condition_of(node: Node) -> Condition:
    """The closures and anchors of a checked tree."""
    simple = _simplified(node)
    return Condition(_predicate(simple), _anchors(simple))


def _simplified(node: Node) -> Node:
    """The same condition with groups inside alike groups dissolved and equalities of one field in one set."""
    if isinstance(node, Clause):
        return node
    parts: list[Node] = []
    for part in map(_simplified, node.parts):
        if isinstance(part, Group) and not part.negated and (part.every == node.every and part.parts):
            parts.extend(part.parts)
        else:
            parts.append(part)
    if not node.every:
        parts = _equalities_joined(parts)
    parts.sort(key=_cost)
    if len(parts) == 1 and not node.negated:
        return parts[0]
    return Group(node.every, tuple(parts), node.negated)


def _cost(node: Node) -> int:
    """What is cheap comes first, as the order changes no answer: comparisons, searches in texts, groups."""
    if isinstance(node, Group):
        return 2
    return int(node.operator in (Operator.CONTAINS, Operator.BEGINS_WITH, Operator.ENDS_WITH))


def _equalities_joined(parts: Sequence[Node]) -> list[Node]:
    """Alternatives in which `= a`, `= b` and `in [c, d]` of one slot are one `in [a, b, c, d]`."""
    values: dict[int, frozenset[Any]] = {}
    others: list[Node] = []
    kinds: dict[int, Kind] = {}
    for part in parts:
        found = _values(part)
        if isinstance(part, Clause) and found is not None:
            values[part.slot] = values.get(part.slot, frozenset()) | found
            kinds[part.slot] = part.kind
        else:
            others.append(part)
    joined = [Clause(slot, kinds[slot], Operator.IN, found) for slot, found in values.items()]
    return [*joined, *others]


def _values(node: Node) -> frozenset[Any] | None:
    """The only values with which an equality holds; None for anything else."""
    if isinstance(node, Clause):
        if node.operator is Operator.EQUAL:
            return frozenset((node.constant,))
        if node.operator is Operator.IN:
            return frozenset(node.constant)
    return None


def _anchors(node: Node) -> Anchors:
    if isinstance(node, Clause):
        values = _values(node)
        return {} if values is None else {node.slot: values}
    if node.negated or not node.parts:
        return {}
    members = [_anchors(part) for part in node.parts]
    if node.every:
        found: Anchors = {}
        for member in members:
            found.update(member)
        return found
    shared: Anchors = {}
    for slot in members[0]:
        if all(slot in member for member in members):
            union = frozenset[Any]().union(*(member[slot] for member in members))
            if len(union) <= ANCHOR_VALUES_MAX:
                shared[slot] = union
    return shared


def _predicate(node: Node) -> Predicate:
    if isinstance(node, Clause):
        return _text_search(node) or _comparison(node)
    parts = [_predicate(part) for part in node.parts]
    group = _all_of(parts) if node.every else _any_of(parts)
    return _negation(group) if node.negated else group


def _comparison(clause: Clause) -> Predicate:
    slot, constant, nothing = clause.slot, clause.constant, missing(clause.kind)
    match clause.operator:
        case Operator.EQUAL:
            return lambda row: row[slot] == constant
        case Operator.NOT_EQUAL:
            refused = frozenset((constant, nothing))
            return lambda row: row[slot] not in refused
        case Operator.IN:
            return lambda row: row[slot] in constant
        case Operator.NOT_IN:
            refused = frozenset((*constant, nothing))
            return lambda row: row[slot] not in refused
        case Operator.LESS:
            return lambda row: row[slot] < constant
        case Operator.LESS_OR_EQUAL:
            return lambda row: row[slot] <= constant
        case Operator.GREATER:
            return lambda row: row[slot] > constant
        case Operator.GREATER_OR_EQUAL:
            return lambda row: row[slot] >= constant
        case Operator.NULL:
            return lambda row: row[slot] is nothing
        case _:
            return lambda row: row[slot] is not nothing


def _text_search(clause: Clause) -> Predicate | None:
    slot, constant = clause.slot, clause.constant
    match clause.operator:
        case Operator.CONTAINS:
            return lambda row: (text := row[slot]) is not None and constant in text
        case Operator.BEGINS_WITH:
            return lambda row: (text := row[slot]) is not None and text.startswith(constant)
        case Operator.ENDS_WITH:
            return lambda row: (text := row[slot]) is not None and text.endswith(constant)
        case _:
            return None


def _all_of(parts: list[Predicate]) -> Predicate:
    match parts:
        case []:
            return lambda row: True
        case [a]:
            return a
        case [a, b]:
            return lambda row: a(row) and b(row)
        case [a, b, c]:
            return lambda row: a(row) and b(row) and c(row)
        case [a, b, c, d]:
            return lambda row: a(row) and b(row) and c(row) and d(row)
        case _:
            return _all_of([_all_of(few) for few in _fours(parts)])


def _any_of(parts: list[Predicate]) -> Predicate:
    match parts:
        case [a]:
            return a
        case [a, b]:
            return lambda row: a(row) or b(row)
        case [a, b, c]:
            return lambda row: a(row) or b(row) or c(row)
        case [a, b, c, d]:
            return lambda row: a(row) or b(row) or c(row) or d(row)
        case _:
            return _any_of([_any_of(few) for few in _fours(parts)])


def _fours(parts: list[Predicate]) -> list[list[Predicate]]:
    return [parts[start : start + _FUSED] for start in range(0, len(parts), _FUSED)]


def _negation(part: Predicate) -> Predicate:
    return lambda row: not part(row)

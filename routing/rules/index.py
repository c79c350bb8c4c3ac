"""The first of many conditions that holds, found without trying them all.

Conditions that can hold only for certain values of one field (their anchors) are filed under these values;
what is left is filed by another field, or tried in turn. A branch never decides whether a condition holds,
it only leaves out those that cannot: the answer is that of trying all in order.
"""

from collections.abc import Callable, Sequence
from typing import Any

from routing.rules.facts import Row
from routing.rules.predicates import Condition, Predicate

Finder = Callable[[Row, int], int]
"""The position of the first condition below the limit that holds of the row, else the limit."""

LEAF_MAX = 4
ENTRIES_MAX = 50_000
"""So many entries all branches of one index have together; what does not fit is tried in turn."""
_GAIN = 0.9

_Filed = tuple[int, Condition]


def index_of(conditions: Sequence[Condition]) -> Finder:
    """A finder over the conditions, by their positions."""
    return _Builder().build(list(enumerate(conditions)), frozenset())


class _Builder:
    def __init__(self) -> None:
        self._entries = 0

    def build(self, filed: list[_Filed], used: frozenset[int]) -> Finder:
        slot = self._best_slot(filed, used) if len(filed) > LEAF_MAX else None
        if slot is None:
            return _in_turn([(position, condition.holds) for position, condition in filed])
        by_value: dict[Any, list[_Filed]] = {}
        rest: list[_Filed] = []
        for position, condition in filed:
            values = condition.anchors.get(slot)
            if values is None:
                rest.append((position, condition))
                continue
            for value in values:
                by_value.setdefault(value, []).append((position, condition))
        self._entries += sum(map(len, by_value.values()))
        used = used | {slot}
        branches = {value: self.build(few, used) for value, few in by_value.items()}
        return _branch(slot, branches, self.build(rest, used))

    def _best_slot(self, filed: list[_Filed], used: frozenset[int]) -> int | None:
        """The field that leaves the fewest conditions to try, if that is much fewer than all."""
        sizes: dict[int, dict[Any, int]] = {}
        anchored: dict[int, int] = {}
        for _, condition in filed:
            for slot, values in condition.anchors.items():
                if slot not in used:
                    anchored[slot] = anchored.get(slot, 0) + 1
                    size = sizes.setdefault(slot, {})
                    for value in values:
                        size[value] = size.get(value, 0) + 1
        best, least = None, _GAIN * len(filed)
        for slot in sorted(sizes):
            counts = sizes[slot].values()
            entries = sum(counts)
            # What a contact with one of the filed values meets: its branch, and all that is not filed.
            left = len(filed) - anchored[slot] + (sum(n * n for n in counts) / entries if entries else 0)
            if left < least and self._entries + entries <= ENTRIES_MAX:
                best, least = slot, left
        return best


def _in_turn(filed: list[tuple[int, Predicate]]) -> Finder:
    def find(row: Row, limit: int) -> int:
        for position, holds in filed:
            if position >= limit:
                return limit
            if holds(row):
                return position
        return limit

    return find


def _branch(slot: int, branches: dict[Any, Finder], rest: Finder) -> Finder:
    def find(row: Row, limit: int) -> int:
        branch = branches.get(row[slot])
        if branch is not None:
            limit = branch(row, limit)
        return rest(row, limit)

    return find

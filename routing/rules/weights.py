"""How much earlier a customer counts as having come: head start from value and loyalty, integers only."""

from dataclasses import dataclass

from routing.rules.problems import Reader, is_number, pointer, shown

_UNIT = 1_000


@dataclass(frozen=True, slots=True)
class Weights:
    """What value and loyalty count, in thousandths: 0-1000 each, not both 0."""

    value: int = _UNIT
    loyalty: int = 0


VALUE_ONLY = Weights()


def read_weights(item: object, at: str, reader: Reader) -> Weights:
    """Read `{value?: 0-1, loyalty?: 0-1}`; what is not said is 1 for value and 0 for loyalty."""
    entry = reader.mapping(item, at, ("value", "loyalty"))
    value = _weight(entry.get("value", 1), pointer(at, "value"), reader)
    loyalty = _weight(entry.get("loyalty", 0), pointer(at, "loyalty"), reader)
    if value == loyalty == 0:
        reader.report(at, "Value or loyalty must count something.")
        return VALUE_ONLY
    return Weights(value, loyalty)


def _weight(item: object, at: str, reader: Reader) -> int:
    if is_number(item) and 0 <= item <= 1:
        return round(item * _UNIT)
    reader.report(at, f"This must be a number from 0 to 1, not {shown(item)}.")
    return _UNIT


def head_start_ms(value: int, cap_ms: int, loyalty: int = 50, weights: Weights = VALUE_ONLY) -> int:
    """Return how much earlier a customer of this value and loyalty counts as having come.

    value, loyalty: percentiles 0-100; outside they are clamped.  cap_ms: >= 0, what the best customer gets.
    `cap * ((p - 0.5) / 0.5) ** 2` above the middle and nothing below, in whole milliseconds, where p is the
    weighted mean of value and loyalty.
    """
    total = weights.value + weights.loyalty
    above = weights.value * (_clamped(value) - 50) + weights.loyalty * (_clamped(loyalty) - 50)
    return max(cap_ms, 0) * above * above // (2_500 * total * total) if above > 0 else 0


def _clamped(score: int) -> int:
    return min(max(score, 0), 100)

"""One measurement as one line of JSON, in the form that every bench shares."""

import operator
from collections.abc import Callable

import orjson

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}


def show(name: str, unit: str, ours: float, reference: float, goal: str, *, of_ratio: bool = True) -> bool:
    """Print the measurement and return whether its goal is met.

    goal: a comparison and a number, such as ">= 0.3". It bounds ours / reference, or `ours` itself when
    `of_ratio` is false; the reference is then the bound.
    """
    comparison, bound = goal.split()[:2]
    ratio = ours / reference
    met = _COMPARISONS[comparison](ratio if of_ratio else ours, float(bound))
    line = {
        "name": name,
        "unit": unit,
        "ours": _rounded(ours),
        "reference": _rounded(reference),
        "ratio": _rounded(ratio),
        "goal": goal,
        "met": met,
    }
    print(orjson.dumps(line).decode(), flush=True)
    return met


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")

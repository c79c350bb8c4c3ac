"""A day on which a fifth of the customers brings four fifths of the profit: what the head start is for.

The value lost is taken band by band: the share of each band of customers that leaves, weighed with the share
of all profit that the band brings. It is what is lost on average; a single day's sum hangs on whether one of
its three richest customers hangs up.
"""

import json
from itertools import pairwise
from pathlib import Path

from routing.simulate.tally import Tally
from routing.simulate.variants import capped
from tests.sim.theory.lines import Line
from tests.sim.theory.systems import Json, runs

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
CAP_S = 600
ALPHA = 1.16
SIZE = 50_000
"""Contacts of the example day, with 220 agents for two skills, two in five of whom have both."""


def skewed_case(seeds: int, _: int) -> list[Line]:
    """Less value lost, and nobody waits for it longer than the cap says."""
    day, rules = (_example(name) for name in ("skewed-day.json", "skewed-rules.json"))
    bands = sorted(band["from"] for band in day["tiers"])
    plain, valued = (runs(capped(rules, cap_s), day, seeds) for cap_s in (0, CAP_S))
    lost = [_lost(played, bands) for played in (plain, valued)]
    leave = [_leave(played) for played in (plain, valued)]
    low_s = [max(tally.total().low_wait_ms for tally in played) / 1000 for played in (plain, valued)]
    longest_s = max(max(tally.total().waits_ms) for tally in plain) / 1000
    found = f"{lost[1] / lost[0]:.3f} (lost: {lost[0]:.4f} -> {lost[1]:.4f}; "
    found += f"leave: {leave[0]:.4f} -> {leave[1]:.4f})"
    return [
        Line("Skewed day: value lost / that of first come", "<= 0.30", found, lost[1] <= 0.30 * lost[0]),
        Line(
            "Skewed day: longest wait of a served one of the low half",
            f"<= {longest_s + CAP_S:.0f} s",
            f"{low_s[1]:.0f} s (first come: {low_s[0]:.0f} s)",
            low_s[1] <= longest_s + CAP_S,
        ),
    ]


def _example(name: str) -> Json:
    found: Json = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return found


def _lost(played: list[Tally], bands: list[int]) -> float:
    """The share of the profit that leaves, on average."""
    total = 0.0
    for low, high in pairwise((*bands, 101)):
        rows = [tally.total(None, str(low)) for tally in played]
        leave = sum(row.abandoned for row in rows) / sum(row.offered for row in rows)
        total += leave * (_above(low) - _above(high))
    return total


def _above(value: int) -> float:
    """The share of all profit that customers of this value and more bring (Lorenz's curve of Pareto)."""
    return float((1 - value / 101) ** (1 - 1 / ALPHA))


def _leave(played: list[Tally]) -> float:
    rows = [tally.total() for tally in played]
    return sum(row.abandoned for row in rows) / sum(row.offered for row in rows)

"""A day on which a fifth of the customers brings four fifths of the profit: what the head start is for.

The value lost is taken band by band: the share of each band of customers that leaves, weighed with the share
of all profit that the band brings. It is what is lost on average; a single day's sum hangs on whether one of
its three richest customers hangs up.
"""

from itertools import pairwise

from routing.simulate.tally import Tally
from tests.sim.theory.lines import Line
from tests.sim.theory.systems import Json, by_menu, exponential, group, queue, runs

CAP_S = 600
AGENTS = (63, 63, 94)
"""Two skills; two agents in five have both."""
HANDLE_S = 165
SIZE = 50_000
"""For which these agents are enough; another size scales the handle times."""
ALPHA = 1.16
BANDS = (0, 50, 60, 70, 75, 80, 84, 87, 90, 92, 94, 95, 96, 97, 98, 99, 100)
_SHAPE = (0.6, 0.85, 1.12, 1.22, 1.08, 0.9, 1.0, 1.2, 1.13, 0.9)
"""From eight in the morning, an hour each: a peak before noon and one in the afternoon."""


def skewed_day(size: int) -> Json:
    """The scenario."""
    peak = size / sum(_SHAPE)
    streams = [
        {
            "id": kind,
            "channel": "voice",
            "facts": {"ivr.kind": kind},
            "arrivals": [
                {"from": f"{8 + hour:02d}:00", "to": f"{9 + hour:02d}:00", "per_hour": peak * part / 2}
                for hour, part in enumerate(_SHAPE)
            ],
            "customers": [{"share": 1, "value": {"pareto": ALPHA}}],
            "handle": exponential(HANDLE_S * SIZE / size),
            "patience": exponential(300),
        }
        for kind in ("a", "b")
    ]
    shift = {"shifts": [{"from": "08:00", "to": "18:30"}]}
    skills = ({"a": 80}, {"b": 80}, {"a": 80, "b": 80})
    return {
        "name": "A day of skewed value",
        "tiers": [{"tier": str(least), "from": least} for least in BANDS],
        "streams": streams,
        "agents": [
            {**group("-".join(own), count, own), **shift} for own, count in zip(skills, AGENTS, strict=True)
        ],
    }


def skewed_case(seeds: int, size: int) -> list[Line]:
    """Less value lost, and nobody waits for it longer than the cap says."""
    day = skewed_day(size)
    plain, valued = (
        runs(by_menu(("a", "b"), [queue(kind, cap_s=cap_s) for kind in ("a", "b")]), day, seeds)
        for cap_s in (0, CAP_S)
    )
    lost = [_lost(played) for played in (plain, valued)]
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


def _lost(played: list[Tally]) -> float:
    """The share of the profit that leaves, on average."""
    total = 0.0
    for low, high in pairwise((*BANDS, 101)):
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

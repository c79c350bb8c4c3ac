"""What theory says and what the engine does, line by line: each case plays days and compares.

`size` is how many contacts a run has; more seeds and larger runs make the intervals narrower, never the claim
another one. A mean must lie within three standard errors and half a percent of the exact value.
"""

from tests.sim.theory.assignment import Instance
from tests.sim.theory.designs import M_DESIGN, N_DESIGN, Design
from tests.sim.theory.exact import Waiting, erlang_a, erlang_c
from tests.sim.theory.lines import Line, equals
from tests.sim.theory.systems import (
    MONTH_S,
    Json,
    by_menu,
    clock,
    error_of,
    exponential,
    group,
    mean,
    one_queue,
    queue,
    runs,
    stream,
)

WARM_UP_S = 3_600
HEAVY_SIZE = 100_000
"""From here on a run is long enough for 96 % load."""


def erlang_c_case(seeds: int, size: int) -> list[Line]:
    """M/M/n without patience. Near full load a short run says nothing: that point is for long ones."""
    lines = []
    points = [(50, 45 / 60, 60), (10, 8 / 60, 60), (20, 17 / 60, 60)]
    if size >= HEAVY_SIZE:
        points.append((50, 48 / 60, 60))
    for agents, per_s, handle_s in points:
        exact = erlang_c(agents, per_s, 1 / handle_s, 20)
        day = {
            "count_from": clock(WARM_UP_S),
            "streams": [stream(f"c-{agents}-{per_s:.3f}", per_s, size, exponential(handle_s))],
            "agents": [group("all", agents, {})],
        }
        lines += _waiting(f"Erlang-C, {agents} agents, load {per_s * handle_s:g}", exact, day, seeds)
    return lines


def erlang_a_case(seeds: int, size: int) -> list[Line]:
    """M/M/n+M: with patience."""
    lines = []
    for agents, per_s, handle_s, patience_s in (
        (50, 48 / 60, 60, 120),
        (13, 100 / 1800, 180, 300),
        (10, 10 / 60, 60, 60),
        (50, 55 / 60, 60, 60),
    ):
        exact = erlang_a(agents, per_s, 1 / handle_s, 1 / patience_s, 20)
        patience = exponential(patience_s)
        calls = stream(f"a-{agents}-{per_s:.3f}", per_s, size, exponential(handle_s), patience=patience)
        day = {
            "count_from": clock(WARM_UP_S),
            "streams": [calls],
            "agents": [group("all", agents, {})],
        }
        lines += _waiting(f"Erlang-A, {agents} agents, load {per_s * handle_s:g}", exact, day, seeds)
    return lines


def _waiting(name: str, exact: Waiting, day: Json, seeds: int) -> list[Line]:
    rows = [tally.total() for tally in runs(one_queue(), day, seeds)]
    lines = [
        equals(f"{name}: served in 20 s", exact.served_in, [row.answered_in / row.offered for row in rows])
    ]
    if exact.leaves:
        lines.append(equals(f"{name}: leave", exact.leaves, [row.abandoned / row.offered for row in rows]))
    lines.append(equals(f"{name}: ASA, s", exact.asa, [row.wait_ms / row.answered / 1000 for row in rows]))
    return lines


def design_case(seeds: int, size: int) -> list[Line]:
    """Routing, not only queueing: who is asked first and who is served first decide these numbers."""
    return [*_design("N-design", N_DESIGN, seeds, size), *_design("M-design", M_DESIGN, seeds, size)]


def _design(name: str, design: Design, seeds: int, size: int) -> list[Line]:
    """Agents for one kind are better at it, so they are asked first; B has the longest head start."""
    share_a = design.arrival_a / (design.arrival_a + design.arrival_b)
    more = {"patience": exponential(1 / design.leaving)}
    handle = exponential(1 / design.service)
    kinds = (("a", design.arrival_a, size * share_a, 0), ("b", design.arrival_b, size * (1 - share_a), 100))
    day = {
        "count_from": clock(WARM_UP_S),
        "streams": [
            stream(
                f"{name}-{kind}",
                per_s,
                round(contacts),
                handle,
                facts={"ivr.kind": kind},
                customers=[{"share": 1, "value": value}],
                **more,
            )
            for kind, per_s, contacts, value in kinds
        ],
        "agents": [
            group("a", design.a, {"a": 100}),
            group("b", design.b, {"b": 100}),
            group("both", design.both, {"a": 10, "b": 10}),
        ],
    }
    rules = by_menu(("a", "b"), (queue("a"), queue("b", cap_s=MONTH_S)))
    played = runs(rules, day, seeds)
    return [
        equals(
            f"{name}: {kind.upper()} leave",
            exact,
            [tally.total(kind).abandoned / tally.total(kind).offered for tally in played],
        )
        for kind, exact in zip("ab", design.leaves(), strict=True)
    ]


def flexibility_case(seeds: int, size: int) -> list[Line]:
    """Wallace and Whitt: six kinds of calls, 90 agents, load 84; the second skill brings most of the gain."""
    kinds = tuple("abcdef")
    day: Json = {
        "count_from": clock(WARM_UP_S),
        "streams": [
            stream(
                f"flexible-{kind}",
                1.4 / 60,
                size // 6,
                exponential(600),
                facts={"ivr.kind": kind},
                patience=exponential(300),
            )
            for kind in kinds
        ],
    }
    rules = by_menu(kinds, [queue(kind) for kind in kinds])
    pairs = [(first, second) for first in kinds for second in kinds if first != second]
    staff = {
        1: [group(kind, 15, {kind: 100}) for kind in kinds],
        2: [group(f"{first}-{second}", 3, {first: 100, second: 100}) for first, second in pairs],
        6: [group("all", 90, dict.fromkeys(kinds, 100))],
    }
    leave = {}
    for each, agents in staff.items():
        rows = [tally.total() for tally in runs(rules, {**day, "agents": agents}, seeds)]
        leave[each] = sum(row.abandoned for row in rows) / sum(row.offered for row in rows)
    gain = (leave[1] - leave[2]) / (leave[1] - leave[6])
    found = f"{gain:.3f} (leave: {leave[1]:.4f}, {leave[2]:.4f}, {leave[6]:.4f})"
    return [Line("Two skills each: share of the gain of all six", ">= 0.8", found, gain >= 0.8)]


def conservation_case(_: int, size: int) -> list[Line]:
    """With equal service times no order changes the mean wait of all, whomever it puts first."""
    day = {
        "streams": [
            stream(
                "calls",
                48 / 60,
                size,
                {"kind": "constant", "mean_s": 61},
                customers=[{"share": 0.8, "value": {"from": 0, "to": 100}}, {"share": 0.2, "value": 100}],
            )
        ],
        "agents": [group("all", 50, {})],
    }
    orders: tuple[Json, ...] = (
        one_queue(),
        one_queue(60),
        one_queue(60, order="accumulating", ageing_percent=400),
        one_queue(MONTH_S),
        one_queue(order="strict"),
    )
    rows = [runs(rules, day, 1)[0].total() for rules in orders]
    waits = [row.wait_ms / row.answered for row in rows]
    longest_s = [max(row.waits_ms) / 1000 for row in rows]
    spread = max(waits) / min(waits) - 1
    found = f"{spread:.1e} (mean {waits[0] / 1000:.3f} s; longest "
    found += ", ".join(f"{wait:.0f}" for wait in longest_s) + " s)"
    differ = len(set(longest_s)) >= len(orders) - 1
    return [Line("Mean wait over orders: greatest difference", "<= 0.001", found, spread <= 0.001 and differ)]


def overtaking_case(seeds: int, size: int) -> list[Line]:
    """At 98 % load nobody is served before one who came more than the cap earlier."""
    cap_s = 60
    day = {
        "streams": [
            stream(
                "calls",
                49 / 60,
                size,
                exponential(60),
                customers=[{"share": 0.6, "value": 100}, {"share": 0.4, "value": 0}],
            )
        ],
        "agents": [group("all", 50, {})],
    }
    lines = []
    for name, rules in (
        ("head start", one_queue(cap_s)),
        ("accumulating", one_queue(cap_s, order="accumulating", ageing_percent=400)),
    ):
        rows = [tally.total() for tally in runs(rules, day, seeds)]
        overtake_s = max(row.overtake_ms for row in rows) / 1000
        decisions = sum(row.answered for row in rows)
        found = f"{overtake_s:.3f} s in {decisions:,} decisions"
        holds = 0.9 * cap_s < overtake_s <= cap_s
        lines.append(Line(f"Largest overtake, {name}", f"<= {cap_s} s", found, holds))
    return lines


def assignment_case(seeds: int, size: int) -> list[Line]:
    """Choosing one by one loses little against choosing all at once; size / 100 draws of it."""
    shares = [Instance(seed).served() for seed in range(1, max(size // 100, seeds) + 1)]
    found = f"{mean(shares):.4f} ± {error_of(shares):.4f} over {len(shares)} draws, worst {min(shares):.3f}"
    return [Line("20 contacts, 20 agents: share of the optimum", ">= 0.97", found, mean(shares) >= 0.97)]

"""Tallies of many seeds under one rule set or two, as one JSON document. Shares are 0-1, spans seconds.

A number is `{value, low, high}` (95 %; low and high are null from one seed), a change B - A also carries a
word: better, worse, more, less, same where chance alone could have made it, untold where one seed cannot say.
Numbers are rounded to six digits, so that equal runs give equal bytes on every machine.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from routing.simulate.estimate import Estimate, Pair, difference, ratio
from routing.simulate.measures import MEASURES, POOL_MEASURES, Measure, Unit, Wish
from routing.simulate.tally import Pool, Row, Tally

FORMAT = 1
TIER_ORDER = ("platinum", "gold", "silver", "bronze")

Runs = Mapping[str, Sequence[Tally]]
"""Tallies by rule set, "a" and perhaps "b", each in the order of the same seeds."""
Json = dict[str, Any]


def report(name: str, rules: Mapping[str, Json], runs: Runs) -> Json:
    """The whole report. rules: by "a" and "b" what to call the set: {hash, name}."""
    first = runs["a"]
    return {
        "format": FORMAT,
        "source": name,
        "seeds": [tally.seed for tally in first],
        "rules": dict(rules),
        "rows": [_row(runs, queue, tier) for queue, tier in _scopes(runs)],
        "pools": [_pool(runs, pool) for pool in _pools(runs)],
    }


def number(pairs: Sequence[Pair], unit: Unit, *, greatest: bool = False) -> Json:
    """One number of one rule set."""
    if greatest:
        return shown(Estimate(max(value for value, _ in pairs), None), unit)
    return shown(ratio(pairs), unit)


def change(before: Sequence[Pair], after: Sequence[Pair], measure: Measure) -> Json:
    """The paired difference, with its word."""
    if measure.greatest:
        gap = max(value for value, _ in after) - max(value for value, _ in before)
        return {**shown(Estimate(gap, None), measure.unit), "word": "same" if gap == 0 else "untold"}
    found = difference(before, after)
    return {**shown(found, measure.unit), "word": word(found, measure.wish)}


def word(found: Estimate, wish: Wish) -> str:
    """What a difference means: better, worse, more, less, same (not to be told), untold (one seed only)."""
    if found.value is None:
        return "untold"
    if found.half is None:
        return "same" if found.value == 0 else "untold"
    if not found.told_apart:
        return "same"
    grew = found.value > 0
    if wish == "none":
        return "more" if grew else "less"
    return "better" if grew == (wish == "more") else "worse"


def shown(found: Estimate, unit: Unit) -> Json:
    """The estimate for JSON: seconds instead of ms, six significant digits."""
    if found.value is None:
        return {"value": None, "low": None, "high": None}
    scale = 1000 if unit == "ms" else 1
    value = found.value / scale
    if found.half is None:
        return {"value": rounded(value), "low": None, "high": None}
    half = found.half / scale
    return {"value": rounded(value), "low": rounded(value - half), "high": rounded(value + half)}


def rounded(value: float) -> float:
    """Six significant digits."""
    return float(f"{value:.6g}")


def _scopes(runs: Runs) -> list[tuple[str | None, str | None]]:
    """In all, each tier, each queue, each queue and tier; queues by name, tiers by rank."""
    rows = [row for tallies in runs.values() for tally in tallies for row in tally.rows.values()]
    queues = sorted({row.queue for row in rows})
    tiers = sorted({row.tier for row in rows}, key=_tier_rank)
    pairs = sorted({(row.queue, row.tier) for row in rows}, key=lambda pair: (pair[0], _tier_rank(pair[1])))
    found: list[tuple[str | None, str | None]] = [(None, None)]
    if len(tiers) > 1:
        found += [(None, tier) for tier in tiers]
    for queue in queues:
        found.append((queue, None))
        own = [pair for pair in pairs if pair[0] == queue]
        if len(own) > 1:
            found += own
    return found


def _tier_rank(tier: str) -> tuple[int, str]:
    return (TIER_ORDER.index(tier) if tier in TIER_ORDER else len(TIER_ORDER), tier)


def _row(runs: Runs, queue: str | None, tier: str | None) -> Json:
    totals = {side: [tally.total(queue, tier) for tally in tallies] for side, tallies in runs.items()}
    return {
        "queue": queue,
        "tier": tier,
        "target_s": {side: _same(rows, "target_ms") for side, rows in totals.items()} if queue else None,
        "bound_s": {side: _same(rows, "bound_ms") for side, rows in totals.items()},
        "measures": {measure.name: _measured(totals, measure) for measure in MEASURES},
    }


def _same(rows: Sequence[Row], name: str) -> float | None:
    """What all runs that had such contacts agree on, in seconds."""
    found = [getattr(row, name) for row in rows if row.offered]
    return None if not found or None in found else max(found) / 1000


def _measured(totals: Mapping[str, Sequence[Row]], measure: Measure) -> Json:
    pairs = {side: [measure.of(row) for row in rows] for side, rows in totals.items()}
    found: Json = {side: number(own, measure.unit, greatest=measure.greatest) for side, own in pairs.items()}
    if "b" in pairs:
        found["change"] = change(pairs["a"], pairs["b"], measure)
    return found


def _pools(runs: Runs) -> list[str | None]:
    names = sorted({name for tallies in runs.values() for tally in tallies for name in tally.pools})
    return [None, *names]


def _pool(runs: Runs, name: str | None) -> Json:
    found: Json = {"pool": name, "measures": {}}
    for measure in POOL_MEASURES:
        if name is None and measure.name == "idle_ratio":
            continue  # agents of different pools are not alike
        pairs = {
            side: [measure.of(_pool_of(tally, name)) for tally in tallies] for side, tallies in runs.items()
        }
        entry: Json = {side: number(own, measure.unit) for side, own in pairs.items()}
        if "b" in pairs:
            gap = difference(pairs["a"], pairs["b"])
            entry["change"] = {**shown(gap, measure.unit), "word": word(gap, "none")}
        found["measures"][measure.name] = entry
    return found


def _pool_of(tally: Tally, name: str | None) -> Pool:
    if name is not None:
        return tally.pools.get(name, Pool(name))
    whole = Pool("")
    for pool in tally.pools.values():
        whole.agents += pool.agents
        whole.busy_ms += pool.busy_ms
        whole.idle_ms += pool.idle_ms
    return whole


_IN_SUMMARY = (
    "offered",
    "service_level",
    "asa",
    "abandonment",
    "value_lost",
    "value_service_level",
    "overtake",
)
SUMMARY_ROWS_MAX = 40


def summary(found: Json) -> Json:
    """The part of a report that is kept with a rule set and shown to whoever approves it."""
    rows = [row for row in found["rows"] if row["tier"] is None or row["queue"] is None]
    return {
        "format": FORMAT,
        "source": found["source"],
        "seeds": len(found["seeds"]),
        "rules": found["rules"],
        "rows": [
            {
                "queue": row["queue"],
                "tier": row["tier"],
                "bound_s": row["bound_s"],
                "measures": {name: row["measures"][name] for name in _IN_SUMMARY},
            }
            for row in rows[:SUMMARY_ROWS_MAX]
        ],
    }

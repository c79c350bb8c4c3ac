"""What would help most, from the same days played with one thing changed.

Each piece of advice compares a variant with the rules as they are over the same seeds, so that even a small
gain can be told from chance.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from routing.rules.ruleset import RuleSet
from routing.simulate.day import Day
from routing.simulate.measures import measure
from routing.simulate.report import Json, change, number
from routing.simulate.tally import Tally
from routing.simulate.variants import Variant, skills_by_pool

CAPS_S = (0, 30, 60, 120, 180, 300, 600)
"""The caps of the head start that are tried."""
GAIN_WANTED = 0.9
"""The smallest cap is proposed that reaches this share of what the best of them gains."""
POOLS_MAX = 20
LESSONS_MAX = 24

TOPICS = ("agent", "skill", "cap")

_TOLD = ("service_level", "asa", "abandonment", "value_lost")


def variants(topics: Sequence[str], side: Any, rules: RuleSet, day: Day) -> list[Variant]:
    """What must be played for this advice, beside the rules as they are."""
    found: list[Variant] = []
    pools = sorted(set(day.pools.values()))
    if "agent" in topics:
        found += [Variant(side, "agent", pool) for pool in pools[:POOLS_MAX]]
    if "skill" in topics:
        found += _lessons(side, rules, day)[:LESSONS_MAX]
    if "cap" in topics:
        found += [Variant(side, "cap", cap_s=cap_s) for cap_s in CAPS_S]
    return found


def advice(runs: Mapping[Variant, Sequence[Tally]], base: Variant) -> Json:
    """By topic, what the variants would bring, the best first. runs: with `base` among them."""
    found: Json = {"seeds": len(runs[base])}
    for topic in ("agent", "skill"):
        tried = [_compared(runs, base, variant) for variant in runs if variant.kind == topic]
        if tried:
            found[topic] = sorted(tried, key=_rank)
    caps = [variant for variant in runs if variant.kind == "cap"]
    if caps:
        found["cap"] = _cap(runs, sorted(caps, key=lambda variant: variant.cap_s))
    return found


def _lessons(side: Any, rules: RuleSet, day: Day) -> list[Variant]:
    """Every skill that rules know and a pool lacks, the largest pools first."""
    size: dict[str, int] = {}
    for pool in day.pools.values():
        size[pool] = size.get(pool, 0) + 1
    have = skills_by_pool(day)
    return [
        Variant(side, "skill", pool, skill)
        for pool in sorted(have, key=lambda pool: (-size.get(pool, 0), pool))
        for skill in sorted(rules.skills())
        if skill not in have[pool]
    ]


def _compared(runs: Mapping[Variant, Sequence[Tally]], base: Variant, variant: Variant) -> Json:
    before = [tally.total() for tally in runs[base]]
    after = [tally.total() for tally in runs[variant]]
    entry: Json = {"group": variant.pool}
    if variant.skill:
        entry["skill"] = variant.skill
    for name in _TOLD:
        wanted = measure(name)
        pairs = [wanted.of(row) for row in before], [wanted.of(row) for row in after]
        entry[name] = change(*pairs, wanted)
    return entry


def _rank(entry: Json) -> tuple[float, float, str, str]:
    """Least value lost first; then the best service level."""
    lost, level = entry["value_lost"]["value"], entry["service_level"]["value"]
    return (lost or 0, -(level or 0), entry["group"], entry.get("skill", ""))


def _cap(runs: Mapping[Variant, Sequence[Tally]], caps: Sequence[Variant]) -> Json:
    tried = []
    lost = measure("value_lost")
    without = [lost.of(tally.total()) for tally in runs[caps[0]]]
    for variant in caps:
        rows = [tally.total() for tally in runs[variant]]
        gain = change(without, [lost.of(row) for row in rows], lost)
        entry: Json = {"cap_s": variant.cap_s, "gain": gain}
        for name in ("value_lost", "wait_longest_low", "service_level", "abandonment", "asa"):
            wanted = measure(name)
            entry[name] = number([wanted.of(row) for row in rows], wanted.unit)
        tried.append(entry)
    return {"tried": tried, "proposed_s": _proposed(tried)}


def _proposed(tried: Sequence[Json]) -> int | None:
    """The smallest cap that gains enough; None when no gain can be told from chance."""
    better = [entry for entry in tried if entry["gain"]["word"] == "better"]
    if not better:
        return None
    best = min(entry["gain"]["value"] for entry in better)
    cap_s: int = next(e["cap_s"] for e in better if e["gain"]["value"] <= GAIN_WANTED * best)
    return cap_s

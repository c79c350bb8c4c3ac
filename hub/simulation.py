"""Runs of the simulator over seeds and variants, several at a time, each in a process of its own.

The pure part is `routing.simulate`; here are the processes. What goes to them is plain data, from which each
makes the day and the rules itself.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from routing.rules.ruleset import RuleSet
from routing.simulate.advice import advice, variants
from routing.simulate.day import Day, described
from routing.simulate.recorded import Recording, recorded
from routing.simulate.report import report
from routing.simulate.run import simulate
from routing.simulate.scenario_reading import read_scenario
from routing.simulate.tally import Tally
from routing.simulate.variants import Variant, make

ADVICE_SEEDS_MAX = 5
"""Variants are paired with the rules as they are, so few seeds tell much; every one costs a whole day."""


@dataclass(frozen=True, slots=True)
class Material:
    """`bodies`: rule sets by "a" and perhaps "b". `source`: a scenario's JSON or a recording."""

    bodies: Mapping[str, Any]
    source: Recording | Any
    zone_ms: int = 0

    def day(self) -> Day:
        """Raises ScenarioError."""
        if isinstance(self.source, Recording):
            return recorded(self.source)
        return described(read_scenario(self.source), self.zone_ms)


def run(material: Material, seeds: Sequence[int], jobs: int, topics: Sequence[str]) -> dict[str, Any]:
    """The report over these seeds, with advice on these topics about the last rule set."""
    day = material.day()
    sides = list(material.bodies)
    rules = {side: RuleSet(body) for side, body in material.bodies.items()}
    base = Variant(sides[-1])  # type: ignore[arg-type]
    others = variants(topics, base.rules, rules[base.rules], day)
    few = list(seeds)[:ADVICE_SEEDS_MAX]
    tasks = [(Variant(side), seed) for seed in seeds for side in sides]  # type: ignore[arg-type]
    tasks += [(variant, seed) for variant in others for seed in few]
    found: dict[Variant, list[Tally]] = {}
    for (variant, _), tally in zip(tasks, _play(material, tasks, jobs), strict=True):
        found.setdefault(variant, []).append(tally)
    named = {side: {"hash": own.hash, "name": own.body.get("name", "")} for side, own in rules.items()}
    whole = report(day.name, named, {side: found[Variant(side)] for side in sides})  # type: ignore[arg-type]
    if others:
        runs = {base: found[base][: len(few)], **{variant: found[variant] for variant in others}}
        whole["advice"] = advice(runs, base)
    return whole


def _play(material: Material, tasks: Sequence[tuple[Variant, int]], jobs: int) -> list[Tally]:
    if jobs == 1 or len(tasks) == 1:
        player = _Player(material)
        return [player.play(task) for task in tasks]
    with ProcessPoolExecutor(
        max_workers=min(jobs, len(tasks)),
        mp_context=get_context("spawn"),
        initializer=_prepare,
        initargs=(material,),
    ) as pool:
        return list(pool.map(_play_one, tasks))


class _Player:
    """Makes the days of one process."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._day = material.day()
        self._made: dict[Variant, tuple[RuleSet, Day]] = {}

    def play(self, task: tuple[Variant, int]) -> Tally:
        variant, seed = task
        if variant not in self._made:
            self._made[variant] = make(variant, self._material.bodies, self._day)
        rules, day = self._made[variant]
        return simulate(rules, day, seed)


_player: list[_Player] = []
"""The one of a worker process; empty in any other."""


def _prepare(material: Material) -> None:
    _player[:] = [_Player(material)]


def _play_one(task: tuple[Variant, int]) -> Tally:
    return _player[0].play(task)

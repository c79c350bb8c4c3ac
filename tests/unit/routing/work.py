"""Counts the work that an engine does while it handles events: the same in each run, on whatever machine."""

import heapq
import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from routing.commands import Command, Offer
from routing.demand import Demand, GradePool
from routing.engine import Engine
from routing.events import Event
from routing.freeline import _Block
from routing.lines import Lines
from routing.records import AgentRecord, ContactRecord

HEADS, GRADES, BLOCKS, POPS, STALE = "heads", "grades", "blocks", "pops", "stale pops"


class CountedEngine(Engine):
    """An engine that counts the calls of functions, Python's own included, in each event that makes an offer.

    It does so while `calls` is a list, to which each count goes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] | None = None

    def handle(self, event: Event) -> list[Command]:
        if self.calls is None:
            return super().handle(event)
        count = 0

        def called(frame: FrameType, kind: str, argument: Any) -> None:
            nonlocal count
            count += kind in ("call", "c_call")

        sys.setprofile(called)
        try:
            commands = super().handle(event)
        finally:
            sys.setprofile(None)
        if any(isinstance(command, Offer) for command in commands):
            self.calls.append(count)
        return commands


def count(patch: pytest.MonkeyPatch, counts: Counter[str]) -> None:
    """Count from here until the patch is undone: what engines look at, and what leaves their heaps."""
    best_line = Lines.best_line

    def counted_line(lines: Lines, agent: AgentRecord, mask: int, now_ms: int) -> tuple[Demand | None, int]:
        served = agent.profile.served(lines, mask, agent.index)
        counts[HEADS] += len(served.numbers) + len(served.aged)
        return best_line(lines, agent, mask, now_ms)

    patch.setattr(Lines, "best_line", counted_line)
    _count_reads(patch, GradePool, "bits", counts, GRADES)
    _count_reads(patch, _Block, "bits", counts, BLOCKS)
    pop = heapq.heappop

    def counted_pop(heap: list[Any]) -> Any:
        entry = pop(heap)
        if isinstance(entry, int):  # a span of deadlines
            counts[POPS] += 1
        elif isinstance(entry, list):  # a timer
            counts[POPS] += 1
            counts[STALE] += entry[3] is None
        elif isinstance(entry[-1], ContactRecord):
            counts[POPS] += 1
            counts[STALE] += entry[-1].stamp != entry[-2]
        return entry

    patch.setattr(heapq, "heappop", counted_pop)


def _count_reads(
    patch: pytest.MonkeyPatch, kind: type[Any], name: str, counts: Counter[str], what: str
) -> None:
    slot = getattr(kind, name)

    def read(self: Any) -> Any:
        counts[what] += 1
        return slot.__get__(self)

    patch.setattr(kind, name, property(read, slot.__set__))

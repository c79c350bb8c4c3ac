"""How an agent's time at work divides into handling and being available."""

from collections.abc import Iterable

from routing.simulate.scenario import Habit
from routing.simulate.tally import Pool, Tally
from routing.types import AgentId, SkillId


class Worker:
    """One agent. Time counts from `since_ms`; in aux and offline only while something is handled."""

    __slots__ = (
        "agent",
        "at_work",
        "available",
        "busy_ms",
        "habit",
        "held",
        "idle_ms",
        "levels",
        "pool",
        "since_ms",
    )

    def __init__(self, agent: AgentId, pool: str, habit: Habit, since_ms: int) -> None:
        self.agent = agent
        self.pool = pool
        self.habit = habit
        self.since_ms = since_ms
        self.levels: dict[SkillId, int] = {}
        self.at_work = False
        """By the shift."""
        self.available = False
        """By the presence."""
        self.held = 0
        self.busy_ms = 0
        self.idle_ms = 0

    def take(self, now_ms: int) -> None:
        """One contact more."""
        if not self.held:
            self._settle(now_ms)
        self.held += 1

    def leave(self, now_ms: int) -> None:
        """One contact less."""
        if self.held == 1:
            self._settle(now_ms)
        self.held -= 1

    def present(self, now_ms: int, *, available: bool) -> None:
        """Takes work from here on, or does not."""
        self._settle(now_ms)
        self.available = available

    def _settle(self, now_ms: int) -> None:
        span_ms = now_ms - self.since_ms
        if span_ms <= 0:
            return
        self.since_ms = now_ms
        if self.held:
            self.busy_ms += span_ms
        elif self.available:
            self.idle_ms += span_ms


def tell_pools(workers: Iterable[Worker], now_ms: int, tally: Tally) -> None:
    """Close the books at the end of a run."""
    for worker in workers:
        worker.present(now_ms, available=False)
        there_ms = worker.busy_ms + worker.idle_ms
        if there_ms == 0:
            continue
        pool = tally.pools.setdefault(worker.pool, Pool(worker.pool))
        share = worker.idle_ms * 1_000_000 // there_ms
        pool.idle_low = min(pool.idle_low, share) if pool.agents else share
        pool.idle_high = max(pool.idle_high, share)
        pool.agents += 1
        pool.busy_ms += worker.busy_ms
        pool.idle_ms += worker.idle_ms

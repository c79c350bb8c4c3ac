"""The rule sets of this installation: which one is published, how it changes, and what it says of a contact.

A rule set is identified by its content hash. Publishing replaces the published one in the transaction that
tells the engine, so every decision cites exactly one set; rolling back is publishing an older hash again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from hub.store.tables import rule_sets
from routing.events import RuleSetPublished
from routing.rules.ruleset import Problem, Routing, RuleSet, check, content_hash
from routing.types import AgentId

BODY_MAX_BYTES = 1_000_000


class BadRuleSet(Exception):
    """The rule set has mistakes; `problems` lists all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.pointer}: {problem.message}" for problem in problems))
        self.problems = problems


class UnknownRuleSet(Exception):
    """No rule set with that hash (or hash prefix) was ever published here."""


@dataclass(frozen=True, slots=True)
class RuleSetRow:
    hash: str
    state: str
    author: str
    note: str
    created_at_ms: int
    published_at_ms: int | None
    body: dict[str, Any]


class Rulebook:
    """Caches the published set; the writer thread is the only one that changes it."""

    def __init__(self, time_zone: str) -> None:
        self._zone = ZoneInfo(time_zone)
        self._current: RuleSet | None = None

    def current(self, connection: Connection) -> RuleSet:
        """The published rule set. Raises UnknownRuleSet before the first publication."""
        if self._current is None:
            row = connection.execute(select(rule_sets).where(rule_sets.c.state == "published")).first()
            if row is None:
                raise UnknownRuleSet("no rule set is published")
            self._current = RuleSet(row.body)
        return self._current

    def forget(self) -> None:
        """Read the published set again at the next use: a change of it was not committed."""
        self._current = None

    def route(
        self, connection: Connection, facts: Mapping[str, object], now_ms: int, last_agent: str
    ) -> tuple[Routing, str]:
        """What the published set says of a contact with these facts, and that set's hash.

        Adds the facts that depend on the moment: hour (0-23) and weekday (0 Monday) where the company is.
        """
        local = datetime.fromtimestamp(now_ms / 1000, self._zone)
        moment = {"hour": local.hour, "weekday": local.weekday()}
        rule_set = self.current(connection)
        routing = rule_set.route({**facts, **moment}, AgentId(last_agent) if last_agent else None)
        return routing, rule_set.hash

    def publish(
        self, connection: Connection, now_ms: int, body: Any, author: str, note: str
    ) -> tuple[str, list[RuleSetPublished]]:
        """Put `body` in force. Returns its hash and the event for the engine; raises BadRuleSet.

        Publishing what is already published changes nothing and gives no event.
        """
        problems = check(body)
        if problems:
            raise BadRuleSet(problems)
        new_hash = content_hash(body)
        published = connection.execute(
            select(rule_sets.c.hash).where(rule_sets.c.state == "published")
        ).scalar()
        if published == new_hash:
            return new_hash, []
        connection.execute(update(rule_sets).where(rule_sets.c.state == "published").values(state="retired"))
        values = {"state": "published", "published_at_ms": now_ms}
        known = connection.execute(update(rule_sets).where(rule_sets.c.hash == new_hash).values(values))
        if known.rowcount == 0:
            row = {
                "hash": new_hash,
                "body": body,
                "author": author,
                "note": note,
                "created_at_ms": now_ms,
                **values,
            }
            connection.execute(insert(rule_sets), row)
        rule_set = RuleSet(body)
        self._current = rule_set
        return new_hash, [RuleSetPublished(now_ms, new_hash, rule_set.queue_specs())]

    def published_event(self, now_ms: int) -> list[RuleSetPublished]:
        """The event for the set in force, for an engine that does not have it."""
        assert self._current is not None, "call `current` first"
        return [RuleSetPublished(now_ms, self._current.hash, self._current.queue_specs())]

    def roll_back(
        self, connection: Connection, now_ms: int, to: str, author: str
    ) -> tuple[str, list[RuleSetPublished]]:
        """Publish an older set again: the one whose hash starts with `to`, or the previous one if empty."""
        rows = history(connection)
        retired = [row for row in rows if row.state == "retired" and row.hash.startswith(to)]
        if not retired:
            raise UnknownRuleSet(f"no retired rule set {to!r}" if to else "there is no older rule set")
        target = max(retired, key=lambda row: row.published_at_ms or 0)
        return self.publish(connection, now_ms, target.body, author, f"roll back to {target.hash[:12]}")


def history(connection: Connection) -> list[RuleSetRow]:
    """Every rule set that was ever published, newest publication first."""
    rows = connection.execute(select(rule_sets).order_by(rule_sets.c.published_at_ms.desc())).all()
    return [
        RuleSetRow(
            row.hash, row.state, row.author, row.note, row.created_at_ms, row.published_at_ms, row.body
        )
        for row in rows
    ]

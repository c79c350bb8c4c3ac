"""The rows of rule sets: what each says, in which state it is and how it came there. Decides nothing.

Every function works inside the caller's transaction, so that a state, its step and the event for the engine
are there together or not at all.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, case, delete, func, insert, select, text, update

from hub.rulebook.refusals import UnknownRuleSet
from hub.store.tables import rule_set_steps, rule_sets
from routing.types import QueueId

HISTORY_MAX = 500
"""Sets that are listed: those in force and those changed last."""
DRAFTS_MAX = 200
"""Drafts and simulated sets kept; the one untouched for longest makes room for a new one."""
SHORT_CHARS = 12
"""As much of a hash as people are shown."""

_HASH = re.compile(r"[0-9a-f]{6,64}")
_UNAPPROVED = ("draft", "simulated")


State = Literal["draft", "simulated", "approved", "staged", "published", "retired"]


@dataclass(frozen=True, slots=True)
class Trial:
    """Who gets a staged set: `percent` (1-100) of the contacts, of these queues only where any are named."""

    percent: int
    queues: tuple[QueueId, ...]


@dataclass(frozen=True, slots=True)
class RuleSetRow:
    """A rule set without its body. `trial` is None unless it is staged."""

    hash: str
    state: State
    author: str
    note: str
    created_at_ms: int
    published_at_ms: int | None
    trial: Trial | None


@dataclass(frozen=True, slots=True)
class Step:
    """A state that the set `hash` went into. `detail` is explained where it is written, in `book`."""

    hash: str
    state: State
    by: str
    at_ms: int
    note: str
    detail: dict[str, Any]


_last_step = (
    select(rule_set_steps.c.hash, func.max(rule_set_steps.c.step_id).label("step_id"))
    .group_by(rule_set_steps.c.hash)
    .subquery()
)
_COLUMNS = [column for column in rule_sets.c if column.name != "body"]
_FIRST = case((rule_sets.c.state == "published", 0), (rule_sets.c.state == "staged", 1), else_=2)


# Asked for every contact that arrives, so in words that let the partial index answer.
_IN_FORCE = text("SELECT hash, state, trial FROM rule_sets WHERE state IN ('published', 'staged')").columns(
    rule_sets.c.hash, rule_sets.c.state, rule_sets.c.trial
)


@dataclass(frozen=True, slots=True)
class InForce:
    """Hashes of the sets that decide: None where there is none. `trial` says who gets the staged one."""

    published: str | None = None
    staged: str | None = None
    trial: Trial | None = None


def in_force(connection: Connection) -> InForce:
    """Which sets decide at this moment of the transaction."""
    found = {row.state: row for row in connection.execute(_IN_FORCE)}
    published, staged = found.get("published"), found.get("staged")
    return InForce(
        None if published is None else published.hash,
        None if staged is None else staged.hash,
        None if staged is None else _trial(staged.trial),
    )


def published_body(connection: Connection) -> dict[str, Any] | None:
    """What is in force; None before the first publication."""
    published = in_force(connection).published
    return None if published is None else body_of(connection, published)


def history(connection: Connection) -> list[RuleSetRow]:
    """The sets in force, then the others, the one changed last first; at most HISTORY_MAX."""
    rows = connection.execute(
        select(*_COLUMNS)
        .outerjoin(_last_step, _last_step.c.hash == rule_sets.c.hash)
        .order_by(_FIRST, _last_step.c.step_id.desc(), rule_sets.c.hash)
        .limit(HISTORY_MAX)
    )
    return [_row(row) for row in rows]


def in_state(connection: Connection, *states: State) -> list[RuleSetRow]:
    """Every set in one of these states, the one that was in force last first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(rule_sets.c.state.in_(states))
        .order_by(rule_sets.c.published_at_ms.desc(), rule_sets.c.hash)
    )
    return [_row(row) for row in rows]


def get(connection: Connection, wanted: str) -> RuleSetRow | None:
    """The set with exactly this hash."""
    row = connection.execute(select(*_COLUMNS).where(rule_sets.c.hash == wanted)).first()
    return None if row is None else _row(row)


def find(connection: Connection, beginning: str) -> RuleSetRow:
    """The one set whose hash begins with these 6 or more characters. Raises UnknownRuleSet."""
    if not _HASH.fullmatch(beginning):
        raise UnknownRuleSet(f"{beginning[:64]!r} is no hash: 6 to 64 of the characters 0-9 and a-f.")
    like = select(*_COLUMNS).where(rule_sets.c.hash.startswith(beginning)).limit(2)
    found = connection.execute(like).all()
    if len(found) != 1:
        which = "No" if not found else "More than one"
        raise UnknownRuleSet(f"{which} rule set begins with {beginning!r}.")
    return _row(found[0])


def body_of(connection: Connection, wanted: str) -> dict[str, Any]:
    """What the set with exactly this hash says. Raises UnknownRuleSet."""
    body: dict[str, Any] | None = connection.execute(
        select(rule_sets.c.body).where(rule_sets.c.hash == wanted)
    ).scalar()
    if body is None:
        raise UnknownRuleSet(f"No rule set is called {wanted[:64]!r}.")
    return body


def steps_of(connection: Connection, hashes: Collection[str]) -> list[Step]:
    """Every step of these sets, oldest first."""
    rows = connection.execute(
        select(rule_set_steps)
        .where(rule_set_steps.c.hash.in_(list(hashes)))
        .order_by(rule_set_steps.c.step_id)
    )
    return [Step(row.hash, row.state, row.by, row.at_ms, row.note, row.detail) for row in rows]


def add(connection: Connection, hash_: str, body: Mapping[str, Any], by: str, now_ms: int, note: str) -> None:
    """A new set, as a draft, in the place of the oldest one if there are too many."""
    oldest = (
        select(rule_sets.c.hash)
        .outerjoin(_last_step, _last_step.c.hash == rule_sets.c.hash)
        .where(rule_sets.c.state.in_(_UNAPPROVED))
        .order_by(_last_step.c.step_id.desc())
        .offset(DRAFTS_MAX - 1)
    )
    if surplus := connection.execute(oldest).scalars().all():
        connection.execute(delete(rule_set_steps).where(rule_set_steps.c.hash.in_(surplus)))
        connection.execute(delete(rule_sets).where(rule_sets.c.hash.in_(surplus)))
    row = {
        "hash": hash_,
        "state": "draft",
        "body": body,
        "author": by,
        "note": note,
        "created_at_ms": now_ms,
    }
    connection.execute(insert(rule_sets), row)
    note_step(connection, Step(hash_, "draft", by, now_ms, note, {}))


def move(connection: Connection, step: Step, *, trial: Trial | None = None) -> None:
    """Bring a set into the step's state and note the step."""
    values: dict[str, Any] = {"state": step.state, "trial": None}
    if trial is not None:
        values["trial"] = {"percent": trial.percent, "queues": list(trial.queues)}
    if step.state == "published":
        values["published_at_ms"] = step.at_ms
    connection.execute(update(rule_sets).where(rule_sets.c.hash == step.hash).values(values))
    note_step(connection, step)


def note_step(connection: Connection, step: Step) -> None:
    """Note the step alone; the set stays in its state."""
    row = {
        "hash": step.hash,
        "state": step.state,
        "by": step.by,
        "at_ms": step.at_ms,
        "note": step.note,
        "detail": step.detail,
    }
    connection.execute(insert(rule_set_steps), row)


def _row(row: Any) -> RuleSetRow:
    return RuleSetRow(
        row.hash,
        row.state,
        row.author,
        row.note,
        row.created_at_ms,
        row.published_at_ms,
        None if row.trial is None else _trial(row.trial),
    )


def _trial(stored: Mapping[str, Any]) -> Trial:
    return Trial(stored["percent"], tuple(map(QueueId, stored["queues"])))

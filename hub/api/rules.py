"""The life of rule sets over HTTP: supervisors look and approve, admins change.

What may follow what is decided in `hub.rulebook`; here its refusals become problems, with pointers.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from hub import rulebook, wire
from hub.api.layer import ADMINS, SUPERVISORS, Call, Endpoints
from hub.api.problems import ProblemError
from hub.rulebook import Changed, Mistakes, Rulebook, RuleSetRow, UnknownRuleSet, WrongState
from routing.rules.words import describe, diff
from routing.types import QueueId

T = TypeVar("T")

endpoints = Endpoints()

HASH_CHARS_MAX = 64


@endpoints.get("/api/rules", wire.RuleSets, roles=SUPERVISORS)
async def read_rule_sets(call: Call[None]) -> wire.RuleSets:
    """Every rule set with its state and how it came there."""

    def read(connection: Connection) -> wire.RuleSets:
        return wire.RuleSets(_views(connection, rulebook.history(connection)))

    return await call.services.dispatcher.store.read(read)


@endpoints.get("/api/rules/diff", wire.RuleSetDiff, roles=SUPERVISORS, texts=("from", "to"))
async def compare_rule_sets(call: Call[None]) -> wire.RuleSetDiff:
    """What changes from one rule set to another, in sentences."""
    old, new = (call.text(name, chars_max=HASH_CHARS_MAX) for name in ("from", "to"))

    def read(connection: Connection) -> wire.RuleSetDiff:
        was, now = (rulebook.find(connection, wanted).hash for wanted in (old, new))
        words = diff(rulebook.body_of(connection, was), rulebook.body_of(connection, now))
        return wire.RuleSetDiff(was, now, words)

    return await _asked(call.services.dispatcher.store.read(read))


@endpoints.get("/api/rules/{hash}", wire.RuleSetDocument, roles=SUPERVISORS)
async def read_rule_set(call: Call[None]) -> wire.RuleSetDocument:
    """One rule set with all that it says."""
    wanted = call.path("hash")

    def read(connection: Connection) -> wire.RuleSetDocument:
        row = rulebook.find(connection, wanted)
        body = rulebook.body_of(connection, row.hash)
        return wire.RuleSetDocument(_views(connection, [row])[0], body, describe(body))

    return await _asked(call.services.dispatcher.store.read(read))


@endpoints.post("/api/rules/draft", wire.DraftRequest, wire.RuleSetRow, roles=ADMINS)
async def save_draft(call: Call[wire.DraftRequest]) -> wire.RuleSetRow:
    """Save a rule set that decides about nobody yet."""
    body, by, note = call.body.body, call.me.username, call.body.note
    return await _change(call, lambda book, c, at: book.save_draft(c, at, body, by, note), into="/body")


@endpoints.post("/api/rules/{hash}/approve", wire.RuleNoteRequest, wire.RuleSetRow, roles=SUPERVISORS)
async def approve_rule_set(call: Call[wire.RuleNoteRequest]) -> wire.RuleSetRow:
    """Say that a simulated rule set may be published."""
    wanted, by, note = call.path("hash"), call.me.username, call.body.note
    return await _change(call, lambda book, c, at: book.approve(c, at, wanted, by, note))


@endpoints.post("/api/rules/{hash}/publish", wire.RuleNoteRequest, wire.RuleSetRow, roles=ADMINS)
async def publish_rule_set(call: Call[wire.RuleNoteRequest]) -> wire.RuleSetRow:
    """Put an approved rule set in force for every contact from now on; a trial ends."""
    wanted, by, note = call.path("hash"), call.me.username, call.body.note
    return await _change(call, lambda book, c, at: book.publish_approved(c, at, wanted, by, note))


@endpoints.post("/api/rules/{hash}/stage", wire.StageRequest, wire.RuleSetRow, roles=ADMINS)
async def stage_rule_set(call: Call[wire.StageRequest]) -> wire.RuleSetRow:
    """Let an approved rule set decide about a share of the contacts."""
    wanted, by, note = call.path("hash"), call.me.username, call.body.note
    trial = rulebook.Trial(call.body.percent, tuple(map(QueueId, call.body.queues)))
    return await _change(call, lambda book, c, at: book.stage(c, at, wanted, trial, by, note))


@endpoints.post("/api/rules/unstage", wire.RuleNoteRequest, wire.RuleSetRow, roles=ADMINS)
async def end_trial(call: Call[wire.RuleNoteRequest]) -> wire.RuleSetRow:
    """Let the published rule set decide about everybody again."""
    by, note = call.me.username, call.body.note
    return await _change(call, lambda book, c, at: book.end_trial(c, at, by, note))


@endpoints.post("/api/rules/rollback", wire.RollBackRequest, wire.RuleSetRow, roles=ADMINS)
async def roll_back_rules(call: Call[wire.RollBackRequest]) -> wire.RuleSetRow:
    """Put an older rule set back in force; a trial ends."""
    to, by, note = call.body.to, call.me.username, call.body.note
    return await _change(call, lambda book, c, at: book.roll_back(c, at, to, by, note))


async def _change(
    call: Call[Any], work: Callable[[Rulebook, Connection, int], Changed], *, into: str = ""
) -> wire.RuleSetRow:
    """Change the rules and answer with the set as it is then. `into`: where pointers of mistakes begin."""
    services = call.services
    row = await _asked(
        services.dispatcher.transact(lambda c, now_ms: work(services.rulebook, c, now_ms)), into
    )
    return (await services.dispatcher.store.read(lambda c: _views(c, [row])))[0]


async def _asked(answer: Awaitable[T], into: str = "") -> T:
    """The answer; what the rulebook refuses becomes a problem."""
    try:
        return await answer
    except Mistakes as refusal:
        errors = [wire.FieldError(into + found.pointer, found.message) for found in refusal.problems]
        raise ProblemError(422, "mistakes", "The rules have mistakes.", errors=errors) from None
    except UnknownRuleSet as refusal:
        raise ProblemError(404, "not_found", str(refusal)) from None
    except WrongState as refusal:
        raise ProblemError(409, "wrong_state", str(refusal)) from None


def _views(connection: Connection, rows: Sequence[RuleSetRow]) -> list[wire.RuleSetRow]:
    steps: dict[str, list[wire.RuleSetStep]] = {row.hash: [] for row in rows}
    for step in rulebook.steps_of(connection, steps):
        view = wire.RuleSetStep(step.state, step.by, step.at_ms, step.note, step.detail)
        steps[step.hash].append(view)
    return [
        wire.RuleSetRow(
            hash=row.hash,
            state=row.state,
            author=row.author,
            note=row.note,
            created_at_ms=row.created_at_ms,
            published_at_ms=row.published_at_ms,
            trial=None if row.trial is None else wire.Trial(row.trial.percent, [*row.trial.queues]),
            steps=steps[row.hash],
        )
        for row in rows
    ]

"""The rulebook: which rule sets decide, how one comes into force, and what they say of a contact.

A rule set is identified by the hash of its content, so it never changes: who edits one saves another. It goes
draft -> simulated -> approved -> published -> retired, on trial (staged) in between if somebody wishes so.
Exactly one is published and at most one staged. A set comes into force in the transaction that tells the
engine, so every decision cites exactly one set; rolling back is publishing an older one again.

What the steps note in `detail`: draft nothing; simulated {"summary": what was given}; approved {"own": by its
author}; staged {"percent", "queues"}; published {"skipped": states that it never was in} or {"rolled_back":
true}; what another set replaces, or whose trial ends, {"for": the other's hash or ""}.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from hub.rulebook import rows
from hub.rulebook.abilities import Ability, mistakes, unable
from hub.rulebook.refusals import BadRuleSet, BadTrial, UnknownRuleSet, WrongState
from hub.rulebook.rows import SHORT_CHARS, InForce, RuleSetRow, State, Step, Trial
from routing.events import Event, RuleSetPublished, RuleSetStaged
from routing.rules.ruleset import CASE_OWNER_FACT, Problem, Routing, RuleSet, RuleSetError, content_hash
from routing.rules.trial import in_trial
from routing.types import AgentId, ContactId, QueueId

SUMMARY_MAX_BYTES = 65_536
NOTE_CHARS_MAX = 500
COMPILED_MAX = 4
"""Compiled sets kept; one is a few megabytes at most."""

_STAGEABLE = ("approved", "retired", "staged")
_NEXT_STEP = {
    "draft": "It has not been simulated yet: simulate it, then approve it.",
    "simulated": "It has not been approved yet.",
    "published": "It decides about every contact already.",
}

Changed = tuple[RuleSetRow, Sequence[Event]]
"""The set that a change was about as it is now, and what the engine must be told in the same transaction."""


@dataclass(frozen=True, slots=True)
class Routed:
    """What the rules say of a contact, and the set that said so."""

    routing: Routing
    rule_set: RuleSet


class Rulebook:
    """Knows the tables of rule sets; keeps nothing but compiled sets, which their hashes name for ever."""

    def __init__(self, time_zone: str, able: Collection[Ability] = ()) -> None:
        self.able = frozenset(able)
        self._zone = ZoneInfo(time_zone)
        self._compiled: dict[str, RuleSet] = {}

    # --------------------------------------------------------------------------------------- what decides

    def current(self, connection: Connection) -> RuleSet:
        """The published rule set. Raises UnknownRuleSet before the first publication."""
        return self._published(connection, rows.in_force(connection))

    def staged(self, connection: Connection) -> RuleSet | None:
        """The set on trial."""
        staged = rows.in_force(connection).staged
        return None if staged is None else self._rule_set(connection, staged)

    def route(
        self,
        connection: Connection,
        now_ms: int,
        contact_id: str,
        facts: Mapping[str, object],
        last_agent: str,
        case_owner: Callable[[], str | None] = lambda: None,
    ) -> Routed:
        """What the set that decides about this contact says of one with these facts.

        The set on trial decides if the contact falls to its share, by its id and the queue that the published
        set gives it; so it would again after a restart. Adds the facts that depend on the moment: hour (0-23)
        and weekday (0 Monday) where the company is. `case_owner` is asked only by a set in which a step names
        the owner of the open case.
        """
        local = datetime.fromtimestamp(now_ms / 1000, self._zone)
        known: dict[str, object] = {**facts, "hour": local.hour, "weekday": local.weekday()}
        last = AgentId(last_agent) if last_agent else None
        now = rows.in_force(connection)
        rule_set = self._published(connection, now)
        if rule_set.names_owner:
            known[CASE_OWNER_FACT] = case_owner()
        routing = rule_set.route(known, last, now_ms=now_ms)
        if now.staged is not None and now.trial is not None:
            share = now.trial
            if in_trial(ContactId(contact_id), share.percent, share.queues, routing):
                rule_set = self._rule_set(connection, now.staged)
                if rule_set.names_owner and CASE_OWNER_FACT not in known:
                    known[CASE_OWNER_FACT] = case_owner()
                routing = rule_set.route(known, last, now_ms=now_ms)
        return Routed(routing, rule_set)

    def missing_events(self, connection: Connection, now_ms: int, known: str, trial: str) -> list[Event]:
        """What an engine must be told in which `known` is in force and `trial` ("": nothing) is staged.

        Raises UnknownRuleSet before the first publication.
        """
        current, staged = self.current(connection), self.staged(connection)
        events: list[Event] = []
        if current.hash != known:
            # A publication ends the engine's trial.
            events.append(RuleSetPublished(now_ms, current.hash, current.queue_specs()))
            trial = ""
        if staged is None and trial:
            events.append(RuleSetStaged(now_ms, "", ()))
        elif staged is not None and staged.hash != trial:
            events.append(RuleSetStaged(now_ms, staged.hash, staged.queue_specs()))
        return events

    def _published(self, connection: Connection, now: InForce) -> RuleSet:
        if now.published is None:
            raise UnknownRuleSet("No rule set is published.")
        return self._rule_set(connection, now.published)

    def _rule_set(self, connection: Connection, wanted: str) -> RuleSet:
        rule_set = self._compiled.get(wanted)
        if rule_set is None:
            rule_set = RuleSet(rows.body_of(connection, wanted))
            self._keep(rule_set)
        return rule_set

    def _keep(self, rule_set: RuleSet) -> None:
        while len(self._compiled) >= COMPILED_MAX:
            self._compiled.pop(next(iter(self._compiled)), None)
        self._compiled[rule_set.hash] = rule_set

    # ------------------------------------------------------------------------------------- up to approval

    def save_draft(self, connection: Connection, now_ms: int, body: Any, author: str, note: str) -> Changed:
        """Save a rule set that nobody is routed by yet. Raises BadRuleSet with every mistake.

        What is known already stays in the state in which it is.
        """
        _check_note(note)
        if problems := mistakes(body, self.able):
            raise BadRuleSet(problems)
        saved = content_hash(body)
        if rows.get(connection, saved) is None:
            rows.add(connection, saved, body, author, now_ms, note)
        return rows.find(connection, saved), ()

    def record_simulation(
        self, connection: Connection, now_ms: int, wanted: str, summary: Mapping[str, Any], by: str
    ) -> Changed:
        """Note that the set was simulated, with what came of it; a draft is simulated from then on."""
        row = rows.find(connection, wanted)
        if not isinstance(summary, Mapping) or len(orjson.dumps(summary)) > SUMMARY_MAX_BYTES:
            raise ValueError(f"A summary is a JSON object of at most {SUMMARY_MAX_BYTES} bytes.")
        step = Step(row.hash, "simulated", by, now_ms, "", {"summary": dict(summary)})
        if row.state in ("draft", "simulated"):
            rows.move(connection, step)
        else:
            rows.note_step(connection, step)
        return rows.find(connection, row.hash), ()

    def approve(self, connection: Connection, now_ms: int, wanted: str, by: str, note: str) -> Changed:
        """Say that the set may be published. Raises WrongState unless it was simulated and waits for this."""
        _check_note(note)
        row = rows.find(connection, wanted)
        if row.state == "draft":
            raise WrongState(f"Rule set {row.hash[:SHORT_CHARS]} has not been simulated yet.")
        if row.state != "simulated":
            raise WrongState(f"Rule set {row.hash[:SHORT_CHARS]} is {row.state} and needs no approval.")
        own = by == row.author
        rows.move(connection, Step(row.hash, "approved", by, now_ms, note, {"own": own}))
        return rows.find(connection, row.hash), ()

    # ------------------------------------------------------------------------------------ trial and force

    def stage(
        self, connection: Connection, now_ms: int, wanted: str, trial: Trial, by: str, note: str
    ) -> Changed:
        """Let the set decide about a share of the contacts, in the place of any other set on trial.

        Raises WrongState unless it is approved or was in force before, BadTrial for an impossible share.
        """
        _check_note(note)
        row = rows.find(connection, wanted)
        if row.state not in _STAGEABLE:
            raise WrongState(f"Rule set {row.hash[:SHORT_CHARS]} is {row.state}. {_NEXT_STEP[row.state]}")
        rule_set = self._fit(connection, row.hash)
        self._check_trial(connection, trial)
        for other in rows.in_state(connection, "staged"):
            if other.hash != row.hash:
                self._step_back(connection, now_ms, other, by, row.hash)
        detail = {"percent": trial.percent, "queues": list(trial.queues)}
        rows.move(connection, Step(row.hash, "staged", by, now_ms, note, detail), trial=trial)
        # Only the share of a set that is on trial already has changed, and the share is not the engine's.
        known = row.state == "staged"
        events = [] if known else [RuleSetStaged(now_ms, row.hash, rule_set.queue_specs())]
        return rows.find(connection, row.hash), events

    def end_trial(self, connection: Connection, now_ms: int, by: str, note: str) -> Changed:
        """Let the published set decide about everybody again. Raises WrongState when nothing is on trial."""
        _check_note(note)
        for row in rows.in_state(connection, "staged"):
            self._step_back(connection, now_ms, row, by, "", note)
            return rows.find(connection, row.hash), [RuleSetStaged(now_ms, "", ())]
        raise WrongState("No rule set is on trial.")

    def publish(self, connection: Connection, now_ms: int, body: Any, author: str, note: str) -> Changed:
        """The short way: save `body` and put it in force, whatever it never was in between.

        Raises BadRuleSet. What was skipped is noted. Publishing what is published changes nothing.
        """
        saved, _ = self.save_draft(connection, now_ms, body, author, note)
        skipped = {"draft": ["simulated", "approved"], "simulated": ["approved"]}.get(saved.state)
        detail = {"skipped": skipped} if skipped else {}
        step = Step(saved.hash, "published", author, now_ms, note, detail)
        return self._put_in_force(connection, saved, step)

    def publish_approved(
        self, connection: Connection, now_ms: int, wanted: str, by: str, note: str
    ) -> Changed:
        """Put a saved set in force. Raises WrongState for one neither approved nor in force before.

        Publishing what is published changes nothing and gives no event.
        """
        _check_note(note)
        row = rows.find(connection, wanted)
        if row.state in ("draft", "simulated"):
            raise WrongState(f"Rule set {row.hash[:SHORT_CHARS]} is {row.state}. {_NEXT_STEP[row.state]}")
        return self._put_in_force(connection, row, Step(row.hash, "published", by, now_ms, note, {}))

    def roll_back(self, connection: Connection, now_ms: int, to: str, by: str, note: str = "") -> Changed:
        """Publish an older set again: the one whose hash starts with `to`, or the previous one if empty.

        A trial ends by it, like by any publication.
        """
        _check_note(note)
        retired = [row for row in rows.in_state(connection, "retired") if row.hash.startswith(to)]
        if not retired:
            raise UnknownRuleSet(
                f"There is no retired rule set {to[:64]!r}." if to else "There is no older rule set."
            )
        step = Step(retired[0].hash, "published", by, now_ms, note, {"rolled_back": True})
        return self._put_in_force(connection, retired[0], step)

    def _put_in_force(self, connection: Connection, row: RuleSetRow, step: Step) -> Changed:
        if row.state == "published":
            return row, ()
        rule_set = self._fit(connection, row.hash)
        for other in rows.in_state(connection, "published", "staged"):
            if other.hash == row.hash:
                continue
            if other.state == "staged":
                self._step_back(connection, step.at_ms, other, step.by, row.hash)
            else:
                gone = Step(other.hash, "retired", step.by, step.at_ms, "", {"for": row.hash})
                rows.move(connection, gone)
        rows.move(connection, step)
        return rows.find(connection, row.hash), [
            RuleSetPublished(step.at_ms, row.hash, rule_set.queue_specs())
        ]

    def _fit(self, connection: Connection, wanted: str) -> RuleSet:
        """The set, unless this version of the hub, or what it can do by now, does not allow what it says."""
        try:
            rule_set = self._rule_set(connection, wanted)
        except RuleSetError as error:
            raise BadRuleSet(error.problems) from error
        if problems := unable(rule_set.body, self.able):
            raise BadRuleSet(problems)
        return rule_set

    def _step_back(
        self, connection: Connection, now_ms: int, row: RuleSetRow, by: str, for_: str, note: str = ""
    ) -> None:
        """End a trial: the set is again what it was before."""
        before: State = "approved" if row.published_at_ms is None else "retired"
        rows.move(connection, Step(row.hash, before, by, now_ms, note, {"for": for_}))

    def _check_trial(self, connection: Connection, trial: Trial) -> None:
        problems = []
        if not 1 <= trial.percent <= 100:
            problems.append(Problem("/percent", "The share is between 1 and 100 percent."))
        current = self.current(connection)
        for index, queue in enumerate(trial.queues):
            if current.queue_spec(QueueId(queue)) is None:
                words = f"There is no queue called {queue[:64]!r} in the published rule set."
                problems.append(Problem(f"/queues/{index}", words))
        if problems:
            raise BadTrial(problems)


def _check_note(note: str) -> None:
    if len(note) > NOTE_CHARS_MAX:
        raise ValueError(f"A note has at most {NOTE_CHARS_MAX} characters.")

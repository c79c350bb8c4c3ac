"""One run: the engine, a heap of what is to come, and people who answer, talk, wrap up and lose patience.

The harness believes the engine's commands only: a contact is connected when `ContactMoved` says so. An offer
to an agent who accepts at once is answered in the same instant; `TimeReached` is told only when a deadline of
the engine comes before the next thing that happens. Customers who are asked whether to be called back say no
and wait on; agents transfer and park nothing.
"""

from collections.abc import Callable
from heapq import heappop, heappush, merge
from operator import attrgetter
from random import Random
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from routing.commands import ContactMoved, EndOffer, Offer, PresenceChanged
from routing.engine import Engine
from routing.events import (
    AgentUpserted,
    ContactAbandoned,
    ContactArrived,
    ContactEnded,
    Event,
    OfferConnected,
    OfferRejected,
    PresenceSet,
    RuleSetPublished,
    TimeReached,
)
from routing.rules.queues import ClosedEnd
from routing.rules.ruleset import RuleSet
from routing.simulate.day import Day, Visit
from routing.simulate.routes import Line, Router
from routing.simulate.scenario import Habit
from routing.simulate.tally import LOW_VALUE, SHORT_MS, Row, Tally
from routing.simulate.workers import Worker, tell_pools
from routing.types import AgentId, ContactId, ContactState, OfferId, Presence, QueueId, QueueSpec

_QUEUED, _OFFERED = ContactState.QUEUED, ContactState.OFFERED
_ACTIVE, _CLOSED = ContactState.ACTIVE, ContactState.CLOSED
_TURN_AWAY = ClosedEnd.TURN_AWAY
_LOST = (ContactState.ABANDONED, ContactState.VOICEMAIL, ContactState.TURNED_AWAY)

_LEAVE, _END, _ANSWER, _BACK = range(4)
"""What the heap holds, by number, because tuples of it are compared and dispatched often. All but the last
two keep the run going.
"""
QUIET_MS = 4 * 3_600_000
"""The run is over when for so long nothing but offers that come to nothing has happened, and nothing else is
to come: whoever waits then waits for ever.
"""

_WAITING, _ASKED, _TALKING, _OVER = range(4)

_AT_ONCE = Habit()


def simulate(rules: RuleSet, day: Day, seed: int) -> Tally:
    """Play the day once under the rules. Deterministic in the three."""
    return _Run(rules, day, seed).play()


def _for_play(spec: QueueSpec) -> QueueSpec:
    """The queue with fewer events a contact, and the same decisions.

    Consoles show every offer at once, so nobody need be told that they did; and an agent is as busy while
    wrapping up as while talking, so both are one span.
    """
    return replace(spec, policy=replace(spec.policy, delivery_ms=0, wrap_up_ms=0))


class _Caller(Struct, eq=False):
    """A visit under way."""

    visit: Visit
    queue: QueueId
    row: Row | None
    line: Line | None
    state: int = _WAITING
    asked: int = 0
    watched: bool = False
    """Whether the end of its patience is in the heap; not needed while an agent will answer before."""
    connected_at_ms: int = 0
    worker: Worker | None = None


class _Run:
    def __init__(self, rules: RuleSet, day: Day, seed: int) -> None:
        self._day = day
        self._rules = rules
        self._router = Router(rules, day.zone_ms)
        self._specs = {spec.queue: spec for spec in rules.queue_specs()}
        self._engine = Engine(explain=False)
        self._handle = self._engine.handle
        self._tally = Tally(seed)
        self._now_ms = day.starts_at_ms
        self._heap: list[tuple[int, int, int, Any]] = []
        self._seq = 0
        self._lasts_until_ms = day.starts_at_ms
        self._events = 0
        self._callers: dict[ContactId, _Caller] = {}
        self._workers: dict[AgentId, Worker] = {}
        self._coming = merge(day.staff, *day.visits(seed), key=attrgetter("at_ms"))
        self._happenings: tuple[Callable[[Any], None], ...] = (
            self._runs_out_of_patience,
            self._ends,
            self._tell,
            self._back,
        )
        self._reactions: dict[type, Any] = {
            Offer: self._asked,
            ContactMoved: self._moved,
            EndOffer: self._offer_over,
            PresenceChanged: self._presence,
        }

    def play(self) -> Tally:
        shown = tuple(_for_play(spec) for spec in self._rules.queue_specs())
        self._tell(RuleSetPublished(self._now_ms, self._rules.hash, shown))
        for coming in self._coming:
            self._go_on_until(coming.at_ms)
            self._now_ms = coming.at_ms
            if isinstance(coming, Visit):
                self._arrive(coming)
            else:
                self._staff(coming)
        self._lasts_until_ms = max(self._lasts_until_ms, self._now_ms)
        over_at_ms = 0
        while over_at_ms < (goes_on_until_ms := self._lasts_until_ms + QUIET_MS):
            over_at_ms = goes_on_until_ms
            self._go_on_until(over_at_ms)
        tell_pools(self._workers.values(), self._now_ms, self._tally)
        self._tally.events = self._events
        for queue in self._specs:
            self._tally.overtakes[queue] = self._engine.largest_overtake_ms(queue)
        return self._tally

    def _go_on_until(self, until_ms: int) -> None:
        """Whatever happens up to that moment."""
        heap, happenings, due_by = self._heap, self._happenings, self._engine.state.timers.due_by
        while True:
            next_ms = heap[0][0] if heap else until_ms
            due_ms = due_by(next_ms if next_ms < until_ms else until_ms)
            if due_ms is not None:
                if due_ms > self._now_ms:
                    self._now_ms = due_ms
                self._tell(TimeReached(due_ms))
            elif heap and next_ms <= until_ms:
                self._now_ms, _, what, whom = heappop(heap)
                happenings[what](whom)
            else:
                return

    def _later(self, at_ms: int, what: int, whom: object) -> None:
        self._seq += 1
        heappush(self._heap, (at_ms, self._seq, what, whom))
        if what <= _END and at_ms > self._lasts_until_ms:
            self._lasts_until_ms = at_ms

    def _tell(self, event: Event) -> None:
        self._events += 1
        reactions = self._reactions
        for command in self._handle(event):
            react = reactions.get(command.__class__)
            if react is not None:
                react(command)

    # ---- customers

    def _runs_out_of_patience(self, caller: _Caller) -> None:
        if caller.state <= _ASKED:
            self._tell(ContactAbandoned(self._now_ms, caller.visit.contact))

    def _ends(self, caller: _Caller) -> None:
        self._tell(ContactEnded(self._now_ms, caller.visit.contact, "customer"))

    def _arrive(self, visit: Visit) -> None:
        route = self._router.route(visit)
        routing, at_ms = route.routing, visit.at_ms
        row = None
        if at_ms >= self._day.count_from_ms:
            row = self._tally.rows.get((routing.queue, visit.tier)) or self._row(routing.queue, visit.tier)
            row.offered += 1
            row.worth += visit.worth
        if routing.closed is _TURN_AWAY:
            if row is not None:
                row.turned_away += 1
                row.worth_lost += visit.worth
            return
        caller = self._callers[visit.contact] = _Caller(visit, routing.queue, row, route.line)
        self._tell(
            ContactArrived(
                at_ms,
                visit.contact,
                visit.kind.channel,
                routing.queue,
                routing.plan,
                at_ms,
                self._router.head_start_ms(visit, route),
                visit.value,
                visit.loyalty,
                routing.rule,
                self._rules.hash,
                visit.contact,
                visit.tier,
                routing.calendar,
            )
        )
        if caller.state == _WAITING:
            self._watch(caller)
            if caller.line is not None:
                caller.line.waiting.append(caller)

    def _watch(self, caller: _Caller) -> None:
        """From here on it may leave."""
        visit = caller.visit
        if visit.patience_ms is not None and not caller.watched:
            caller.watched = True
            self._later(max(visit.at_ms + visit.patience_ms, self._now_ms), _LEAVE, caller)

    def _row(self, queue: QueueId, tier: str) -> Row:
        spec = self._specs[queue]
        target_ms = dict(spec.targets).get(tier, spec.sl_target_ms)
        row = self._tally.rows[queue, tier] = Row(queue, tier, target_ms, self._engine.bound_ms(queue))
        return row

    def _moved(self, moved: ContactMoved) -> None:
        state = moved.state
        if moved.queue is not None:
            # In another queue other agents serve it, so it says nothing of the line that it came to.
            caller = self._callers[moved.contact]
            caller.line, caller.queue = None, moved.queue
        if state is _QUEUED or state is _OFFERED:
            return
        if state is _ACTIVE:
            self._connected(self._callers[moved.contact], moved.agent)
        elif state is _CLOSED:
            self._closed(self._callers.pop(moved.contact))
        elif state in _LOST:
            self._lost(self._callers.pop(moved.contact), state)

    def _connected(self, caller: _Caller, agent: AgentId | None) -> None:
        assert agent is not None, "nobody talks to nobody"
        visit, row, now_ms = caller.visit, caller.row, self._now_ms
        worker = caller.worker = self._workers[agent]
        caller.state = _TALKING
        caller.connected_at_ms = now_ms
        worker.take(now_ms)
        pace, handle_ms = visit.kind.pace, visit.handle_ms
        if pace is not None:
            handle_ms = int(handle_ms * pace.factor(worker.levels.get(pace.skill, 1)))
        wrap_up_ms = self._specs[caller.queue].policy.wrap_up_ms
        if visit.wrap_up_ms is not None and visit.wrap_up_ms < wrap_up_ms:
            wrap_up_ms = visit.wrap_up_ms
        self._later(now_ms + handle_ms + wrap_up_ms, _END, caller)
        if row is None:
            return
        waited_ms = now_ms - visit.at_ms
        row.answered += 1
        row.wait_ms += waited_ms
        row.waits_ms.append(waited_ms)
        if waited_ms <= row.target_ms:
            row.answered_in += 1
            row.worth_in += visit.worth
        else:
            row.excess_ms += waited_ms - row.target_ms
        if waited_ms > row.low_wait_ms and visit.value < LOW_VALUE:
            row.low_wait_ms = waited_ms

    def _closed(self, caller: _Caller) -> None:
        caller.state = _OVER
        if caller.worker is not None:
            caller.worker.leave(self._now_ms)
            if caller.row is not None:
                caller.row.handle_ms += self._now_ms - caller.connected_at_ms

    def _lost(self, caller: _Caller, how: ContactState) -> None:
        caller.state = _OVER
        visit, row = caller.visit, caller.row
        if row is None:
            return
        row.worth_lost += visit.worth
        if how is not ContactState.ABANDONED:
            row.turned_away += 1
            return
        waited_ms = self._now_ms - visit.at_ms
        row.abandoned += 1
        row.abandoned_in += waited_ms <= row.target_ms
        row.short += waited_ms <= SHORT_MS

    # ---- agents

    def _asked(self, offer: Offer) -> None:
        caller = self._callers[offer.contact]
        self._note_overtake(caller)
        caller.state = _ASKED
        caller.asked += 1
        habit = self._workers[offer.agent].habit
        if habit is _AT_ONCE:
            self._tell(OfferConnected(self._now_ms, offer.offer))
        else:
            self._answer(caller, offer.offer, offer.agent, habit)

    def _answer(self, caller: _Caller, offer: OfferId, agent: AgentId, habit: Habit) -> None:
        fate, delay = caller.visit.fate, caller.visit.delay
        if caller.asked > 1:
            again = Random(f"{self._tally.seed}/{caller.visit.contact}/{caller.asked}")
            fate, delay = again.random(), again.random()
        now_ms = self._now_ms
        delay_ms = 0 if habit.accept is None else habit.accept(delay)
        if fate < habit.reject:
            answer: Event = OfferRejected(now_ms + delay_ms, offer, agent)
        elif fate < habit.reject + habit.miss:
            self._watch(caller)
            return
        else:
            answer = OfferConnected(now_ms + delay_ms, offer)
        if delay_ms:
            patience_ms = caller.visit.patience_ms
            if patience_ms is not None and now_ms + delay_ms > caller.visit.at_ms + patience_ms:
                self._watch(caller)
            self._later(now_ms + delay_ms, _ANSWER, answer)
        else:
            self._tell(answer)

    def _note_overtake(self, caller: _Caller) -> None:
        """By how much it is served before one that has waited longer and that the agent could have taken.

        Known for certain of those who wait in one queue for just the same agents and were never offered: this
        asks nobody but itself, so a mistake of the engine shows. What the engine says comes at the end.
        """
        if caller.line is None:
            return
        waiting = caller.line.waiting
        while waiting and (waiting[0].state != _WAITING or waiting[0].asked or waiting[0].line is None):
            waiting.popleft()
        if waiting and waiting[0].row is not None:
            overtake_ms = caller.visit.at_ms - waiting[0].visit.at_ms
            if overtake_ms > waiting[0].row.overtake_ms:
                waiting[0].row.overtake_ms = overtake_ms

    def _offer_over(self, over: EndOffer) -> None:
        caller = self._callers.get(over.contact)
        if caller is not None and caller.state == _ASKED:
            caller.state = _WAITING
            self._watch(caller)

    def _presence(self, changed: PresenceChanged) -> None:
        """The engine has taken an agent who missed an offer out of work; they come back after a while."""
        worker = self._workers[changed.agent]
        worker.present(self._now_ms, available=changed.presence is Presence.AVAILABLE)
        if changed.presence is Presence.RONA:
            self._later(self._now_ms + worker.habit.back_after_ms, _BACK, worker)

    def _back(self, worker: Worker) -> None:
        """Who missed an offer says that they are there, unless the shift is over."""
        if worker.at_work and not worker.available:
            self._tell(PresenceSet(self._now_ms, worker.agent, Presence.AVAILABLE))
            worker.present(self._now_ms, available=True)

    def _staff(self, event: Event) -> None:
        now_ms = self._now_ms
        if isinstance(event, AgentUpserted):
            levels = {skill.skill: skill.level for skill in event.skills}
            worker = self._workers.get(event.agent)
            if worker is None:
                habit = self._day.habits.get(event.agent, _AT_ONCE)
                pool = self._day.pools.get(event.agent, event.agent)
                since_ms = max(now_ms, self._day.count_from_ms)
                habit = _AT_ONCE if habit == _AT_ONCE else habit
                worker = self._workers[event.agent] = Worker(event.agent, pool, habit, since_ms)
            worker.levels = levels
        elif isinstance(event, PresenceSet) and event.agent in self._workers:
            worker = self._workers[event.agent]
            worker.at_work = event.presence is Presence.AVAILABLE
            worker.present(now_ms, available=worker.at_work)
        self._tell(event)

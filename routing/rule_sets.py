"""What a new rule set changes for those who are here already, and when a queue's reserve opens and closes.

Publishing is cheap where it changes little: only contacts whose queue has another pool or order take their
place anew.
"""

from routing.commands import ReserveChanged
from routing.events import RuleSetPublished, RuleSetStaged
from routing.line import place_again, replace, unline
from routing.order import in_order
from routing.queues import reserve_turns_ms, reserve_verdict
from routing.records import QueueRecord
from routing.state import State
from routing.timers import TimerKind
from routing.types import QueueSpec

_LINE = (
    "needs",
    "any_of",
    "head_start_max_ms",
    "sl_target_ms",
    "order",
    "ageing_percent",
    "by_target",
    "targets",
    "overflows",
    "reserve",
)
"""What decides which line a contact stands in, and where."""
TURNS_MAX = 2
"""A reserve may open, help and close again in answer to one event."""


def on_published(state: State, event: RuleSetPublished) -> None:
    """Switch queues; a contact whose pool or order has changed takes its place anew."""
    before = {**state.trial_queues, **state.queues}
    gone = {id(queue): queue for queue in state.every_queue()}
    queues = {spec.queue: _record(spec, before.get(spec.queue)) for spec in event.queues}
    for contact in state.contacts.values():
        # A queue that the new set does not have goes on as it was until its last contact has left.
        queues.setdefault(contact.queue.spec.queue, contact.queue)
    for queue, record in queues.items():
        record.ident = queue
        gone.pop(id(record), None)
    for record in gone.values():
        state.timers.cancel_all(record)
    state.queues, state.rule_set = queues, event.hash
    state.trial, state.trial_queues, state.former = "", {}, []
    state.adopt()
    _resettle(state)
    state.lines.prune()
    for record in queues.values():
        record.demands.clear()
    # Queues that are gone have no say any more, and an open reserve must be well founded under the new rules.
    state.stirred = {record.ident: record for record in queues.values() if record.spec.reserve is not None}


def on_staged(state: State, event: RuleSetStaged) -> None:
    """Contacts that cite the staged set live by its queues; those under way keep what they have."""
    if event.hash == state.trial:
        state.ignore("RuleSetStaged", "it is staged already" if event.hash else "nothing is staged")
        return
    lived_in = {id(contact.queue) for contact in state.contacts.values()}
    state.former = [q for q in (*state.former, *state.trial_queues.values()) if id(q) in lived_in]
    for queue in state.trial_queues.values():
        if id(queue) not in lived_in:
            state.timers.cancel_all(queue)
    state.trial = event.hash
    state.trial_queues = {}
    if event.hash:
        state.trials += 1
        for spec in event.queues:
            ident = f"trial {state.trials} {spec.queue}"
            state.trial_queues[spec.queue] = QueueRecord(ident, spec)
    state.adopt()


def reserve_due(state: State, queue: QueueRecord) -> None:
    """Somebody has waited for so long that the reserve may have to open."""
    state.stirred[queue.ident] = queue


def settle_reserves(state: State) -> None:
    """Open and close reserves whose threshold has been crossed by what has just happened.

    Who is placed anew may stir this queue or another one again; a reserve turns `TURNS_MAX` times at most in
    answer to one event, so that the event comes to an end, and nothing is left over for the next one.
    """
    turns: dict[str, int] = {}
    while state.stirred:
        queue = state.stirred.pop(next(iter(state.stirred)))
        turned = turns.get(queue.ident, 0)
        verdict = reserve_verdict(queue, state.now_ms) if turned < TURNS_MAX else None
        if verdict is not None:
            turns[queue.ident] = turned + 1
            queue.reserve_open, reason = verdict
            state.out.append(ReserveChanged(queue.spec.queue, queue.reserve_open, reason))
            for contact in in_order(queue.waiting.values(), state.now_ms):
                if contact.demand is not None:
                    replace(state, contact, "reserve_opened" if queue.reserve_open else "reserve_closed")
        turns_ms = reserve_turns_ms(queue)
        if turns_ms is not None:
            state.timers.arm(TimerKind.RESERVE, queue, max(turns_ms, state.now_ms + 1))
        else:
            state.timers.cancel(TimerKind.RESERVE, queue)


def _record(spec: QueueSpec, old: QueueRecord | None) -> QueueRecord:
    """The same record where its contacts may stay where they are; else a new one that knows what it knew."""
    if old is not None and _same_line(old.spec, spec):
        old.spec = spec
        return old
    record = QueueRecord(spec.queue, spec)
    if old is not None:
        record.reserve_open = old.reserve_open and spec.reserve is not None
        record.served_at_ms = old.served_at_ms
        record.interval_ms = old.interval_ms
    return record


def _same_line(old: QueueSpec, new: QueueSpec) -> bool:
    """Whether the pool and the order of the queue's contacts are the same in both."""
    return all(getattr(old, name) == getattr(new, name) for name in _LINE)


def _resettle(state: State) -> None:
    """Bring every live contact under the queues now in force."""
    moved = []
    for contact in state.contacts.values():
        record = state.queues[contact.queue.spec.queue]
        if record is not contact.queue:
            if contact.demand is not None:
                unline(state, contact)
                moved.append(contact)
            contact.queue = record
    for contact in in_order(moved, state.now_ms):
        place_again(state, contact, "rules_published")

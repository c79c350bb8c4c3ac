"""Callbacks that keep the place: the customer hangs up, the contact stays in line by its key.

AGENT_FIRST: when its turn comes an agent is asked, and on accepting the customer is dialled (`Connect` with
`dial`); not answering is a failed set-up of nobody's fault. CUSTOMER_FIRST: when its turn comes the customer
is dialled (`Dial`), and waits in line at its old place once on the line. Either way an unanswered attempt is
repeated after a gap, a few times. The window promised at the request is compared with the first attempt.

Nothing here places a contact in line or makes an offer: `callback_events.py` and `line.py` do.
"""

from typing import Literal

from routing.commands import CallbackOver, CallbackPromised, Dial
from routing.order import ahead
from routing.queues import expected
from routing.records import Callback, ContactRecord
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, move_contact
from routing.types import CallbackMode


def promise(
    state: State, contact: ContactRecord, mode: CallbackMode, due_at_ms: int | None, ahead_of_it: int
) -> None:
    """Note the customer's wish and tell the window in which the call will come."""
    policy, begins = contact.queue.spec.callback, max(due_at_ms or 0, state.now_ms)
    foreseen = expected(contact.queue, ahead_of_it + 1)
    if due_at_ms is not None or foreseen is None:
        from_ms, until_ms = begins, begins + max(policy.window_ms, 0)
    else:
        from_ms = state.now_ms + foreseen.low_ms
        until_ms = max(state.now_ms + foreseen.high_ms, from_ms + policy.dial_ms)
    contact.callback = Callback(mode, from_ms, until_ms, due_at_ms)
    state.out.append(CallbackPromised(contact.contact, from_ms, until_ms))


def place_of(state: State, contact: ContactRecord) -> int:
    """How many come before a waiting contact."""
    return ahead(contact.queue, contact, state.now_ms)


def wants_customer_first(callback: Callback) -> bool:
    """Whether the customer must be on the line before an agent is asked."""
    return callback.mode is CallbackMode.CUSTOMER_FIRST and not callback.answered


def is_due(state: State, callback: Callback) -> bool:
    """Whether its appointed time has come."""
    return callback.due_at_ms is None or callback.due_at_ms <= state.now_ms


def attempt(state: State, callback: Callback) -> None:
    """The customer is being tried once more."""
    callback.attempts += 1
    if callback.first_at_ms is None:
        callback.first_at_ms = state.now_ms


def dial(state: State, contact: ContactRecord) -> None:
    """Call the customer, before any agent. The contact must be QUEUED and in no line."""
    callback = contact.callback
    assert callback is not None, "only a callback is dialled"
    attempt(state, callback)
    callback.dialling = True
    put_off(state, contact, "dialling", state.now_ms + max(contact.queue.spec.callback.dial_ms, 1_000))
    state.out.append(Dial(contact.contact, callback.attempts, _timer_ms(contact)))


def put_off(state: State, contact: ContactRecord, reason: str, until_ms: int) -> None:
    """Out of line until then. The contact must be QUEUED and in no line."""
    move_contact(contact, ContactInput.PUT_OFF, state.now_ms)
    state.timers.arm(TimerKind.CALLBACK, contact, until_ms)
    state.moved(contact, None, reason, until_ms)


def may_retry(contact: ContactRecord) -> bool:
    """Whether the policy allows another attempt."""
    assert contact.callback is not None
    return contact.callback.attempts < max(contact.queue.spec.callback.attempts_max, 1)


def over(
    state: State, contact: ContactRecord, outcome: Literal["connected", "unanswered", "withdrawn"]
) -> None:
    """The callback has come to its end; say whether the promise was kept."""
    callback = contact.callback
    if callback is None:
        return
    tried = callback.first_at_ms
    kept = tried is not None and tried <= callback.until_ms
    state.out.append(CallbackOver(contact.contact, outcome, callback.attempts, kept))
    contact.callback = None
    if state.callers.get(contact.customer) == contact.contact:
        del state.callers[contact.customer]


def _timer_ms(contact: ContactRecord) -> int:
    at_ms: int = contact.timers[TimerKind.CALLBACK][0]
    return at_ms

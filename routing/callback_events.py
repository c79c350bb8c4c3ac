"""What happens to a callback from outside, and when its timer fires: requested, answered, not answered."""

from routing.callbacks import is_due, may_retry, over, place_of, promise, put_off
from routing.events import CallbackAnswered, CallbackRequested, CallbackUnanswered
from routing.line import place, unline
from routing.records import ContactRecord
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, move_contact
from routing.types import Channel, ContactId, ContactState


def on_requested(state: State, event: CallbackRequested) -> None:
    """The customer hangs up and keeps the place."""
    contact = state.contacts.get(event.contact)
    if contact is None:
        state.ignore("CallbackRequested", "unknown contact")
        return
    if contact.channel is not Channel.VOICE:
        state.ignore("CallbackRequested", "only a call can be called back")
        return
    if contact.state is not ContactState.QUEUED or contact.callback is not None:
        what = "already a callback" if contact.callback is not None else str(contact.state)
        state.ignore("CallbackRequested", f"the contact is {what}")
        return
    customer = event.customer or contact.customer
    if customer in state.callers:
        state.ignore("CallbackRequested", "the customer already has a callback")
        return
    contact.customer = customer
    if customer:
        state.callers[customer] = contact.contact
    promise(state, contact, event.mode, event.due_at_ms, place_of(state, contact))
    callback = contact.callback
    assert callback is not None
    if callback.due_at_ms is not None and not is_due(state, callback):
        unline(state, contact)
        put_off(state, contact, "appointed", callback.due_at_ms)


def on_answered(state: State, event: CallbackAnswered) -> None:
    """The customer, dialled first, is there: into the line, where its place was kept."""
    contact = _dialled(state, "CallbackAnswered", event.contact)
    if contact is None or contact.callback is None:
        return
    contact.callback.dialling, contact.callback.answered = False, True
    _back(state, contact, "answered")


def on_unanswered(state: State, event: CallbackUnanswered) -> None:
    """The customer, dialled first, is not there: once more later, or the end."""
    contact = _dialled(state, "CallbackUnanswered", event.contact)
    if contact is not None:
        _unanswered(state, contact, event.reason)


def callback_due(state: State, contact: ContactRecord) -> None:
    """The appointed time, the time for another attempt, or the end of a dialling that nobody reported on."""
    assert contact.callback is not None, "only a callback is put off"
    if contact.callback.dialling:
        _unanswered(state, contact, "no_answer")
    else:
        _back(state, contact, "due")


def retry_later(state: State, contact: ContactRecord, reason: str) -> None:
    """An attempt came to nothing. The contact must be QUEUED and in no line."""
    if may_retry(contact):
        put_off(state, contact, reason, state.now_ms + max(contact.queue.spec.callback.gap_ms, 1_000))
        return
    move_contact(contact, ContactInput.PUT_OFF, state.now_ms)
    close(state, contact, reason)


def close(state: State, contact: ContactRecord, reason: str) -> None:
    """Give the callback up. The contact must be in the state CALLBACK."""
    over(state, contact, "unanswered")
    move_contact(contact, ContactInput.FINISHED, state.now_ms)
    state.finish(contact)
    state.moved(contact, None, reason)


def _unanswered(state: State, contact: ContactRecord, reason: str) -> None:
    assert contact.callback is not None
    contact.callback.dialling = False
    if may_retry(contact):
        until_ms = state.now_ms + max(contact.queue.spec.callback.gap_ms, 1_000)
        state.timers.arm(TimerKind.CALLBACK, contact, until_ms)
        state.moved(contact, None, reason, until_ms)
    else:
        close(state, contact, "callback_unanswered")


def _back(state: State, contact: ContactRecord, reason: str) -> None:
    state.timers.cancel(TimerKind.CALLBACK, contact)
    move_contact(contact, ContactInput.RETURNED, state.now_ms)
    place(state, contact, reason)


def _dialled(state: State, event: str, contact_id: ContactId) -> ContactRecord | None:
    contact = state.contacts.get(contact_id)
    if contact is None:
        state.ignore(event, "unknown contact")
    elif contact.callback is None or not contact.callback.dialling:
        state.ignore(event, "the customer is not being dialled")
    else:
        return contact
    return None

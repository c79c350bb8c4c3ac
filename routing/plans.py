"""Where a contact's plan leads: which step holds now, whom it asks for, and what happens at the end.

Changes the contact's step, queue and plan; lines, agents and offers are `line.py`'s.
"""

from functools import lru_cache

from routing.commands import AskCallback
from routing.demand import Demand, Signature
from routing.limits import Status
from routing.order import rank
from routing.queues import is_full, overflow_of
from routing.records import ContactRecord
from routing.state import State
from routing.target import ANYBODY, both, has_all, meets, target_of
from routing.timers import TimerKind
from routing.transitions import ContactInput, move_contact
from routing.types import AgentId, Full, PlanEnd, QueueId, RoutePlan, Step

_ANYONE = Step()
_STEP, _HOLD = TimerKind.STEP, PlanEnd.HOLD
HOPS_MAX = 8
"""How often a contact may overflow before it stays where it is; rules that lead in a circle are refused."""


def admit(state: State, contact: ContactRecord) -> bool:
    """Send a new contact on if its queue overflows or is full; False when it found no place at all.

    A contact that has no place is in a final state then, and has been reported.
    """
    been = {contact.queue.spec.queue: True}
    for _ in range(HOPS_MAX):
        beyond = overflow_of(state, contact.queue)
        if beyond is None or beyond[0] in been:
            break
        been[beyond[0]] = True
        _overflow(state, contact, beyond[0], f"overflow_{beyond[1]}")
    spec = contact.queue.spec
    if not is_full(contact.queue, contact.channel):
        return True
    match spec.full:
        case Full.OVERFLOW if spec.full_to is not None and spec.full_to not in been:
            _overflow(state, contact, spec.full_to, "queue_full")
        case Full.CALLBACK:
            ask_callback(state, contact)
        case Full.VOICEMAIL:
            _end(state, contact, ContactInput.TO_VOICEMAIL, "queue_full")
            return False
        case _:
            _end(state, contact, ContactInput.TURNED_AWAY, "queue_full")
            return False
    return True


def enter_step(state: State, contact: ContactRecord, step: int, since_ms: int) -> None:
    """Begin a step of the plan; its time counts from `since_ms`. Beyond the last step is the plan's end.

    The deadline is armed for those only for whom nobody is found at once: most contacts need none.
    """
    contact.step, contact.step_until_ms = step, None
    steps = contact.plan.steps
    if step < len(steps):
        duration_ms = steps[step].duration_ms
        if duration_ms is not None and not _holds(contact.plan, step):
            contact.step_until_ms = since_ms + max(duration_ms, 0)
    if contact.timers:
        state.timers.cancel(_STEP, contact)


def _holds(plan: RoutePlan, step: int) -> bool:
    """Whether this is the plan's last step, which goes on."""
    return step == len(plan.steps) - 1 and plan.end is _HOLD and plan.steps[step].agent is None


def follow(contact: ContactRecord, plan: RoutePlan) -> None:
    """The contact has another plan from here on."""
    contact.plan = plan
    contact.known = named_by(plan)


@lru_cache(maxsize=1024)
def named_by(plan: RoutePlan) -> tuple[AgentId, ...]:
    """The agents whom a plan names."""
    return tuple([step.agent for step in plan.steps if step.agent is not None])


def give_up(state: State, contact: ContactRecord) -> None:
    """The contact was offered as often as its plan allows: on to the plan's end, or its last step."""
    steps = len(contact.plan.steps)
    end = steps - 1 if contact.plan.end is PlanEnd.HOLD else steps
    if contact.step < end:
        enter_step(state, contact, end, state.now_ms)


def target_demand(state: State, contact: ContactRecord) -> Demand | None:
    """Whom the contact waits for now, passing over steps whose time is up or whose agent is not to be had.

    At the end of its plan it may go on in another queue. None: it has left the line for good.
    """
    contact.to_owner = False
    _pass_over(state, contact)
    if contact.step >= len(contact.plan.steps) and not _at_its_end(state, contact):
        return None
    return demand_of(state, contact)


def _at_its_end(state: State, contact: ContactRecord) -> bool:
    """Do what the plan says of its end; False when the contact has left the line for good."""
    for _ in range(HOPS_MAX):
        plan = contact.plan
        match plan.end:
            case PlanEnd.OVERFLOW if plan.overflow_to is not None:
                _overflow(state, contact, plan.overflow_to, "plan_over")
                enter_step(state, contact, 0, state.now_ms)
                _pass_over(state, contact)
                if contact.step < len(contact.plan.steps):
                    return True
                continue
            case PlanEnd.VOICEMAIL if contact.callback is None:
                _end(state, contact, ContactInput.TO_VOICEMAIL, "plan_over")
                return False
            case PlanEnd.CALLBACK if contact.callback is None:
                ask_callback(state, contact)
            case _:
                pass
        break
    contact.to_owner = goes_home(state, contact)
    return True


def demand_of(state: State, contact: ContactRecord) -> Demand:
    """The demand of the contact's present step, whether or not anybody could serve it.

    Works out the contact's place in line on the way, because the line depends on how its wait weighs.
    """
    contact.full_at_ms = rank(contact, state.now_ms)
    queue = contact.queue
    if contact.to_owner and contact.owner is not None:
        owner = state.roster.agents.get(contact.owner)
        if owner is not None:
            # Who passed it on to specialists takes it back without being one.
            return state.lines.named(Signature(contact.channel_index, ANYBODY, rate=contact.rate), owner)
    steps, at = contact.plan.steps, contact.step
    step = steps[at] if at < len(steps) else _last(contact.plan)
    if step.agent is not None:
        agent = state.roster.agents.get(step.agent)
        if agent is not None:
            return state.lines.named(_signature(contact, step), agent)
    key = (step, contact.channel_index, contact.rate, queue.reserve_open)
    demand = queue.demands.get(key)
    if demand is None:
        demand = queue.demands[key] = state.lines.open(_signature(contact, step))
    return demand


def _signature(contact: ContactRecord, step: Step) -> Signature:
    queue = contact.queue
    target = both(queue.pool, target_of(step.needs, step.any_of))
    barred = None if queue.reserve_open else queue.reserve
    return Signature(contact.channel_index, target, barred, step.prefers, contact.rate)


def ask_callback(state: State, contact: ContactRecord) -> None:
    """Have the customer asked, once, whether to be called back."""
    if not contact.callback_asked:
        contact.callback_asked = True
        state.out.append(AskCallback(contact.contact, contact.queue.spec.queue))


def _last(plan: RoutePlan) -> Step:
    """Whom a plan at its end goes on asking."""
    if plan.end is PlanEnd.ANY_IN_QUEUE or not plan.steps or plan.steps[-1].agent is not None:
        return _ANYONE
    return plan.steps[-1]


def goes_home(state: State, contact: ContactRecord) -> bool:
    """Whether the plan has led back to the agent who passed the contact on, and that one is at work."""
    plan = contact.plan
    if contact.step < len(plan.steps) or plan.end is not PlanEnd.RETURN or contact.owner is None:
        return False
    owner = state.roster.agents.get(contact.owner)
    return owner is not None and bool(owner.status) and owner.status[contact.channel_index] <= Status.RAMPING


def _pass_over(state: State, contact: ContactRecord) -> None:
    steps = contact.plan.steps
    while (at := contact.step) < len(steps):
        step, until_ms = steps[at], contact.step_until_ms
        if until_ms is not None and until_ms <= state.now_ms:
            enter_step(state, contact, at + 1, until_ms)
        elif step.agent is None or _worth_waiting(state, contact, step):
            return
        else:
            enter_step(state, contact, at + 1, state.now_ms)


def _worth_waiting(state: State, contact: ContactRecord, step: Step) -> bool:
    """A named agent is asked when free, and waited for when merely busy if the step has a length."""
    agent = state.roster.agents.get(step.agent) if step.agent is not None else None
    if agent is None or agent.removed or agent.agent in contact.exclusions:
        return False
    signature = _signature(contact, step)
    if not meets(agent.skills, signature.target):
        return False
    if signature.barred is not None and has_all(agent.skills, signature.barred):
        return False
    status = agent.status[contact.channel_index]
    return status == Status.FREE or (status <= Status.RAMPING and step.duration_ms is not None)


def _overflow(state: State, contact: ContactRecord, to: QueueId, reason: str) -> None:
    """On to another queue, by that queue's plan, with the wait kept. The contact must not be in line."""
    contact.queue = state.queue(to, contact.rule_set)
    follow(contact, contact.queue.spec.plan)
    contact.step, contact.offers_failed = 0, 0
    contact.hops += 1
    state.moved(contact, None, reason, queue=to)


def _end(state: State, contact: ContactRecord, how: ContactInput, reason: str) -> None:
    """The contact leaves without an agent. It must not be in line."""
    move_contact(contact, how, state.now_ms)
    state.finish(contact)
    state.moved(contact, None, reason)

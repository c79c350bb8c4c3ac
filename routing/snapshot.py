"""The engine as versioned plain JSON, and back. `load(dump(engine))` followed by the rest of the journal
gives the same commands as replaying the whole journal.

Only facts are written. Pools, lines and free agents are rebuilt, since nothing that is decided depends on
their inner order.
"""

from typing import Any

import msgspec

from routing.engine import Engine
from routing.line import line_up
from routing.order import key_of, place_of
from routing.plans import demand_of, named_by
from routing.records import (
    CHANNEL_INDEX,
    AgentRecord,
    Callback,
    ContactRecord,
    Exclusion,
    OfferRecord,
    QueueRecord,
)
from routing.state import State
from routing.timers import TimerKind
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    OfferState,
    Presence,
    QueueSpec,
    RoutePlan,
)

VERSION = 2

Json = dict[str, Any]


class SnapshotError(Exception):
    """The snapshot is of a version that this engine cannot read."""


def dump(engine: Engine) -> Json:
    """Everything needed to go on from here, as JSON-ready values."""
    state = engine.state
    return {
        "version": VERSION,
        "now_ms": state.now_ms,
        "rule_set": state.rule_set,
        "trial": state.trial,
        "contact_seq": state.contact_seq,
        "offer_seq": state.offer_seq,
        "timer_seq": state.timers.sequence,
        "queues": [_queue(queue) for queue in state.queues.values()],
        "trial_queues": [_queue(queue) for queue in state.trial_queues.values()],
        "old_queues": [_queue(queue) for queue in state.former],
        "trials": state.trials,
        "agents": [_agent(agent) for agent in state.roster.agents.values()],
        "contacts": [_contact(contact) for contact in state.contacts.values()],
        "offers": [_offer(offer) for offer in state.offers.values()],
        "timers": [list(timer) for timer in state.timers.live()],
        "finished": [[contact, str(final)] for contact, final in state.finished.items()],
        "overtakes": dict(state.overtakes),
        "bounds_broken": state.bounds_broken,
        "callers": dict(state.callers),
    }


def load(snapshot: Json, *, explain: bool = True) -> Engine:
    """The engine as it was dumped. Raises SnapshotError on another version."""
    if snapshot.get("version") != VERSION:
        raise SnapshotError(f"snapshot version {snapshot.get('version')!r}, this engine reads {VERSION}")
    state = State(explain=explain)
    state.now_ms = snapshot["now_ms"]
    state.rule_set, state.trial = snapshot["rule_set"], snapshot["trial"]
    state.queues = {queue.spec.queue: queue for queue in _read_queues(snapshot["queues"])}
    state.trial_queues = {queue.spec.queue: queue for queue in _read_queues(snapshot["trial_queues"])}
    state.former, state.trials = _read_queues(snapshot["old_queues"]), snapshot["trials"]
    queues = {queue.ident: queue for queue in state.every_queue()}
    state.adopt()
    state.contact_seq, state.offer_seq = snapshot["contact_seq"], snapshot["offer_seq"]
    for finished, final in snapshot["finished"]:
        state.remember(ContactId(finished), ContactState(final))
    state.overtakes, state.callers = dict(snapshot["overtakes"]), dict(snapshot["callers"])
    state.bounds_broken = snapshot["bounds_broken"]
    for item in snapshot["contacts"]:
        contact = _read_contact(item, queues)
        state.contacts[contact.contact] = contact
    for item in snapshot["agents"]:
        _restore_agent(state, item)
    for item in snapshot["offers"]:
        _restore_offer(state, item)
    for contact in state.contacts.values():
        if contact.state is ContactState.QUEUED:
            line_up(state, contact, demand_of(state, contact))
    state.stirred.clear()
    for at_ms, sequence, kind, ident in snapshot["timers"]:
        owner = _owner(state, queues, TimerKind(kind), ident)
        state.timers.restore(at_ms, sequence, TimerKind(kind), owner)
    state.timers.sequence = snapshot["timer_seq"]
    return Engine(state)


def _owner(state: State, queues: dict[str, QueueRecord], kind: TimerKind, ident: str) -> Any:
    """The record that a timer of this kind belongs to."""
    match kind:
        case TimerKind.DELIVERY | TimerKind.RING | TimerKind.SETUP:
            return state.offers[OfferId(ident)]
        case TimerKind.RAMP | TimerKind.SKILL:
            return state.roster.agents[AgentId(ident)]
        case TimerKind.RESERVE:
            return queues[ident]
        case _:
            return state.contacts[ContactId(ident)]


def _queue(queue: QueueRecord) -> Json:
    return {
        "ident": queue.ident,
        "spec": msgspec.to_builtins(queue.spec),
        "reserve_open": queue.reserve_open,
        "served_at_ms": queue.served_at_ms,
        "busy": queue.busy,
        "interval_ms": queue.interval_ms,
    }


def _read_queues(items: list[Json]) -> list[QueueRecord]:
    return [QueueRecord(**{**item, "spec": msgspec.convert(item["spec"], QueueSpec)}) for item in items]


def _agent(agent: AgentRecord) -> Json:
    return {
        "agent": agent.agent,
        "skills": msgspec.to_builtins(agent.stated),
        "levels": dict(agent.skills),
        "capacity": msgspec.to_builtins(agent.capacity),
        "tier": agent.tier,
        "presence": agent.presence,
        "code": agent.code,
        "presence_since_ms": agent.presence_since_ms,
        "pending": list(agent.pending) if agent.pending is not None else None,
        "reachable": list(agent.reachable),
        "idle_since_ms": agent.idle_since_ms,
        "ramp_until_ms": agent.ramp_until_ms,
        "ramp_hold_ms": agent.ramp_hold_ms,
        "removed": agent.removed,
        "contacts": list(agent.contacts),
        "parked": list(agent.parked),
    }


def _restore_agent(state: State, item: Json) -> None:
    agent = state.roster.upsert(
        AgentId(item["agent"]),
        msgspec.convert(item["skills"], tuple[AgentSkill, ...]),
        msgspec.convert(item["capacity"], Capacity),
        item["tier"],
        state.now_ms,
    )
    # A decay that is due but whose timer has not fired yet must wait for it.
    state.roster.set_levels(agent, item["levels"])
    agent.presence = Presence(item["presence"])
    agent.code = item["code"]
    agent.presence_since_ms = item["presence_since_ms"]
    if item["pending"] is not None:
        presence, code, cause = item["pending"]
        agent.pending = (Presence(presence), code, cause)
    agent.reachable = tuple(Channel(channel) for channel in item["reachable"])
    agent.idle_since_ms = item["idle_since_ms"]
    agent.ramp_until_ms, agent.ramp_hold_ms = item["ramp_until_ms"], item["ramp_hold_ms"]
    for held, into in ((item["contacts"], agent.contacts), (item["parked"], agent.parked)):
        for contact_id in held:
            contact = state.contacts[ContactId(contact_id)]
            contact.agent = agent
            into[contact.contact] = contact
    if item["removed"]:
        state.roster.retire(agent)
    else:
        state.roster.refresh(agent)
    state.lines.agent_changed(agent)


_CONTACT = (
    "contact",
    "channel",
    "enqueued_at_ms",
    "head_start_ms",
    "value",
    "loyalty",
    "rule",
    "rule_set",
    "arrived_at_ms",
    "seq",
    "since_ms",
    "customer",
    "tier",
    "state",
    "step",
    "step_until_ms",
    "wrap_up_until_ms",
    "boost_ms",
    "rate",
    "offers_failed",
    "hops",
    "owner",
    "to_owner",
    "callback_asked",
)
"""Fields of a contact that are written as they are."""


def _contact(contact: ContactRecord) -> Json:
    facts = {name: getattr(contact, name) for name in _CONTACT}
    facts["queue"] = contact.queue.ident
    facts["key"] = key_of(contact.place)
    facts["plan"] = msgspec.to_builtins(contact.plan)
    facts["calendar"] = list(contact.calendar)
    facts["exclusions"] = [[a, e.cool_at_ms, e.until_ms, e.hard] for a, e in contact.exclusions.items()]
    facts["callback"] = msgspec.to_builtins(contact.callback)
    return facts


def _read_contact(item: Json, queues: dict[str, QueueRecord]) -> ContactRecord:
    facts = {name: item[name] for name in _CONTACT}
    facts["channel"], facts["state"] = Channel(item["channel"]), ContactState(item["state"])
    state, calendar = item["calendar"]
    return ContactRecord(
        **facts,
        channel_index=CHANNEL_INDEX[facts["channel"]],
        place=place_of(item["key"], item["seq"]),
        queue=queues[item["queue"]],
        plan=(plan := msgspec.convert(item["plan"], RoutePlan)),
        known=named_by(plan),
        calendar=(state, calendar),
        exclusions={
            AgentId(agent): Exclusion(cool_at_ms, until_ms, hard)
            for agent, cool_at_ms, until_ms, hard in item["exclusions"]
        },
        callback=msgspec.convert(item["callback"], Callback | None),
    )


def _offer(offer: OfferRecord) -> Json:
    return {
        "offer": offer.offer,
        "contact": offer.contact.contact,
        "created_at_ms": offer.created_at_ms,
        "expires_at_ms": offer.expires_at_ms,
        "state": offer.state,
        "delivered": offer.delivered,
        "setup_until_ms": offer.setup_until_ms,
    }


def _restore_offer(state: State, item: Json) -> None:
    contact = state.contacts[ContactId(item["contact"])]
    assert contact.agent is not None, "an offered contact holds its agent"
    offer = OfferRecord(
        offer=OfferId(item["offer"]),
        contact=contact,
        agent=contact.agent,
        created_at_ms=item["created_at_ms"],
        expires_at_ms=item["expires_at_ms"],
        state=OfferState(item["state"]),
        delivered=item["delivered"],
        setup_until_ms=item["setup_until_ms"],
    )
    state.offers[offer.offer] = offer
    contact.offer = offer

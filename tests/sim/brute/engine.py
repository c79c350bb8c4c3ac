"""The brute-force engine itself: agents, rule sets, and which event and timer means what."""

from collections.abc import Callable
from typing import Any

from routing import events
from routing.commands import Command, PresenceChanged, PresencePending
from routing.events import (
    AgentRemoved,
    AgentUpserted,
    Event,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
    RuleSetStaged,
)
from routing.transitions import OfferInput
from routing.types import AgentId, Channel, OfferState, Presence, QueueSpec
from tests.sim.brute.choice import in_order
from tests.sim.brute.contacts import Contacts
from tests.sim.brute.facts import Agent, Queue, level_of, next_decay

LINE = (
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
"""What of a queue decides where its contacts stand; unless it changes they stay where they are."""


class Brute(Contacts):
    """Tell it what happened; it answers what a naive reader of the rules would do."""

    def handle(self, event: Event) -> list[Command]:
        self.now = max(self.now, event.at_ms)
        self.out, self.scores, self.overtakes, self.overtook = [], [], [], []
        handler = self._handlers().get(type(event))
        if handler is not None:
            handler(event)
        else:
            while (timer := self.due()) is not None:
                self._timed()[timer.kind](timer.owner)
        self.settle_reserves()
        return self.out

    def _handlers(self) -> dict[type[Any], Callable[[Any], None]]:
        return {
            events.RuleSetPublished: self.on_published,
            events.RuleSetStaged: self.on_staged,
            events.AgentUpserted: self.on_upserted,
            events.AgentRemoved: self.on_removed,
            events.PresenceSet: self.on_presence,
            events.ReachabilitySet: self.on_reachability,
            events.ContactArrived: self.on_arrived,
            events.ContactAbandoned: self.on_abandoned,
            events.ContactEnded: self.on_ended,
            events.ContactRequeued: self.on_requeued,
            events.ContactTransferred: self.on_transferred,
            events.ContactBoosted: self.on_boosted,
            events.ContactParked: self.on_parked,
            events.ContactUnparked: self.on_unparked,
            events.CallbackRequested: self.on_callback_requested,
            events.CallbackAnswered: self.on_callback_answered,
            events.CallbackUnanswered: self.on_callback_unanswered,
            events.WrapUpDone: self.on_wrap_up_done,
            events.OfferDelivered: self.on_delivered,
            events.OfferAccepted: self.on_accepted,
            events.OfferRejected: self.on_rejected,
            events.OfferSetupFailed: self.on_setup_failed,
            events.OfferConnected: self.on_connected,
        }

    def _timed(self) -> dict[str, Callable[[Any], None]]:
        return {
            "delivery": lambda offer: self.give_back(offer, OfferInput.TIMED_OUT, "not_delivered"),
            "ring": self.ring_over,
            "setup": lambda offer: self.setup_failed(offer, "setup_timed_out"),
            "wrap_up": lambda contact: self.close(contact, "wrap_up_timed_out"),
            "step": self.step_over,
            "exclusion": self.exclusion_over,
            "park": lambda contact: self.close(contact, "parked_too_long"),
            "callback": self.callback_due,
            "ramp": self._ramp_over,
            "skill": self._decayed,
            "reserve": self.stir,
        }

    # ---- agents

    def on_upserted(self, event: AgentUpserted) -> None:
        agent = self.agent(event.agent)
        aside = self.aside_of(agent) if agent is not None else []
        if agent is None:
            agent = Agent(event.agent, event.skills, {}, event.capacity)
            self.agents.append(agent)
        agent.stated, agent.capacity, agent.removed = event.skills, event.capacity, False
        agent.tier = min(max(event.tier, 1), 9)
        agent.levels = {skill.skill: level_of(skill, self.now) for skill in agent.stated}
        self._arm_decay(agent)
        self.pool_shrank(agent, aside)
        self.bring_home(agent)
        self.feed(agent)

    def _decayed(self, agent: Agent) -> None:
        aside = self.aside_of(agent)
        levels = {skill.skill: level_of(skill, self.now) for skill in agent.stated}
        changed, agent.levels = levels != agent.levels, levels
        self._arm_decay(agent)
        if changed:
            self.pool_shrank(agent, aside)
            self.bring_home(agent)
            self.feed(agent)

    def _arm_decay(self, agent: Agent) -> None:
        turns = [at for skill in agent.stated if (at := next_decay(skill, self.now)) is not None]
        if turns:
            self.arm("skill", agent, min(turns))
        else:
            self.cancel(agent, "skill")

    def _ramp_over(self, agent: Agent) -> None:
        agent.ramp_hold = False
        self.feed(agent)

    def on_removed(self, event: AgentRemoved) -> None:
        agent = self._present("AgentRemoved", event.agent)
        if agent is None:
            return
        aside = self.aside_of(agent)
        agent.presence, agent.code, agent.removed = Presence.OFFLINE, "", True
        self.out.append(PresenceChanged(agent.ident, Presence.OFFLINE, "", "removed"))
        self.cancel(agent)
        agent.pending, agent.ramp_hold = None, False
        if agent.held:
            self._rescind_ringing(agent, list(Channel), "agent_removed")
        elif not agent.parked:
            self.agents.remove(agent)
        self.pool_shrank(agent, aside)

    def on_presence(self, event: PresenceSet) -> None:
        agent = self._present("PresenceSet", event.agent)
        if agent is None:
            return
        if (agent.presence, agent.code) == (event.presence, event.code):
            if agent.pending is None:
                self.ignore("PresenceSet", f"the agent is already {event.presence}")
                return
            agent.pending = None
            self.out.append(PresencePending(agent.ident, None))
            self.bring_home(agent)
            self.feed(agent)
        elif event.after_work and agent.held and event.presence is not Presence.AVAILABLE:
            agent.pending = (event.presence, event.code, event.cause)
            self.out.append(PresencePending(agent.ident, event.presence, event.code))
            self.pool_shrank(agent)
        else:
            self._go(agent, event)

    def _go(self, agent: Agent, event: PresenceSet) -> None:
        if agent.pending is not None:
            agent.pending = None
            self.out.append(PresencePending(agent.ident, None))
        was_available = agent.presence is Presence.AVAILABLE
        agent.presence, agent.code = event.presence, event.code
        self.out.append(PresenceChanged(agent.ident, agent.presence, agent.code, event.cause))
        if agent.presence is Presence.AVAILABLE:
            if not was_available:
                ramp = agent.capacity.ramp
                agent.ramp_until = self.now + max(ramp.span_ms, 0) if ramp is not None else 0
                agent.idle_since = self.now
            self.bring_home(agent)
            self.feed(agent)
            return
        if agent.presence is Presence.OFFLINE:
            self._rescind_ringing(agent, list(Channel), "agent_offline")
        if was_available:
            self.pool_shrank(agent)

    def on_reachability(self, event: ReachabilitySet) -> None:
        agent = self._present("ReachabilitySet", event.agent)
        if agent is None:
            return
        reachable = [channel for channel in Channel if channel in event.channels]
        if reachable == agent.reachable:
            self.ignore("ReachabilitySet", "nothing has changed")
            return
        lost = [channel for channel in agent.reachable if channel not in reachable]
        agent.reachable = reachable
        if lost:
            self._rescind_ringing(agent, lost, "agent_unreachable")
            self.pool_shrank(agent)
        self.bring_home(agent)
        self.feed(agent)

    def _present(self, event: str, ident: AgentId) -> Agent | None:
        agent = self.agent(ident)
        if agent is None or agent.removed:
            self.ignore(event, "unknown agent")
            return None
        return agent

    def _rescind_ringing(self, agent: Agent, channels: list[Channel], reason: str) -> None:
        ringing = [
            contact
            for contact in agent.held
            if contact.offer is not None
            and contact.offer.state is OfferState.ALERTING
            and contact.channel in channels
        ]
        for contact in in_order(self, ringing):
            if contact.offer is not None:
                self.rescind(contact.offer, reason)

    # ---- rule sets

    def on_published(self, event: RuleSetPublished) -> None:
        before = {queue.spec.queue: queue for queue in (*self.trial_queues, *self.queues)}
        queues = [self._queue(spec, before.get(spec.queue)) for spec in event.queues]
        for contact in self.contacts:
            if contact.queue.spec.queue not in [queue.spec.queue for queue in queues]:
                queues.append(contact.queue)
        for timer in list(self.timers):
            if isinstance(timer.owner, Queue) and timer.owner not in queues:
                self.timers.remove(timer)
        self.queues, self.rule_set = queues, event.hash
        self.trial, self.trial_queues = "", []
        moved = in_order(self, [c for c in self.contacts if c.in_line and c.queue not in queues])
        for contact in self.contacts:
            contact.queue = next(q for q in queues if q.spec.queue == contact.queue.spec.queue)
        for contact in moved:
            contact.in_line = False
        for contact in moved:
            self.place_again(contact, "rules_published")
        self.stirred = [queue for queue in queues if queue.spec.reserve is not None]

    def _queue(self, spec: QueueSpec, old: Queue | None) -> Queue:
        if old is not None and all(getattr(old.spec, name) == getattr(spec, name) for name in LINE):
            old.spec = spec
            return old
        queue = Queue(spec)
        if old is not None:
            queue.reserve_open = old.reserve_open and spec.reserve is not None
            queue.served_at, queue.interval = old.served_at, old.interval
        return queue

    def on_staged(self, event: RuleSetStaged) -> None:
        if event.hash == self.trial:
            self.ignore("RuleSetStaged", "it is staged already" if event.hash else "nothing is staged")
            return
        lived_in = [contact.queue for contact in self.contacts]
        for queue in self.trial_queues:
            if queue not in lived_in:
                self.cancel(queue)
        self.trial = event.hash
        self.trial_queues = [Queue(spec) for spec in event.queues] if event.hash else []

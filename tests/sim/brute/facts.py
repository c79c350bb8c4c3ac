"""The facts of the brute-force engine, and what can be looked up in them."""

from dataclasses import dataclass, field
from math import sqrt

from routing.commands import Command, ContactMoved, Ignored
from routing.transitions import CONTACT, ContactInput
from routing.types import (
    AgentId,
    AgentSkill,
    CallbackMode,
    Capacity,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    OfferState,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    SkillId,
)

QUARTER_MS = 90 * 24 * 3600 * 1000


@dataclass(eq=False)
class Queue:
    spec: QueueSpec
    reserve_open: bool = False
    served_at: int = 0
    busy: bool = False
    interval: float = 0.0


@dataclass(eq=False)
class Agent:
    ident: AgentId
    stated: tuple[AgentSkill, ...]
    levels: dict[SkillId, int]
    capacity: Capacity
    tier: int = 1
    presence: Presence = Presence.OFFLINE
    code: str = ""
    pending: tuple[Presence, str, str] | None = None
    reachable: list[Channel] = field(default_factory=list)
    idle_since: int = 0
    ramp_until: int = 0
    ramp_hold: bool = False
    removed: bool = False
    held: "list[Contact]" = field(default_factory=list)
    parked: "list[Contact]" = field(default_factory=list)


@dataclass(eq=False)
class Exclusion:
    cool_at: int
    until: int
    hard: bool


@dataclass(eq=False)
class Callback:
    mode: CallbackMode
    until: int
    due_at: int | None
    attempts: int = 0
    first_at: int | None = None
    dialling: bool = False
    answered: bool = False


@dataclass(eq=False)
class Offer:
    ident: OfferId
    contact: "Contact"
    agent: Agent
    expires_at: int
    state: OfferState = OfferState.ALERTING
    delivered: bool = False


@dataclass(eq=False)
class Contact:
    ident: ContactId
    channel: Channel
    queue: Queue
    plan: RoutePlan
    enqueued_at: int
    head_start: int
    value: int
    rule_set: str
    seq: int
    customer: str
    tier: str
    state: ContactState = ContactState.QUEUED
    in_line: bool = False
    step: int = 0
    step_until: int | None = None
    agent: Agent | None = None
    offer: Offer | None = None
    exclusions: dict[AgentId, Exclusion] = field(default_factory=dict)
    boost: int = 0
    failed: int = 0
    owner: AgentId | None = None
    to_owner: bool = False
    callback: Callback | None = None
    asked: bool = False


Owner = Queue | Agent | Offer | Contact


@dataclass(eq=False)
class Timer:
    at: int
    seq: int
    kind: str
    owner: Owner


class Facts:
    """Everything that is known."""

    def __init__(self) -> None:
        self.now = 0
        self.rule_set = ""
        self.trial = ""
        self.queues: list[Queue] = []
        self.trial_queues: list[Queue] = []
        self.contacts: list[Contact] = []
        self.finished: dict[ContactId, ContactState] = {}
        self.agents: list[Agent] = []
        self.offers: list[Offer] = []
        self.timers: list[Timer] = []
        self.stirred: list[Queue] = []
        self.timer_seq = self.contact_seq = self.offer_seq = 0
        self.out: list[Command] = []

    # ---- looking up

    def contact(self, ident: ContactId | None) -> Contact | None:
        return next((contact for contact in self.contacts if contact.ident == ident), None)

    def agent(self, ident: AgentId | None) -> Agent | None:
        return next((agent for agent in self.agents if agent.ident == ident), None)

    def offer(self, ident: OfferId) -> Offer | None:
        return next((offer for offer in self.offers if offer.ident == ident), None)

    def queue(self, ident: QueueId, rule_set: str) -> Queue:
        """The queue that holds for contacts of this rule set; an unknown one is open to all."""
        if rule_set and rule_set == self.trial:
            for queue in self.trial_queues:
                if queue.spec.queue == ident:
                    return queue
        for queue in self.queues:
            if queue.spec.queue == ident:
                return queue
        self.queues.append(Queue(QueueSpec(ident, ident)))
        return self.queues[-1]

    def waiting(self, queue: Queue) -> list[Contact]:
        return [contact for contact in self.contacts if contact.in_line and contact.queue is queue]

    # ---- telling

    def moved(
        self,
        contact: Contact,
        agent: Agent | None,
        reason: str = "",
        until: int | None = None,
        queue: QueueId | None = None,
    ) -> None:
        step = contact.step if contact.state is ContactState.QUEUED else None
        name = agent.ident if agent is not None else None
        self.out.append(ContactMoved(contact.ident, contact.state, name, reason, until, step, queue))

    def ignore(self, event: str, reason: str) -> None:
        self.out.append(Ignored(event, reason))

    def move(self, contact: Contact, happened: ContactInput) -> None:
        contact.state = CONTACT[contact.state][happened]

    def finish(self, contact: Contact) -> None:
        self.contacts.remove(contact)
        self.finished[contact.ident] = contact.state
        self.cancel(contact)

    def stir(self, queue: Queue) -> None:
        if queue not in self.stirred:
            self.stirred.append(queue)

    # ---- timers

    def arm(self, kind: str, owner: Owner, at: int) -> None:
        self.cancel(owner, kind)
        self.timer_seq += 1
        self.timers.append(Timer(at, self.timer_seq, kind, owner))

    def cancel(self, owner: Owner, kind: str | None = None) -> None:
        self.timers = [t for t in self.timers if t.owner is not owner or kind not in (None, t.kind)]

    def timed(self, owner: Owner, kind: str) -> bool:
        return any(timer.owner is owner and timer.kind == kind for timer in self.timers)

    def due(self) -> Timer | None:
        """Take out the first timer that is due."""
        ready = [timer for timer in self.timers if timer.at <= self.now]
        if not ready:
            return None
        first = min(ready, key=lambda timer: (timer.at, timer.seq))
        self.timers.remove(first)
        return first


def level_of(skill: AgentSkill, now: int) -> int:
    """The level after decay."""
    level = min(max(skill.level, 0), 100)
    if skill.as_of_ms is None or skill.decay_per_quarter <= 0:
        return level
    lost = skill.decay_per_quarter * max(now - skill.as_of_ms, 0) // QUARTER_MS
    return max(level - lost, min(skill.floor, level), 0)


def next_decay(skill: AgentSkill, now: int) -> int | None:
    """When the level falls next."""
    level = level_of(skill, now)
    if skill.as_of_ms is None or skill.decay_per_quarter <= 0 or level <= max(skill.floor, 0):
        return None
    low, high = now, now + QUARTER_MS * 101
    while high - low > 1:
        middle = (low + high) // 2
        if level_of(skill, middle) < level:
            high = middle
        else:
            low = middle
    return high


def interval_after(queue: Queue, now: int) -> float:
    """The smoothed time between two services, with the one at `now`."""
    if not (queue.busy and queue.served_at):
        return queue.interval
    last = float(now - queue.served_at)
    if queue.interval == 0.0:
        return max(last, 1.0)
    return queue.interval + (last - queue.interval) / 8.0


def foreseen(queue: Queue, position: int) -> tuple[int, int, int] | None:
    """(low, likely, high) wait of the one at `position`: Wilson and Hilferty's gamma percentiles."""
    if queue.interval <= 0.0 or position < 1:
        return None
    spread = 1.2815515655446004 / (3.0 * sqrt(position))
    middle = 1.0 - 1.0 / (9.0 * position)
    whole = position * queue.interval
    low, high = max(middle - spread, 0.0) ** 3, (middle + spread) ** 3
    return round(whole * low), round(whole), round(whole * high)

"""Placing contacts, asking agents, following plans: the moves of the brute-force engine."""

from typing import Literal

from routing.commands import (
    AskCallback,
    CallbackOver,
    Dial,
    EndOffer,
    PresenceChanged,
    ReserveChanged,
)
from routing.commands import Offer as OfferMade
from routing.explain import UNEXPLAINED
from routing.transitions import OFFER, ContactInput, OfferInput
from routing.types import CallbackMode, Channel, Full, OfferId, PlanEnd, QueueId, Step
from tests.sim.brute.choice import (
    best_agent,
    best_contact,
    has,
    in_order,
    in_target,
    may_take,
    obstacle,
    score,
    staffed,
    targets,
    waits_for,
)
from tests.sim.brute.facts import Agent, Contact, Exclusion, Facts, Offer, Queue, foreseen

HOPS_MAX = 8
TURNS_MAX = 2


class Lines(Facts):
    """Facts that move. `scores` and `overtakes` are of the event being handled."""

    def __init__(self) -> None:
        super().__init__()
        self.scores: list[int] = []
        """What each agent that was asked is worth for the contact."""
        self.overtakes: list[tuple[Contact, Contact]] = []
        """(served, passed over) for every contact in line that the freed agent could have taken instead."""
        self.overtook: list[int] = []
        """By how much each contact that a freed agent took came later than the first in an open line."""

    # ---- placing and asking

    def place(self, contact: Contact, reason: str, unfed: Agent | None = None) -> None:
        """`unfed` takes the first in line afterwards, so it is not asked now."""
        if self.find_target(contact):
            self.moved(contact, None, reason, contact.step_until)
            self.ask(contact, unfed)

    def place_again(self, contact: Contact, reason: str, unfed: Agent | None = None) -> None:
        before = (contact.queue, contact.step)
        if self.find_target(contact):
            if (contact.queue, contact.step) != before:
                self.moved(contact, None, reason, contact.step_until)
            self.ask(contact, unfed)

    def replace(self, contact: Contact, reason: str, unfed: Agent | None = None) -> None:
        self.out_of_line(contact)
        self.place_again(contact, reason, unfed)

    def ask(self, contact: Contact, unfed: Agent | None) -> None:
        agent = best_agent(self, contact, unfed)
        if agent is not None:
            self.overtakes += [(contact, c) for c in self.contacts if c.in_line and may_take(self, c, agent)]
            self.make_offer(contact, agent)
            return
        contact.in_line = True
        if contact.step_until is not None and not self.timed(contact, "step"):
            self.arm("step", contact, contact.step_until)
        if contact.queue.spec.reserve is not None or contact.queue.spec.overflows:
            self.stir(contact.queue)

    def out_of_line(self, contact: Contact) -> None:
        contact.in_line = False
        if contact.queue.spec.reserve is not None:
            self.stir(contact.queue)

    def feed(self, agent: Agent) -> None:
        while (contact := best_contact(self, agent)) is not None:
            able = [c for c in self.contacts if c.in_line and c is not contact and may_take(self, c, agent)]
            self.overtakes += [(contact, other) for other in able]
            # The engine's own record leaves out who stands aside or waits for one agent by name.
            came = [c.enqueued_at for c in able if not c.exclusions and waits_for(c) is None]
            offers = self.offer_seq
            self.out_of_line(contact)
            self.make_offer(contact, agent)
            if self.offer_seq > offers:
                self.overtook.append(max(contact.enqueued_at - min(came, default=contact.enqueued_at), 0))

    def make_offer(self, contact: Contact, agent: Agent) -> None:
        callback = contact.callback
        if callback is not None and callback.mode is CallbackMode.CUSTOMER_FIRST and not callback.answered:
            self.dial(contact)
            return
        self.scores.append(score(self, contact, agent))
        policy = contact.queue.spec.policy
        self.offer_seq += 1
        expires_at = self.now + max(policy.ring_ms, 1_000)
        offer = Offer(OfferId(f"o-{self.offer_seq}"), contact, agent, expires_at)
        self.offers.append(offer)
        contact.offer, contact.agent = offer, agent
        agent.held.append(contact)
        self.move(contact, ContactInput.OFFERED)
        ramp = agent.capacity.ramp
        if agent.ramp_until > self.now and ramp is not None and ramp.gap_ms > 0:
            agent.ramp_hold = True
            self.arm("ramp", agent, self.now + ramp.gap_ms)
        if policy.delivery_ms > 0:
            self.arm("delivery", offer, min(self.now + policy.delivery_ms, expires_at))
        else:
            offer.delivered = True
            self.arm("ring", offer, expires_at)
        self.out.append(
            OfferMade(offer.ident, contact.ident, agent.ident, contact.channel, expires_at, UNEXPLAINED)
        )
        self.moved(contact, agent, until=expires_at)

    def end_offer(self, offer: Offer, how: OfferInput, reason: str) -> None:
        offer.state = OFFER[offer.state][how]
        self.forget_offer(offer)
        self.out.append(EndOffer(offer.ident, offer.contact.ident, offer.agent.ident, offer.state, reason))

    def forget_offer(self, offer: Offer) -> None:
        self.offers.remove(offer)
        offer.contact.offer = None
        self.cancel(offer)

    # ---- agents

    def release(self, agent: Agent, contact: Contact) -> None:
        agent.held.remove(contact)
        contact.agent = None
        self.relax(agent)

    def relax(self, agent: Agent) -> None:
        if agent.removed:
            if not agent.held and not agent.parked:
                self.agents.remove(agent)
        elif agent.pending is not None and not agent.held:
            presence, code, cause = agent.pending
            agent.pending = None
            agent.presence, agent.code = presence, code
            self.out.append(PresenceChanged(agent.ident, presence, code, cause))

    def aside_of(self, agent: Agent) -> list[Contact]:
        """Waiting contacts with exclusions that the agent could be asked for but for those."""
        return [c for c in self.contacts if c.in_line and c.exclusions and in_target(self, c, agent)]

    def pool_shrank(self, agent: Agent, aside: list[Contact] | None = None) -> None:
        concerned = self.aside_of(agent) if aside is None else list(aside)
        for contact in self.contacts:
            if contact.in_line and contact not in concerned and waits_for(contact) == agent.ident:
                concerned.append(contact)
        for contact in in_order(self, concerned):
            if contact.in_line:
                self.replace(contact, "agent_left", agent)

    def staffed_in(self, queue: Queue) -> int:
        """Agents of the pool who are at work and reachable on any channel."""
        pool = targets(queue.spec, Step())
        return sum(
            any(staffed(agent, channel) for channel in Channel)
            and any(has(agent.levels, needs) for needs in pool)
            for agent in self.agents
        )

    # ---- exclusions

    def exclude(self, contact: Contact, agent: Agent, *, hard: bool) -> None:
        span = max(contact.queue.spec.policy.exclusion_ms, 1_000)
        cool = max(span // 6, 1_000) if hard else 0
        contact.exclusions[agent.ident] = Exclusion(self.now + cool, self.now + span, hard)
        self.arm_exclusions(contact)

    def ripen(self, contact: Contact) -> None:
        for ident, exclusion in list(contact.exclusions.items()):
            exclusion.hard = exclusion.hard and exclusion.cool_at > self.now
            if exclusion.until <= self.now:
                del contact.exclusions[ident]
        self.arm_exclusions(contact)

    def arm_exclusions(self, contact: Contact) -> None:
        turns = [e.cool_at if e.hard else e.until for e in contact.exclusions.values()]
        if turns:
            self.arm("exclusion", contact, min(turns))
        else:
            self.cancel(contact, "exclusion")

    def bring_home(self, agent: Agent) -> None:
        """Contacts of a plan that has led back to the agent wait for it as soon as it is at work."""
        homeless = [
            contact
            for contact in self.contacts
            if contact.in_line
            and contact.owner == agent.ident
            and not contact.to_owner
            and contact.plan.end is PlanEnd.RETURN
            and contact.step >= len(contact.plan.steps)
        ]
        for contact in in_order(self, homeless):
            if staffed(agent, contact.channel):
                self.replace(contact, "owner_back", agent)

    # ---- plans

    def enter_step(self, contact: Contact, step: int, since: int | None = None) -> None:
        contact.step, contact.step_until = step, None
        self.cancel(contact, "step")
        steps, end = contact.plan.steps, contact.plan.end
        self_ends = step < len(steps) and steps[step].duration_ms is not None
        if self_ends and end is PlanEnd.HOLD and step == len(steps) - 1 and steps[step].agent is None:
            self_ends = False
        if self_ends:
            began = self.now if since is None else since
            contact.step_until = began + max(steps[step].duration_ms or 0, 0)

    def find_target(self, contact: Contact) -> bool:
        """Follow the plan to where it leads now; False when the contact has left."""
        for _ in range(HOPS_MAX):
            self._pass_over(contact)
            plan = contact.plan
            if contact.step < len(plan.steps):
                break
            if plan.end is PlanEnd.OVERFLOW and plan.overflow_to is not None:
                self.overflow(contact, plan.overflow_to, "plan_over")
                self.enter_step(contact, 0)
                continue
            if plan.end is PlanEnd.VOICEMAIL and contact.callback is None:
                self.leave_unserved(contact, ContactInput.TO_VOICEMAIL, "plan_over")
                return False
            if plan.end is PlanEnd.CALLBACK and contact.callback is None:
                self.ask_callback(contact)
            break
        else:
            self._pass_over(contact)
        owner = self.agent(contact.owner)
        returns = contact.step >= len(contact.plan.steps) and contact.plan.end is PlanEnd.RETURN
        contact.to_owner = returns and owner is not None and staffed(owner, contact.channel)
        return True

    def _pass_over(self, contact: Contact) -> None:
        while contact.step < len(contact.plan.steps):
            step = contact.plan.steps[contact.step]
            over = contact.step_until is not None and contact.step_until <= self.now
            if not over and (step.agent is None or self._worth_waiting(contact, step)):
                return
            self.enter_step(contact, contact.step + 1, contact.step_until if over else None)

    def _worth_waiting(self, contact: Contact, step: Step) -> bool:
        agent = self.agent(step.agent)
        if agent is None or agent.removed or agent.ident in contact.exclusions:
            return False
        contact.to_owner = False
        if not in_target(self, contact, agent):
            return False
        if obstacle(agent, contact.channel) == "":
            return True
        return staffed(agent, contact.channel) and step.duration_ms is not None

    def ask_callback(self, contact: Contact) -> None:
        if not contact.asked:
            contact.asked = True
            self.out.append(AskCallback(contact.ident, contact.queue.spec.queue))

    def overflow(self, contact: Contact, to: QueueId, reason: str) -> None:
        contact.queue = self.queue(to, contact.rule_set)
        contact.plan = contact.queue.spec.plan
        contact.step, contact.failed = 0, 0
        self.moved(contact, None, reason, queue=to)

    def leave_unserved(self, contact: Contact, how: ContactInput, reason: str) -> None:
        self.move(contact, how)
        self.finish(contact)
        self.moved(contact, None, reason)

    def admit(self, contact: Contact) -> bool:
        """On arrival: another queue, a place, or none."""
        been = [contact.queue.spec.queue]
        for _ in range(HOPS_MAX):
            beyond = self._overflows(contact.queue)
            if beyond is None or beyond[0] in been:
                break
            been.append(beyond[0])
            self.overflow(contact, beyond[0], f"overflow_{beyond[1]}")
        spec = contact.queue.spec
        live = contact.channel in (Channel.VOICE, Channel.CHAT)
        if not live or spec.length_max is None or len(self.waiting(contact.queue)) < spec.length_max:
            return True
        if spec.full is Full.OVERFLOW and spec.full_to is not None and spec.full_to not in been:
            self.overflow(contact, spec.full_to, "queue_full")
        elif spec.full is Full.CALLBACK:
            self.ask_callback(contact)
        else:
            how = ContactInput.TO_VOICEMAIL if spec.full is Full.VOICEMAIL else ContactInput.TURNED_AWAY
            self.leave_unserved(contact, how, "queue_full")
            return False
        return True

    def _overflows(self, queue: Queue) -> tuple[QueueId, str] | None:
        waiting = self.waiting(queue)
        oldest = self.now - min((contact.enqueued_at for contact in waiting), default=self.now)
        for rule in queue.spec.overflows:
            if rule.waiting_over is not None and len(waiting) > rule.waiting_over:
                return rule.to, "waiting"
            if rule.staffed_below is not None and self.staffed_in(queue) < rule.staffed_below:
                return rule.to, "staffed"
            if rule.oldest_wait_over_ms is not None and waiting and oldest > rule.oldest_wait_over_ms:
                return rule.to, "oldest_wait"
            wait = foreseen(queue, len(waiting) + 1) if waiting else None
            if rule.expected_wait_over_ms is not None and wait and wait[1] > rule.expected_wait_over_ms:
                return rule.to, "expected_wait"
        return None

    # ---- callbacks

    def dial(self, contact: Contact) -> None:
        callback = contact.callback
        assert callback is not None
        self.attempt(contact)
        callback.dialling = True
        until = self.now + max(contact.queue.spec.callback.dial_ms, 1_000)
        self.put_off(contact, "dialling", until)
        self.out.append(Dial(contact.ident, callback.attempts, until))

    def attempt(self, contact: Contact) -> None:
        callback = contact.callback
        assert callback is not None
        callback.attempts += 1
        if callback.first_at is None:
            callback.first_at = self.now

    def put_off(self, contact: Contact, reason: str, until: int) -> None:
        self.move(contact, ContactInput.PUT_OFF)
        self.arm("callback", contact, until)
        self.moved(contact, None, reason, until)

    def callback_over(
        self, contact: Contact, outcome: Literal["connected", "unanswered", "withdrawn"]
    ) -> None:
        callback = contact.callback
        if callback is None:
            return
        kept = callback.first_at is not None and callback.first_at <= callback.until
        self.out.append(CallbackOver(contact.ident, outcome, callback.attempts, kept))
        contact.callback = None

    # ---- reserves

    def settle_reserves(self) -> None:
        turns: list[Queue] = []
        while self.stirred:
            queue = self.stirred.pop(0)
            verdict = self._verdict(queue) if turns.count(queue) < TURNS_MAX else None
            reserve, waiting = queue.spec.reserve, self.waiting(queue)
            if verdict is not None:
                turns.append(queue)
                queue.reserve_open = not queue.reserve_open
                self.out.append(ReserveChanged(queue.spec.queue, queue.reserve_open, verdict))
                for contact in in_order(self, waiting):
                    if contact.in_line:
                        self.replace(contact, "reserve_opened" if queue.reserve_open else "reserve_closed")
            oldest = min((contact.enqueued_at for contact in self.waiting(queue)), default=None)
            if reserve is not None and not queue.reserve_open and oldest is not None:
                self.arm("reserve", queue, max(oldest + reserve.open_wait_ms, self.now + 1))
            else:
                self.cancel(queue, "reserve")

    def _verdict(self, queue: Queue) -> str | None:
        """Why the reserve is to turn now."""
        reserve, waiting = queue.spec.reserve, self.waiting(queue)
        if reserve is None:
            return None
        longest = self.now - min((contact.enqueued_at for contact in waiting), default=self.now)
        if queue.reserve_open:
            well = len(waiting) <= reserve.close_waiting and longest <= reserve.close_wait_ms
            return "recovered" if well else None
        if len(waiting) >= max(reserve.open_waiting, 1):
            return "waiting"
        return "oldest_wait" if waiting and longest >= reserve.open_wait_ms else None

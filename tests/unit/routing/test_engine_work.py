"""Any order of parking, callbacks, ramps, second pools and decaying skills keeps every law."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from routing.events import (
    AgentUpserted,
    CallbackAnswered,
    CallbackRequested,
    CallbackUnanswered,
    ContactParked,
    ContactUnparked,
    OfferSetupFailed,
)
from routing.types import (
    AgentId,
    AgentSkill,
    CallbackMode,
    CallbackPolicy,
    Capacity,
    Channel,
    ContactId,
    OfferId,
    OfferPolicy,
    QueueId,
    QueueSpec,
    Ramp,
)
from tests.unit.routing.machine import CHANNELS, SETTINGS, SKILLS, Routing, agents

capacities = st.builds(
    Capacity,
    units=st.sampled_from((1, 2)),
    caps=st.just(tuple((channel, 2) for channel in CHANNELS)),
    weights=st.sampled_from(((), ((Channel.CHAT, 2),))),
    interruptible_units=st.sampled_from((0, 1, 2)),
    interruptible=st.sampled_from(((), (Channel.CHAT,))),
    blocks=st.sampled_from(((), ((Channel.CHAT, Channel.VOICE),))),
    return_slots=st.sampled_from((0, 1)),
    ramp=st.sampled_from((None, Ramp(2_000, 30_000))),
)


class Work(Routing):
    """One queue with callbacks; agents whose capacity has every kind of limit."""

    contacts = Routing.contacts
    offers = Routing.offers

    @initialize(capacity=capacities, attempts=st.sampled_from((1, 2)))
    def begin(self, capacity: Capacity, attempts: int) -> None:
        calling = CallbackPolicy(attempts, 3_000, 2_000, 10_000)
        policy = OfferPolicy(wrap_up_ms=0, exclusion_ms=6_000)
        self.publish([QueueSpec(QueueId(""), "Q", (), policy, callback=calling) for _ in range(2)])
        self.staff(capacity)

    @rule(target=offers, agent=agents, capacity=capacities, level=st.sampled_from((1, 60)))
    def changes(self, agent: AgentId, capacity: Capacity, level: int) -> object:
        skill = AgentSkill(SKILLS[0], level, "test", self.now_ms - 5_000, 800_000, 40)
        return self.send(AgentUpserted(self.now_ms, agent, (skill,), capacity, 1 + level // 60))

    @rule(target=offers, contact=contacts, span_ms=st.sampled_from((None, 0, 10_000)))
    def is_parked(self, contact: ContactId, span_ms: int | None) -> object:
        until_ms = self.now_ms + span_ms if span_ms is not None else None
        return self.send(ContactParked(self.now_ms, contact, until_ms))

    @rule(target=offers, contact=contacts, wait_ms=st.sampled_from((0, 10_000)))
    def comes_back(self, contact: ContactId, wait_ms: int) -> object:
        return self.send(ContactUnparked(self.now_ms, contact, wait_ms))

    @rule(
        target=offers,
        contact=contacts,
        mode=st.sampled_from(list(CallbackMode)),
        customer=st.sampled_from(("", "k0", "other")),
        later_ms=st.sampled_from((None, 0, 10_000)),
    )
    def wants_a_callback(
        self, contact: ContactId, mode: CallbackMode, customer: str, later_ms: int | None
    ) -> object:
        due_at_ms = self.now_ms + later_ms if later_ms is not None else None
        return self.send(CallbackRequested(self.now_ms, contact, mode, customer, due_at_ms))

    @rule(target=offers, contact=contacts)
    def picks_up(self, contact: ContactId) -> object:
        return self.send(CallbackAnswered(self.now_ms, contact))

    @rule(target=offers, contact=contacts)
    def does_not_pick_up(self, contact: ContactId) -> object:
        return self.send(CallbackUnanswered(self.now_ms, contact))

    @rule(target=offers, offer=offers)
    def fails(self, offer: tuple[OfferId, ContactId, AgentId]) -> object:
        return self.send(OfferSetupFailed(self.now_ms, offer[0], "no answer"))


TestWork = Work.TestCase
TestWork.settings = SETTINGS

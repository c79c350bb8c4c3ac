"""Any order of publishing, staging, boosting and passing on keeps every law, whatever the queues say."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from routing.events import ContactBoosted, ContactTransferred, RuleSetStaged
from routing.types import (
    AgentId,
    Capacity,
    ContactId,
    Full,
    OfferPolicy,
    Order,
    Overflow,
    QueueId,
    QueueSpec,
    Reserve,
    RoutePlan,
)
from tests.unit.routing.machine import CHANNELS, SETTINGS, Routing, agents, need, needs, plans, queues

overflows = st.lists(
    st.builds(
        Overflow,
        queues,
        waiting_over=st.sampled_from((None, 0, 1)),
        oldest_wait_over_ms=st.sampled_from((None, 5_000)),
        expected_wait_over_ms=st.sampled_from((None, 5_000)),
        staffed_below=st.sampled_from((None, 2)),
    ),
    max_size=1,
).map(tuple)
reserves = st.builds(
    Reserve,
    needs,
    open_waiting=st.sampled_from((0, 1, 2)),
    close_waiting=st.sampled_from((0, 1, 2)),
    open_wait_ms=st.sampled_from((0, 5_000)),
    close_wait_ms=st.sampled_from((0, 2_000)),
)
specs = st.builds(
    QueueSpec,
    st.just(QueueId("")),
    st.just("Q"),
    needs,
    st.just(OfferPolicy(wrap_up_ms=0, exclusion_ms=6_000)),
    head_start_max_ms=st.sampled_from((0, 60_000)),
    any_of=st.lists(st.tuples(need), max_size=2).map(tuple),
    order=st.sampled_from(list(Order)),
    ageing_percent=st.sampled_from((100, 200)),
    by_target=st.booleans(),
    targets=st.sampled_from(((), (("gold", 1_000),))),
    length_max=st.sampled_from((None, 0, 1)),
    full=st.sampled_from(list(Full)),
    full_to=st.one_of(st.none(), queues),
    overflows=overflows,
    reserve=st.one_of(st.none(), reserves),
    plan=plans,
)
bundles = st.lists(specs, min_size=0, max_size=2)


class Queues(Routing):
    """Rules that change under way."""

    contacts = Routing.contacts
    offers = Routing.offers

    @initialize(first=st.lists(specs, min_size=2, max_size=2))
    def begin(self, first: list[QueueSpec]) -> None:
        self.publish(first)
        self.staff(Capacity(2, tuple((channel, 2) for channel in CHANNELS)))

    @rule(target=offers, chosen=bundles)
    def rules_change(self, chosen: list[QueueSpec]) -> object:
        return self.publish(chosen)

    @rule(target=offers, chosen=bundles, ends=st.booleans())
    def a_trial_begins_or_ends(self, chosen: list[QueueSpec], ends: bool) -> object:
        """What comes next belongs to the trial; ending it puts new contacts under the set in force."""
        if ends:
            self.rule_set = self.oracle.engine.rule_set
            return self.send(RuleSetStaged(self.now_ms, "", ()))
        self.rule_set = f"t{len(self.journal)}"
        return self.send(RuleSetStaged(self.now_ms, self.rule_set, self.named(chosen)))

    @rule(target=offers, contact=contacts, boost_ms=st.sampled_from((-90_000, 10_000, 500_000)))
    def is_boosted(self, contact: ContactId, boost_ms: int) -> object:
        return self.send(ContactBoosted(self.now_ms, contact, boost_ms, "cat"))

    @rule(target=offers, contact=contacts, agent=agents, queue=queues, plan=st.one_of(st.none(), plans))
    def is_passed_on(
        self, contact: ContactId, agent: AgentId, queue: QueueId, plan: RoutePlan | None
    ) -> object:
        return self.send(ContactTransferred(self.now_ms, contact, agent, queue, plan))


TestQueues = Queues.TestCase
TestQueues.settings = SETTINGS

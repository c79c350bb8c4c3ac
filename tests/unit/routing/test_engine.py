"""Any order of offers, answers, failures, skills, reachability and time keeps every law."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from routing.events import (
    AgentRemoved,
    AgentUpserted,
    ContactRequeued,
    OfferSetupFailed,
    ReachabilitySet,
    WrapUpDone,
)
from routing.types import AgentId, AgentSkill, Capacity, Channel, ContactId, OfferId
from tests.unit.routing.machine import CHANNELS, SETTINGS, SKILLS, Routing, Staffed, agents, levels


class Faults(Staffed):
    """Agents who come, go, learn and forget; phones and consoles that fail."""

    contacts = Routing.contacts
    offers = Routing.offers

    @rule(target=offers, agent=agents, channels=st.sets(st.sampled_from(CHANNELS)).map(sorted).map(tuple))
    def is_reachable(self, agent: AgentId, channels: tuple[Channel, ...]) -> object:
        return self.send(ReachabilitySet(self.now_ms, agent, channels))

    @rule(
        target=offers,
        agent=agents,
        skills=st.lists(
            st.builds(AgentSkill, st.sampled_from(SKILLS), levels), max_size=2, unique_by=lambda s: s.skill
        ),
        units=st.sampled_from((0, 1, 2, 3)),
        cap=st.sampled_from((0, 1, 2)),
    )
    def learns(self, agent: AgentId, skills: list[AgentSkill], units: int, cap: int) -> object:
        capacity = Capacity(units, tuple((channel, cap) for channel in CHANNELS))
        return self.send(AgentUpserted(self.now_ms, agent, tuple(skills), capacity))

    @rule(target=offers, agent=agents)
    def is_removed(self, agent: AgentId) -> object:
        return self.send(AgentRemoved(self.now_ms, agent))

    @rule(target=offers, offer=offers)
    def fails(self, offer: tuple[OfferId, ContactId, AgentId]) -> object:
        return self.send(OfferSetupFailed(self.now_ms, offer[0], "media"))

    @rule(target=offers, contact=contacts)
    def is_requeued(self, contact: ContactId) -> object:
        return self.send(ContactRequeued(self.now_ms, contact, "lost"))

    @rule(target=offers, contact=contacts, agent=agents)
    def is_wrapped_up(self, contact: ContactId, agent: AgentId) -> object:
        return self.send(WrapUpDone(self.now_ms, contact, agent))


TestFaults = Faults.TestCase
TestFaults.settings = SETTINGS

"""Skills that fade, and agents who come back slowly."""

import pytest

from routing.events import (
    AgentRemoved,
    AgentUpserted,
    ContactEnded,
    OfferAccepted,
    OfferConnected,
    PresenceSet,
    ReachabilitySet,
    TimeReached,
)
from routing.roster import QUARTER_MS, level_now, next_decay_ms
from routing.types import (
    AgentSkill,
    Capacity,
    Channel,
    OfferId,
    OfferPolicy,
    Presence,
    Ramp,
    SkillId,
    Step,
)
from tests.unit.routing.script import (
    ALL,
    ANN,
    BEN,
    C1,
    C2,
    C3,
    ENGLISH,
    ONE_EACH,
    arrive,
    engine,
    needs,
    plan,
    play,
    told,
)

FADING = AgentSkill(ENGLISH, 50, "test", 1_000, 9, 45)
TEN_DAYS = 10 * 86_400_000


def test_a_skill_fades_evenly_down_to_its_floor() -> None:
    assert level_now(FADING, 0) == 50, "judged in the future"
    assert level_now(FADING, 1_000 + TEN_DAYS - 1) == 50
    assert level_now(FADING, 1_000 + TEN_DAYS) == 49
    assert level_now(FADING, 1_000 + QUARTER_MS) == 45
    assert level_now(FADING, 1_000 + 100 * QUARTER_MS) == 45


@pytest.mark.parametrize("decay", [1, 7, 9, 100, 999_999])
def test_the_next_fall_is_the_first_moment_of_a_lower_level(decay: int) -> None:
    skill = AgentSkill(SkillId("s"), 100, "test", 5_000, decay, 80)
    now_ms, falls = 6_000, 0
    while (at_ms := next_decay_ms(skill, now_ms)) is not None:
        assert level_now(skill, at_ms) < level_now(skill, at_ms - 1) == level_now(skill, now_ms)
        now_ms, falls = at_ms, falls + 1
    assert level_now(skill, now_ms) == 80
    assert 1 <= falls <= 20


def test_without_a_date_or_a_rate_nothing_fades() -> None:
    assert next_decay_ms(AgentSkill(ENGLISH, 50, decay_per_quarter=9), 0) is None
    assert next_decay_ms(AgentSkill(ENGLISH, 50, as_of_ms=0), 0) is None
    assert level_now(AgentSkill(ENGLISH, 500), 0) == 100
    assert level_now(AgentSkill(ENGLISH, -5), 0) == 0


def test_who_waits_for_one_agent_goes_on_when_the_skill_has_faded_below_the_need() -> None:
    made = engine(absent=(ANN, BEN))
    made.handle(AgentUpserted(1_000, ANN, (FADING,), ONE_EACH))
    made.handle(PresenceSet(1_000, ANN, Presence.AVAILABLE))
    made.handle(arrive(2_000, C2))
    made.handle(OfferConnected(2_001, OfferId("o-1")))
    route = plan(Step(needs(50), ANN, 9 * TEN_DAYS), Step(needs(49)))
    made.handle(arrive(3_000, C1, route=route))
    play(made, [(TimeReached(1_000 + TEN_DAYS), ["c1 queued (agent_left)"])])
    ann = made.agent(ANN)
    assert ann is not None
    assert ann.skills == (AgentSkill(ENGLISH, 49),)


def test_who_comes_back_gets_one_contact_at_a_time_for_a_while() -> None:
    capacity = Capacity(3, ((Channel.CHAT, 3),), ramp=Ramp(gap_ms=5_000, span_ms=60_000))
    made = engine(absent=(ANN,), capacity=capacity, policy=OfferPolicy(wrap_up_ms=0))
    for contact in (C1, C2, C3):
        made.handle(arrive(10, contact))
    play(
        made,
        [
            (
                PresenceSet(1_000, ANN, Presence.AVAILABLE),
                ["ann available", "offer o-1: c1 to ann until 21000", "c1 offered ann until 21000"],
            ),
            (
                OfferAccepted(2_000, OfferId("o-1"), ANN),
                ["connect c1 with ann until 12000", "c1 connecting ann until 12000"],
            ),
            (
                TimeReached(6_000),
                ["offer o-2: c2 to ann until 26000", "c2 offered ann until 26000"],
            ),
        ],
    )
    assert made.hindrances(C3) == (("ramping", 1),)
    made.handle(OfferAccepted(7_000, OfferId("o-2"), ANN))
    assert "offer o-3: c3 to ann until 31000" in told(made.handle(TimeReached(11_000)))


def test_after_the_ramp_contacts_come_as_they_are() -> None:
    capacity = Capacity(3, ((Channel.CHAT, 3),), ramp=Ramp(gap_ms=5_000, span_ms=60_000))
    made = engine(ANN, capacity=capacity, policy=OfferPolicy(wrap_up_ms=0))
    lines = [told(made.handle(arrive(60_001 + number, c)))[1] for number, c in enumerate((C1, C2))]
    assert lines == ["offer o-1: c1 to ann until 80001", "offer o-2: c2 to ann until 80002"]


def test_who_goes_after_work_is_asked_nothing_more_and_goes_when_the_hands_are_empty() -> None:
    made = engine(ANN, policy=OfferPolicy(wrap_up_ms=0))
    made.handle(arrive(10, C1))
    made.handle(OfferConnected(20, OfferId("o-1")))
    play(
        made,
        [
            (PresenceSet(30, ANN, Presence.AUX, "lunch", after_work=True), ["ann goes aux"]),
            (arrive(40, C2, channel=Channel.EMAIL), ["c2 queued (arrived)"]),
            (ContactEnded(50, C1), ["c1 closed ann (ended_by_agent)", "ann aux"]),
        ],
    )
    assert made.hindrances(C2) == (("aux", 1),)


def test_who_stays_after_all_is_asked_again() -> None:
    made = engine(ANN, policy=OfferPolicy(wrap_up_ms=0))
    made.handle(arrive(10, C1))
    made.handle(OfferConnected(20, OfferId("o-1")))
    made.handle(PresenceSet(30, ANN, Presence.OFFLINE, after_work=True))
    made.handle(arrive(40, C2, channel=Channel.EMAIL))
    assert made.hindrances(C2) == (("pending", 1),)
    play(
        made,
        [
            (
                PresenceSet(50, ANN, Presence.AVAILABLE),
                ["ann stays", "offer o-2: c2 to ann until 20050", "c2 offered ann until 20050"],
            ),
            (
                PresenceSet(60, ANN, Presence.AVAILABLE),
                ["ignored PresenceSet: the agent is already available"],
            ),
        ],
    )


def test_with_empty_hands_after_work_is_now() -> None:
    made = engine(ANN)
    play(made, [(PresenceSet(30, ANN, Presence.AUX, "tea", after_work=True), ["ann aux"])])


def test_a_slot_is_used_again_by_the_next_agent() -> None:
    made = engine(ANN, BEN)
    roster = made.state.roster
    slot = roster.agents[ANN].index
    made.handle(AgentRemoved(9, ANN))
    assert ANN not in roster.agents
    made.handle(AgentUpserted(10, ANN, (), ONE_EACH))
    assert roster.agents[ANN].index == slot
    made.handle(ReachabilitySet(11, ANN, ALL))
    assert "offer o-1: c1 to ben until 20012" in told(made.handle(arrive(12, C1)))

"""Where plans lead: alternatives, wishes, named agents, too many offers, and every end."""

from routing.commands import Offer
from routing.engine import Engine
from routing.events import (
    ContactTransferred,
    OfferConnected,
    OfferRejected,
    PresenceSet,
    TimeReached,
    WrapUpDone,
)
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactState,
    OfferId,
    PlanEnd,
    Presence,
    QueueId,
    QueueSpec,
    Reserve,
    RoutePlan,
    SkillId,
    SkillNeed,
    SkillWish,
    Step,
)
from tests.unit.routing.script import (
    ANN,
    BEN,
    C1,
    C2,
    CAT,
    ENGLISH,
    ONE_EACH,
    POLICY,
    QUEUE,
    arrive,
    engine,
    join,
    needs,
    plan,
    play,
    told,
)

O1, O2 = OfferId("o-1"), OfferId("o-2")
OTHER = QueueId("other")
FRENCH = SkillId("french")
GENERAL = QueueSpec(QUEUE, "General", (), POLICY)


def asked(made: Engine, route: RoutePlan, at_ms: int = 10) -> AgentId | None:
    """Who is asked for one who comes now."""
    offer = next((c for c in made.handle(arrive(at_ms, C1, route=route)) if isinstance(c, Offer)), None)
    return offer.agent if offer is not None else None


def test_one_alternative_is_enough_and_mandatory_needs_hold_beside_it() -> None:
    either = ((SkillNeed(FRENCH, 50),), (SkillNeed(ENGLISH, 90),))
    made = engine(absent=(ANN, BEN, CAT), level=60)
    join(made, ANN, AgentSkill(FRENCH, 50))
    join(made, BEN, AgentSkill(ENGLISH, 60))
    assert asked(made, plan(Step((), None, None, either))) == ANN
    made = engine(absent=(ANN,))
    join(made, ANN, AgentSkill(FRENCH, 50))
    assert asked(made, plan(Step(needs(), None, None, either))) is None, "french alone is not enough"


def test_wishes_rank_and_exclude_nobody() -> None:
    wish = (SkillWish(FRENCH, 20, 30),)
    made = engine(ANN)
    assert asked(made, plan(Step((), None, None, (), wish))) == ANN
    made = engine(ANN)
    join(made, BEN, AgentSkill(FRENCH, 20))
    join(made, CAT, AgentSkill(FRENCH, 19))
    assert asked(made, plan(Step((), None, None, (), wish)), 60_000) == BEN, "against ten points of idleness"


def test_a_dearer_tier_is_kept_for_what_only_it_can_do() -> None:
    made = engine(absent=(ANN, BEN))
    join(made, ANN, AgentSkill(ENGLISH, 99), tier=2)
    join(made, BEN, AgentSkill(ENGLISH, 80))
    assert asked(made, plan(Step(needs(50)))) == BEN
    made = engine(absent=(ANN, BEN))
    join(made, ANN, AgentSkill(ENGLISH, 99), tier=2)
    join(made, BEN, AgentSkill(ENGLISH, 80))
    assert asked(made, plan(Step(needs(90)))) == ANN


def test_after_too_many_offers_the_plan_goes_to_its_end() -> None:
    made = engine(ANN, BEN, CAT)
    route = RoutePlan((Step(), Step()), PlanEnd.VOICEMAIL, None, 2)
    made.handle(arrive(1, C1, route=route))
    play(
        made,
        [
            (
                OfferRejected(10, O1, ANN),
                [
                    "end o-1 of ann: rejected rejected",
                    "c1 queued (rejected)",
                    "offer o-2: c1 to ben until 20010",
                    "c1 offered ben until 20010",
                ],
            ),
            (
                OfferRejected(20, O2, BEN),
                ["end o-2 of ben: rejected rejected", "c1 voicemail (plan_over)"],
            ),
        ],
    )


def test_after_too_many_offers_a_plan_that_holds_goes_to_its_last_step() -> None:
    made = engine(ANN)
    route = RoutePlan((Step(needs(50), None, 60_000), Step()), PlanEnd.HOLD, None, 1)
    made.handle(arrive(1, C1, route=route))
    made.handle(OfferRejected(10, O1, ANN))
    contact = made.contact(C1)
    assert contact is not None
    assert contact.step == 1


def test_overflow_goes_on_by_the_other_queues_plan_with_the_wait_kept() -> None:
    there = QueueSpec(OTHER, "Other", (), POLICY, plan=RoutePlan((Step(needs(20), None, 7_000), Step())))
    made = engine(ANN, level=10, queues=(GENERAL, there))
    route = RoutePlan((Step(needs(90), None, 5_000),), PlanEnd.OVERFLOW, OTHER)
    play(
        made,
        [
            (arrive(0, C1, route=route), ["c1 queued until 5001 (arrived)"]),
            (
                TimeReached(5_001),
                ["c1 queued in other (plan_over)", "c1 queued until 12001 (step_over)"],
            ),
            (
                TimeReached(12_001),
                [
                    "c1 queued (step_over)",
                    "offer o-1: c1 to ann until 32001",
                    "c1 offered ann until 32001",
                ],
            ),
        ],
    )
    contact = made.contact(C1)
    assert contact is not None
    assert (contact.queue, contact.hops, contact.enqueued_at_ms) == (OTHER, 1, 0)


def test_queues_that_overflow_into_each_other_come_to_rest() -> None:
    """Rules that lead in a circle are refused when saved; the engine would stay sound with them too."""
    nobody = Step(agent=AgentId("nobody"))
    here = QueueSpec(QUEUE, "Here", plan=RoutePlan((nobody,), PlanEnd.OVERFLOW, OTHER))
    there = QueueSpec(OTHER, "There", plan=RoutePlan((nobody,), PlanEnd.OVERFLOW, QUEUE))
    made = engine(ANN, queues=(here, there))
    assert asked(made, here.plan) == ANN
    contact = made.contact(C1)
    assert contact is not None
    assert contact.hops == 8


def test_the_end_callback_asks_once_and_waits_on() -> None:
    made = engine(absent=(ANN,))
    route = RoutePlan((Step((), None, 5_000),), PlanEnd.CALLBACK)
    play(
        made,
        [
            (arrive(0, C1, route=route), ["c1 queued until 5000 (arrived)"]),
            (TimeReached(5_000), ["ask c1 whether to call back", "c1 queued (step_over)"]),
            (
                PresenceSet(6_000, ANN, Presence.AVAILABLE),
                ["ann available", "offer o-1: c1 to ann until 26000", "c1 offered ann until 26000"],
            ),
            (
                OfferRejected(7_000, O1, ANN),
                ["end o-1 of ann: rejected rejected", "c1 queued (rejected)"],
            ),
        ],
    )


def test_any_in_queue_drops_the_steps_needs_and_keeps_the_queues() -> None:
    made = engine(ANN, level=30, pool=needs(20))
    route = RoutePlan((Step(needs(90), None, 1_000),), PlanEnd.ANY_IN_QUEUE)
    made.handle(arrive(10, C1, route=route))
    assert "offer o-1: c1 to ann until 21010" in told(made.handle(TimeReached(1_010)))
    made = engine(ANN, level=10, pool=needs(20))
    made.handle(arrive(10, C1, route=route))
    assert told(made.handle(TimeReached(1_010))) == ["c1 queued (step_over)"]


def test_a_failed_escalation_returns_to_who_passed_it_on() -> None:
    """Ann is no specialist, yet the contact comes back to her: she knows it."""
    specialists = QueueSpec(OTHER, "Other", needs(90), POLICY)
    made = engine(ANN, BEN, queues=(GENERAL, specialists))
    made.handle(arrive(10, C1))
    made.handle(OfferConnected(20, O1))
    route = RoutePlan((Step((), None, 5_000),), PlanEnd.RETURN)
    play(
        made,
        [
            (
                ContactTransferred(30, C1, ANN, OTHER, route, "escalated"),
                ["c1 queued in other (escalated)", "c1 queued until 5030 (escalated)"],
            ),
            (
                TimeReached(5_030),
                [
                    "c1 queued (step_over)",
                    "offer o-2: c1 to ann until 25030",
                    "c1 offered ann until 25030",
                ],
            ),
        ],
    )


def test_who_waits_for_an_owner_goes_on_to_anybody_when_the_owner_leaves() -> None:
    made = engine(ANN, capacity=Capacity(1, ((Channel.CHAT, 1),)))
    made.handle(arrive(10, C1))
    made.handle(OfferConnected(20, O1))
    route = RoutePlan((Step(agent=AgentId("nobody")),), PlanEnd.RETURN)
    made.handle(arrive(25, C2))
    made.handle(ContactTransferred(30, C1, ANN, QUEUE, route))
    assert [(contact.contact, contact.state) for contact in made.contacts()] == [
        (C1, ContactState.OFFERED),
        (C2, ContactState.QUEUED),
    ], "at its plan's end it comes back at once, by its older place"
    made.handle(OfferRejected(40, O2, ANN))
    join(made, BEN, capacity=Capacity(1, ((Channel.CHAT, 1),)))
    contact = made.contact(C1)
    assert contact is not None
    assert contact.agent is None, "ben is free, and it waits for ann"
    assert "offer o-4: c1 to ben until 20050" in told(made.handle(PresenceSet(50, ANN, Presence.AUX)))


def test_an_owner_who_comes_back_to_work_is_given_what_should_have_gone_back_to_her() -> None:
    """Nobody was there when the plan led back, so it waited for a specialist; it need not any more."""
    specialists = QueueSpec(OTHER, "Other", needs(90), POLICY)
    made = engine(ANN, queues=(GENERAL, specialists))
    made.handle(arrive(10, C1))
    made.handle(OfferConnected(20, O1))
    route = RoutePlan((Step((), None, 5_000),), PlanEnd.RETURN)
    made.handle(ContactTransferred(30, C1, ANN, OTHER, route, "escalated"))
    made.handle(PresenceSet(40, ANN, Presence.AUX))
    assert told(made.handle(TimeReached(5_030))) == ["c1 queued (step_over)"]
    play(
        made,
        [
            (
                PresenceSet(9_000, ANN, Presence.AVAILABLE),
                ["ann available", "offer o-2: c1 to ann until 29000", "c1 offered ann until 29000"],
            ),
        ],
    )


def test_a_named_agent_of_a_closed_reserve_is_passed_over() -> None:
    """Nobody could be asked in that line until the reserve opens."""
    reserve = Reserve(needs(1, FRENCH), 5, 0, 600_000, 0)
    made = engine(ANN, queues=(QueueSpec(QUEUE, "General", (), POLICY, reserve=reserve),))
    join(made, BEN, AgentSkill(FRENCH, 50), AgentSkill(ENGLISH, 80))
    assert asked(made, plan(Step(agent=BEN, duration_ms=60_000), Step())) == ANN


def test_the_end_of_wrap_up_frees_once() -> None:
    made = engine(ANN, capacity=ONE_EACH)
    made.handle(arrive(1, C1, channel=Channel.VOICE))
    made.handle(OfferConnected(2, O1))
    play(made, [(WrapUpDone(3, C1, ANN), ["ignored WrapUpDone: the contact is active"])])

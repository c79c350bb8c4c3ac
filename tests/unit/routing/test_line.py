"""Order in line, route plans, requeueing, and what a decision says about itself."""

from routing.commands import Offer
from routing.events import (
    AgentUpserted,
    ContactAbandoned,
    ContactEnded,
    ContactRequeued,
    OfferAccepted,
    OfferConnected,
    OfferRejected,
    PresenceSet,
    RuleSetPublished,
    TimeReached,
)
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    OfferId,
    PlanEnd,
    Presence,
    QueueSpec,
    RoutePlan,
    Step,
)
from tests.unit.routing.script import (
    ANN,
    BEN,
    C1,
    C2,
    C3,
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


def test_value_buys_a_head_start_that_the_queue_bounds() -> None:
    """A huge head start counts as the queue's 120 s at most, so a contact 120 s older still goes first."""
    made = engine(absent=(ANN,))
    made.handle(arrive(200_000, C1))
    made.handle(arrive(319_999, C2, head_start_ms=999_999))
    made.handle(arrive(320_001, C3, head_start_ms=999_999))
    assert [contact.contact for contact in made.waiting(QUEUE)] == ["c2", "c1", "c3"]


def test_a_freed_agent_takes_the_smallest_key_and_says_who_is_next() -> None:
    made = engine(absent=(ANN,))
    made.handle(arrive(1_000, C1))
    made.handle(arrive(2_000, C2, head_start_ms=5_000))
    commands = made.handle(PresenceSet(3_000, ANN, Presence.AVAILABLE))
    offer = next(command for command in commands if isinstance(command, Offer))
    assert offer.contact == C2
    assert offer.trace.regime == "agent_picks_contact"
    assert offer.trace.waiting_before == C1
    assert offer.trace.key_ms == -3_000
    assert offer.trace.waited_ms == 1_000


def test_a_decision_counts_who_could_not_be_asked() -> None:
    made = engine(ANN, BEN, absent=(AgentId("cat"),))
    made.handle(PresenceSet(5, BEN, Presence.AUX, "lunch"))
    commands = made.handle(arrive(10, C1, route=plan(Step(needs(50)))))
    offer = next(command for command in commands if isinstance(command, Offer))
    assert offer.trace.excluded == (("aux", 1), ("offline", 1))
    assert offer.trace.rule_set == "h"
    assert offer.trace.chosen.score == 160 + 40


def test_a_waiting_contact_says_what_keeps_the_agents() -> None:
    made = engine(ANN, BEN, level=60)
    made.handle(arrive(1, C1))
    made.handle(arrive(2, C2))
    made.handle(OfferConnected(3, O1))
    made.handle(PresenceSet(4, BEN, Presence.AUX, "lunch"))
    made.handle(arrive(5, C3, route=plan(Step(needs(50)))))
    assert made.hindrances(C3) == (("aux", 1), ("busy", 1))
    assert made.hindrances(C1) == (), "it is not in line"


def test_steps_widen_in_their_own_time_and_then_anyone_in_the_queue() -> None:
    made = engine(ANN, level=30)
    route = plan(Step(needs(90), None, 10_000), Step(needs(60), None, 5_000), end=PlanEnd.ANY_IN_QUEUE)
    play(
        made,
        [
            (arrive(0, C1, route=route), ["c1 queued until 10001 (arrived)"]),
            (TimeReached(10_001), ["c1 queued until 15001 (step_over)"]),
            (
                TimeReached(15_001),
                [
                    "c1 queued (step_over)",
                    "offer o-1: c1 to ann until 35001",
                    "c1 offered ann until 35001",
                ],
            ),
        ],
    )


def test_a_plan_that_holds_stays_in_its_last_step() -> None:
    made = engine(ANN, level=30)
    made.handle(arrive(0, C1, route=plan(Step(needs(90), None, 10_000))))
    play(made, [(TimeReached(99_000), [])])
    assert made.next_deadline_ms() is None


def test_a_step_that_ends_while_ringing_counts_when_the_offer_fails() -> None:
    made = engine(ANN, level=95)
    made.handle(arrive(1, C1, route=plan(Step(needs(90), None, 10_000), Step())))
    made.handle(TimeReached(2_001))  # nothing showed the offer
    made.handle(TimeReached(10_001))
    contact = made.contact(C1)
    assert contact is not None
    assert contact.step == 1


def test_a_step_counts_from_the_end_of_the_one_before_however_late_that_is_told() -> None:
    made = engine(ANN, level=30)
    route = plan(Step(needs(90), None, 10_000), Step(needs(80), None, 5_000), Step(needs(60), None, 5_000))
    play(
        made,
        [
            (arrive(0, C1, route=route), ["c1 queued until 10001 (arrived)"]),
            (TimeReached(12_000), ["c1 queued until 15001 (step_over)"]),
            (TimeReached(30_000), ["c1 queued (step_over)"]),
        ],
    )


def test_who_has_talked_long_goes_on_in_the_step_after_its_own() -> None:
    made = engine(ANN, level=95)
    steps = (Step(needs(90), None, 10_000), Step(needs(80), None, 5_000), Step(needs(60)))
    made.handle(arrive(0, C1, route=plan(*steps)))
    made.handle(OfferConnected(500, OfferId("o-1")))
    made.handle(PresenceSet(1_000, ANN, Presence.AUX))
    made.handle(ContactRequeued(60_000, C1, "connection_lost"))
    contact = made.contact(C1)
    assert contact is not None
    assert (contact.step, contact.step_until_ms) == (1, 65_000)


def test_the_last_agent_is_asked_first_when_free() -> None:
    made = engine(ANN, BEN)
    route = plan(Step(agent=BEN), Step())
    assert "offer o-1: c1 to ben until 20010" in told(made.handle(arrive(10, C1, route=route)))


def test_a_last_agent_who_is_not_to_be_had_is_passed_over_at_once() -> None:
    for known in (BEN, AgentId("nobody")):
        made = engine(ANN, absent=(BEN,))
        route = plan(Step(agent=known, duration_ms=30_000), Step())
        assert "offer o-1: c1 to ann until 20010" in told(made.handle(arrive(10, C1, route=route)))


def test_a_busy_last_agent_is_waited_for_only_when_the_step_has_a_length() -> None:
    for duration_ms, asked in ((None, "ann"), (30_000, None)):
        made = engine(BEN)
        made.handle(arrive(1, C2))
        made.handle(OfferConnected(2, O1))
        made.handle(PresenceSet(3, BEN, Presence.AVAILABLE))
        join(made, ANN)
        route = plan(Step(agent=BEN, duration_ms=duration_ms), Step())
        made.handle(arrive(10, C1, route=route))
        contact = made.contact(C1)
        assert contact is not None
        assert contact.agent == asked


def test_a_contact_waiting_for_one_agent_goes_on_when_that_agent_leaves() -> None:
    made = engine(BEN)
    made.handle(arrive(1, C2))
    made.handle(OfferConnected(2, O1))
    join(made, ANN)
    made.handle(arrive(10, C1, route=plan(Step(agent=BEN, duration_ms=30_000), Step())))
    play(
        made,
        [
            (
                PresenceSet(20, BEN, Presence.AUX),
                [
                    "ben aux",
                    "c1 queued (agent_left)",
                    "offer o-2: c1 to ann until 20020",
                    "c1 offered ann until 20020",
                ],
            )
        ],
    )


def test_a_plan_of_one_unknown_agent_falls_back_to_the_queue() -> None:
    made = engine(ANN)
    route = RoutePlan((Step(agent=AgentId("nobody")),), PlanEnd.HOLD)
    assert "offer o-1: c1 to ann until 20010" in told(made.handle(arrive(10, C1, route=route)))


def test_a_requeued_call_keeps_its_place_and_goes_to_somebody_else() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(10, C1, head_start_ms=7))
    made.handle(OfferConnected(20, O1))
    play(
        made,
        [
            (
                ContactRequeued(5_000, C1, "phone_lost"),
                [
                    "c1 queued (phone_lost)",
                    "offer o-2: c1 to ben until 25000",
                    "c1 offered ben until 25000",
                ],
            ),
            (ContactRequeued(5_001, C2, "phone_lost"), ["ignored ContactRequeued: unknown contact"]),
        ],
    )
    contact = made.contact(C1)
    assert contact is not None
    assert contact.key_ms == 3


def test_a_requeued_call_does_not_pass_over_those_who_wait_for_its_agent() -> None:
    """Both could have ann; c2 came five minutes earlier, and could not be asked of her before."""
    made = engine(ANN, capacity=Capacity(1, ((Channel.CHAT, 1),)))
    made.handle(arrive(10, C2, route=plan(Step(needs(90), None, 310_000), Step())))
    made.handle(arrive(300_000, C1))
    made.handle(OfferConnected(300_010, O1))
    made.handle(TimeReached(310_010))
    lines = told(made.handle(ContactRequeued(320_000, C1, "phone_lost")))
    assert lines == [
        "c1 queued (phone_lost)",
        "offer o-2: c2 to ann until 340000",
        "c2 offered ann until 340000",
    ]


def test_who_can_do_more_now_takes_the_first_in_line_and_not_whoever_was_looked_at_first() -> None:
    """c1 stands aside, rejected by ann; ben lacked the channel for it, and for c2 the skill too."""
    made = engine(ANN, capacity=Capacity(1, ((Channel.CHAT, 1),)))
    join(made, BEN, capacity=Capacity(1, ((Channel.EMAIL, 1),)))
    made.handle(arrive(10, C2, route=plan(Step(needs(90)))))
    made.handle(arrive(300_000, C1))
    made.handle(OfferRejected(300_001, O1, ANN))
    lines = told(made.handle(AgentUpserted(300_002, BEN, (AgentSkill(ENGLISH, 95),), ONE_EACH)))
    assert lines == ["offer o-2: c2 to ben until 320002", "c2 offered ben until 320002"]


def test_a_requeued_offer_is_rescinded_first() -> None:
    made = engine(ANN)
    made.handle(arrive(10, C1))
    made.handle(OfferAccepted(20, O1, ANN))
    play(
        made,
        [
            (
                ContactRequeued(30, C1, "line dropped"),
                [
                    "end o-1 of ann: rescinded line dropped",
                    "c1 queued (line dropped)",
                    "offer o-2: c1 to ann until 20030",
                    "c1 offered ann until 20030",
                ],
            ),
        ],
    )


def test_a_customer_who_leaves_while_talking_has_ended_the_contact() -> None:
    made = engine(ANN)
    made.handle(arrive(10, C1))
    made.handle(OfferConnected(20, O1))
    play(made, [(ContactAbandoned(30, C1), ["c1 wrap_up ann until 30030 (customer_left)"])])


def test_a_customer_who_hangs_up_in_line_has_left() -> None:
    made = engine()
    made.handle(arrive(10, C1))
    play(
        made,
        [
            (ContactEnded(20, C1, "agent"), ["ignored ContactEnded: the contact is queued"]),
            (ContactEnded(21, C1, "customer"), ["c1 abandoned (customer_left)"]),
            (ContactAbandoned(22, C1), ["ignored ContactAbandoned: the contact is already abandoned"]),
            (arrive(23, C1), ["ignored ContactArrived: the contact has already arrived"]),
        ],
    )
    assert made.knows(C1)
    assert made.contact(C1) is None


def test_new_rules_open_a_queue_for_those_who_wait_already() -> None:
    made = engine(ANN, level=30, pool=needs(60))
    made.handle(arrive(10, C1))
    play(
        made,
        [
            (
                RuleSetPublished(20, "h2", (QueueSpec(QUEUE, "General", needs(20), POLICY),)),
                ["offer o-1: c1 to ann until 20020", "c1 offered ann until 20020"],
            )
        ],
    )
    assert made.rule_set == "h2"


def test_a_contact_of_a_queue_that_is_gone_is_still_served() -> None:
    made = engine(absent=(ANN,))
    made.handle(arrive(10, C1))
    made.handle(RuleSetPublished(20, "h2", ()))
    assert "offer o-1: c1 to ann until 20030" in told(made.handle(PresenceSet(30, ANN, Presence.AVAILABLE)))


def test_time_does_not_go_back() -> None:
    made = engine(ANN)
    made.handle(TimeReached(1_000))
    made.handle(arrive(10, C1, since_ms=5_000))
    contact = made.contact(C1)
    assert contact is not None
    assert (contact.since_ms, contact.enqueued_at_ms) == (1_000, 1_000)

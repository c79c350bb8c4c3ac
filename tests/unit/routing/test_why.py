"""Why a contact waits, and what would have to change: every agent counted once, every change a true one."""

from routing.commands import Change
from routing.engine import Engine
from routing.events import OfferConnected, OfferRejected, PresenceSet
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    OfferId,
    PlanEnd,
    Presence,
    QueueSpec,
    Reserve,
    RoutePlan,
    SkillId,
    Step,
)
from tests.unit.routing.script import (
    ANN,
    BEN,
    C1,
    C2,
    C3,
    CAT,
    ENGLISH,
    POLICY,
    QUEUE,
    arrive,
    engine,
    join,
    needs,
    plan,
)

HELP = SkillId("help")
ONE_CHAT = Capacity(1, ((Channel.CHAT, 1),))


def changes(made: Engine, contact: ContactId = C1) -> list[Change]:
    trace = made.why(contact)
    assert trace is not None, f"{contact} does not wait"
    return list(trace.changes)


def test_who_is_not_in_line_has_no_reason_to_wait() -> None:
    made = engine(ANN)
    made.handle(arrive(10, C1))
    assert made.why(C1) is None
    assert made.why(C2) is None


def test_busy_and_absent_agents_are_named_the_likeliest_first() -> None:
    made = engine(ANN, capacity=ONE_CHAT, absent=(CAT,))
    join(made, BEN, capacity=ONE_CHAT)
    made.handle(arrive(10, C2))
    made.handle(OfferConnected(11, OfferId("o-1")))
    made.handle(PresenceSet(12, BEN, Presence.AUX, "lunch"))
    made.handle(arrive(20, C1))
    trace = made.why(C1)
    assert trace is not None
    assert (trace.target, trace.ahead, trace.waiting) == (3, 0, 1)
    assert trace.excluded == (("aux", 1), ("busy", 1), ("offline", 1))
    assert trace.changes == (
        Change("agent_freed", 1, (ANN,), reason="busy"),
        Change("agent_freed", 1, (BEN,), reason="aux"),
        Change("agent_freed", 1, (CAT,), reason="offline"),
    )


def test_who_comes_first_is_said_before_all() -> None:
    made = engine(absent=(ANN,))
    made.handle(arrive(10, C1))
    made.handle(arrive(20, C2))
    made.handle(arrive(30, C3, head_start_ms=60_000))
    assert changes(made, C2)[0] == Change("ahead", 2)
    assert changes(made, C3)[0].kind == "agent_freed"


def test_the_next_step_says_how_many_more_it_reaches() -> None:
    made = engine(ANN, level=30)
    join(made, BEN, AgentSkill(ENGLISH, 60))
    join(made, CAT, AgentSkill(ENGLISH, 10))
    route = plan(Step(needs(90), None, 10_000), Step(needs(20), None, 5_000))
    made.handle(arrive(100, C1, route=route))
    found = changes(made)
    assert Change("step", 2, at_ms=10_100) in found
    assert [change.level for change in found if change.kind == "skill"] == [90]
    assert next(change for change in found if change.kind == "skill").count == 3


def test_the_end_of_the_plan_is_announced() -> None:
    made = engine(absent=(ANN,))
    made.handle(arrive(100, C1, route=RoutePlan((Step((), None, 10_000),), PlanEnd.VOICEMAIL)))
    assert Change("end", 0, at_ms=10_100, reason="voicemail") in changes(made)


def test_a_skill_that_one_free_agent_lacks_is_named_with_its_level() -> None:
    made = engine(ANN, level=30)
    made.handle(arrive(100, C1, route=plan(Step((*needs(50), *needs(1, HELP))))))
    assert [change for change in changes(made) if change.kind == "skill"] == [], "ann lacks two"
    made = engine(ANN, level=30)
    made.handle(arrive(100, C1, route=plan(Step(needs(50)))))
    assert Change("skill", 1, skill=ENGLISH, level=50) in changes(made)


def test_who_was_asked_before_may_be_asked_again_at_its_time() -> None:
    made = engine(ANN)
    made.handle(arrive(100, C1))
    made.handle(OfferRejected(1_000, OfferId("o-1"), ANN))
    trace = made.why(C1)
    assert trace is not None
    assert trace.excluded == (("asked_before", 1),)
    assert Change("cooled", 1, (ANN,), at_ms=11_000) in trace.changes


def test_a_reserve_that_will_open_is_counted() -> None:
    reserve = Reserve(needs(1, HELP), 9, 0, 30_000, 0)
    made = engine(absent=(ANN,), queues=(QueueSpec(QUEUE, "G", (), POLICY, reserve=reserve),))
    join(made, BEN, AgentSkill(HELP, 10))
    join(made, CAT, AgentSkill(HELP, 10))
    made.handle(arrive(1_000, C1))
    assert Change("reserve", 2, at_ms=31_000) in changes(made)


def test_nobody_in_the_target_is_said_as_such() -> None:
    made = engine(ANN, pool=needs(95))
    made.handle(arrive(10, C1, route=plan(Step(agent=AgentId("nobody")), Step())))
    trace = made.why(C1)
    assert trace is not None
    assert (trace.target, trace.excluded) == (0, (("not_in_target", 1),))
    assert (trace.step, trace.steps) == (1, 2)

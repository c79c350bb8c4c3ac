"""Publishing, trials and rollback, with contacts under way."""

import json

from routing.commands import Offer
from routing.engine import Engine
from routing.events import (
    ContactTransferred,
    OfferConnected,
    PresenceSet,
    RuleSetPublished,
    RuleSetStaged,
    TimeReached,
)
from routing.snapshot import dump, load
from routing.types import OfferId, OfferPolicy, Order, Presence, QueueId, QueueSpec, Reserve, SkillId
from tests.unit.routing.script import ANN, C1, C2, C3, POLICY, QUEUE, arrive, engine, needs, play, told

OTHER = QueueId("other")
PLAIN = QueueSpec(QUEUE, "General", (), POLICY)
HARD = QueueSpec(QUEUE, "General", needs(99), POLICY)
LATE = QueueSpec(QUEUE, "General", (), POLICY, head_start_max_ms=600_000)


def comes(made: Engine, at_ms: int) -> list[str]:
    return told(made.handle(PresenceSet(at_ms, ANN, Presence.AVAILABLE)))


def test_a_trial_holds_for_its_own_contacts_only() -> None:
    made = engine(ANN, queues=(PLAIN,))
    made.handle(RuleSetStaged(5, "trial", (HARD,)))
    assert (made.rule_set, made.trial) == ("h", "trial")
    play(
        made,
        [
            (arrive(10, C1, rule_set="trial"), ["c1 queued (arrived)"]),
            (
                arrive(11, C2),
                ["c2 queued (arrived)", "offer o-1: c2 to ann until 20011", "c2 offered ann until 20011"],
            ),
        ],
    )
    assert made.waiting_count(QUEUE) == 1


def test_each_decision_cites_the_set_that_decided() -> None:
    made = engine(ANN, queues=(PLAIN,))
    made.handle(RuleSetStaged(5, "trial", (PLAIN,)))
    offers = [c for c in made.handle(arrive(10, C1, rule_set="trial")) if isinstance(c, Offer)]
    assert [offer.trace.rule_set for offer in offers] == ["trial"]


def test_a_trial_that_ends_leaves_its_contacts_what_they_have() -> None:
    made = engine(absent=(ANN,), queues=(PLAIN,))
    made.handle(RuleSetStaged(5, "trial", (HARD,)))
    made.handle(arrive(10, C1, rule_set="trial"))
    play(
        made,
        [
            (RuleSetStaged(20, "", ()), []),
            (RuleSetStaged(21, "", ()), ["ignored RuleSetStaged: nothing is staged"]),
            (PresenceSet(30, ANN, Presence.AVAILABLE), ["ann available"]),
        ],
    )
    assert made.waiting_count(QUEUE) == 1


def test_publishing_the_trial_puts_everybody_under_it() -> None:
    made = engine(ANN, queues=(HARD,))
    made.handle(RuleSetStaged(5, "trial", (PLAIN,)))
    play(
        made,
        [
            (arrive(10, C1), ["c1 queued (arrived)"]),
            (
                RuleSetPublished(20, "trial", (PLAIN,)),
                ["offer o-1: c1 to ann until 20020", "c1 offered ann until 20020"],
            ),
        ],
    )
    assert (made.rule_set, made.trial) == ("trial", "")


def test_rolling_back_is_publishing_an_old_hash() -> None:
    made = engine(absent=(ANN,), queues=(PLAIN,))
    made.handle(arrive(1_000, C1))
    made.handle(arrive(200_000, C2, head_start_ms=600_000))
    assert [contact.contact for contact in made.waiting()] == [C1, C2]
    made.handle(RuleSetPublished(200_001, "h2", (QueueSpec(QUEUE, "G", (), POLICY, order=Order.STRICT),)))
    assert made.bound_ms(QUEUE) is None
    made.handle(RuleSetPublished(200_002, "h", (PLAIN,)))
    assert [contact.contact for contact in made.waiting()] == [C1, C2]
    assert (made.rule_set, made.bound_ms(QUEUE)) == ("h", 120_000)


def test_queues_of_an_ended_trial_count_in_the_bound_while_somebody_is_in_them() -> None:
    """Its customer still has ten minutes of lead over those of the set in force."""
    made = engine(absent=(ANN,), queues=(PLAIN,))
    made.handle(RuleSetStaged(5, "trial", (LATE,)))
    made.handle(arrive(10, C1, rule_set="trial"))
    made.handle(RuleSetStaged(20, "", ()))
    assert made.bound_ms(QUEUE) == 600_000
    made.handle(RuleSetPublished(30, "h", (PLAIN,)))
    assert made.bound_ms(QUEUE) == 120_000


def test_two_trials_keep_apart_through_a_snapshot() -> None:
    made = engine(absent=(ANN,), queues=(PLAIN,))
    made.handle(RuleSetStaged(5, "first", (HARD,)))
    made.handle(arrive(10, C1, rule_set="first"))
    made.handle(RuleSetStaged(20, "second", (PLAIN,)))
    made.handle(arrive(30, C2, rule_set="second"))
    again = load(json.loads(json.dumps(dump(made))))
    assert dump(again) == dump(made)
    assert [line for line in comes(again, 40) if line.startswith("offer")] == [
        "offer o-1: c2 to ann until 20040"
    ]


def test_the_reserve_of_an_ended_trial_still_opens_by_time() -> None:
    reserve = Reserve(needs(1, SkillId("help")), 9, 0, 5_000, 0)
    made = engine(absent=(ANN,), queues=(PLAIN,))
    made.handle(RuleSetStaged(5, "trial", (QueueSpec(QUEUE, "G", (), POLICY, reserve=reserve),)))
    made.handle(arrive(10, C1, rule_set="trial"))
    made.handle(RuleSetStaged(20, "", ()))
    assert told(made.handle(TimeReached(5_010))) == ["reserve of general opens: oldest_wait"]


def test_a_queue_that_the_new_set_drops_goes_on_until_it_is_empty() -> None:
    other = QueueSpec(OTHER, "Other", (), POLICY)
    made = engine(absent=(ANN,), queues=(PLAIN, other))
    made.handle(arrive(10, C1, queue=OTHER))
    made.handle(RuleSetPublished(20, "h2", (PLAIN,)))
    assert [spec.queue for spec in made.queues()] == [QUEUE, OTHER]
    comes(made, 30)
    made.handle(OfferConnected(31, OfferId("o-1")))
    made.handle(RuleSetPublished(40, "h3", (PLAIN,)))
    assert [spec.queue for spec in made.queues()] == [QUEUE, OTHER], "it is talked in"


def test_an_unknown_queue_is_open_to_everybody() -> None:
    made = engine(ANN)
    lines = told(made.handle(arrive(10, C1, queue=OTHER)))
    assert lines[1] == "offer o-1: c1 to ann until 20010"


def test_rules_that_change_only_deadlines_move_nobody() -> None:
    made = engine(absent=(ANN,), queues=(PLAIN,))
    made.handle(arrive(10, C1))
    play(
        made,
        [
            (RuleSetPublished(20, "h2", (QueueSpec(QUEUE, "G", (), OfferPolicy(ring_ms=7_000)),)), []),
            (
                PresenceSet(30, ANN, Presence.AVAILABLE),
                ["ann available", "offer o-1: c1 to ann until 7030", "c1 offered ann until 7030"],
            ),
        ],
    )


def test_a_reserve_that_is_open_is_judged_by_the_new_thresholds_at_once() -> None:
    help_ = needs(1, SkillId("help"))
    soon = QueueSpec(QUEUE, "G", needs(99), POLICY, reserve=Reserve(help_, 1, 0, 60_000, 0))
    late = QueueSpec(QUEUE, "G", needs(99), POLICY, reserve=Reserve(help_, 9, 1, 60_000, 60_000))
    made = engine(queues=(soon,))
    assert told(made.handle(arrive(10, C1)))[1] == "reserve of general opens: waiting"
    assert told(made.handle(RuleSetPublished(20, "h2", (late,)))) == ["reserve of general closes: recovered"]


def test_a_transfer_of_a_trials_contact_stays_under_the_trial() -> None:
    made = engine(ANN, queues=(PLAIN, QueueSpec(OTHER, "Other", (), POLICY)))
    made.handle(RuleSetStaged(5, "trial", (PLAIN, QueueSpec(OTHER, "Other", needs(99), POLICY))))
    made.handle(arrive(10, C1, rule_set="trial"))
    made.handle(OfferConnected(20, OfferId("o-1")))
    made.handle(ContactTransferred(30, C1, ANN, OTHER))
    trace = made.why(C1)
    assert trace is not None
    assert (trace.target, trace.rule_set) == (0, "trial")
    said = told(made.handle(arrive(40, C3)))
    assert "offer o-2: c3 to ann until 20040" in said, "one of the published set is served beside it"

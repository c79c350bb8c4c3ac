"""The three kinds of order, targets and boosts: who stands before whom as time passes, and the bound."""

from routing.commands import Offer
from routing.engine import Engine
from routing.events import ContactBoosted, PresenceSet, RuleSetPublished, TimeReached
from routing.types import ContactId, Order, Presence, QueueId, QueueSpec
from tests.unit.routing.script import ANN, C1, C2, C3, POLICY, QUEUE, arrive, engine, play

OTHER = QueueId("other")


def line(made: Engine) -> list[ContactId]:
    return [contact.contact for contact in made.waiting()]


def queue(order: Order = Order.HEAD_START, ageing_percent: int = 100, cap_ms: int = 60_000) -> QueueSpec:
    return QueueSpec(
        QUEUE, "Q", (), POLICY, order=order, ageing_percent=ageing_percent, head_start_max_ms=cap_ms
    )


def lead(made: Engine, contact: ContactId) -> int:
    view = made.contact(contact)
    assert view is not None
    return view.lead_ms


def test_a_wait_that_weighs_more_grows_a_lead_up_to_the_cap() -> None:
    """At 150 % a wait of a minute brings half a minute of lead, and the cap ends it."""
    made = engine(queues=(queue(ageing_percent=150),))
    made.handle(arrive(0, C1))
    made.handle(TimeReached(60_000))
    assert lead(made, C1) == 30_000
    made.handle(TimeReached(120_000))
    assert lead(made, C1) == 60_000
    made.handle(TimeReached(500_000))
    assert lead(made, C1) == 60_000


def test_a_lead_that_grows_overtakes_one_that_was_given_and_stops_at_the_cap() -> None:
    """The other queue gives its lead at once; both lines meet when the growing one has caught up."""
    slow = queue(ageing_percent=200, cap_ms=30_000)
    fast = QueueSpec(OTHER, "Other", (), POLICY, head_start_max_ms=30_000)
    made = engine(absent=(ANN,), queues=(slow, fast))
    made.handle(arrive(1_000, C1))
    made.handle(arrive(10_999, C2, queue=OTHER, head_start_ms=20_000))
    assert line(made) == [C2, C1], "9.999 s of lead after ten, against twenty"
    made.handle(TimeReached(11_000))
    assert line(made) == [C2, C1], "from -9.000 s against -9.001 s"
    made.handle(TimeReached(11_001))
    assert line(made) == [C1, C2], "even, and c1 came first"
    assert [lead(made, contact) for contact in (C1, C2)] == [10_001, 20_000]
    made.handle(TimeReached(40_000))
    assert lead(made, C1) == 30_000
    assert line(made) == [C1, C2]
    commands = made.handle(PresenceSet(41_000, ANN, Presence.AVAILABLE))
    assert next(command.contact for command in commands if isinstance(command, Offer)) == C1


def test_accumulating_reaches_what_the_value_buys_and_no_more() -> None:
    """The same ten seconds of wait bring five of lead, for the one who has bought that much."""
    made = engine(queues=(queue(Order.ACCUMULATING, 150),))
    made.handle(arrive(0, C1))
    made.handle(arrive(0, C2, head_start_ms=20_000))
    made.handle(TimeReached(10_000))
    assert [lead(made, contact) for contact in (C1, C2)] == [0, 5_000]
    made.handle(TimeReached(90_000))
    assert [lead(made, contact) for contact in (C1, C2)] == [0, 20_000]
    assert line(made) == [C2, C1]


def test_strict_asks_for_the_value_first_and_for_age_only_among_equals() -> None:
    made = engine(queues=(queue(Order.STRICT),))
    made.handle(arrive(1, C1, value=10))
    made.handle(arrive(900_000, C2, value=90))
    made.handle(arrive(900_001, C3, value=90))
    assert line(made) == [C2, C3, C1]
    assert made.bound_ms(QUEUE) is None, "low values may starve"


def test_who_may_wait_longer_by_promise_comes_later() -> None:
    """Gold is promised five seconds, others a minute: gold is due first although it came later."""
    spec = QueueSpec(
        QUEUE,
        "Q",
        (),
        POLICY,
        head_start_max_ms=0,
        sl_target_ms=60_000,
        by_target=True,
        targets=(("gold", 5_000),),
    )
    made = engine(queues=(spec,))
    made.handle(arrive(1_000, C1))
    made.handle(arrive(50_000, C2, tier="gold"))
    made.handle(arrive(57_000, C3, tier="gold"))
    assert line(made) == [C2, C1, C3]
    assert made.bound_ms(QUEUE) == 55_000


def test_a_boost_counts_toward_the_cap() -> None:
    made = engine(queues=(queue(),))
    made.handle(arrive(0, C1))
    made.handle(arrive(61_000, C2, head_start_ms=50_000))
    play(
        made,
        [
            (ContactBoosted(61_001, C2, 5_000, "cat"), ["c2 queued (boosted_by_cat)"]),
            (ContactBoosted(61_002, C2, 500_000, "cat", "promised"), ["c2 queued (promised)"]),
            (
                ContactBoosted(61_003, C2, 1, "cat"),
                ["ignored ContactBoosted: the contact cannot be moved further"],
            ),
        ],
    )
    assert lead(made, C2) == 60_000
    assert line(made) == [C1, C2], "whoever came a minute earlier keeps the place"


def test_a_boost_back_takes_the_lead_and_no_more() -> None:
    made = engine(queues=(queue(),))
    made.handle(arrive(0, C1, head_start_ms=40_000))
    made.handle(ContactBoosted(1, C1, -15_000, "cat"))
    assert lead(made, C1) == 25_000
    made.handle(ContactBoosted(2, C1, -45_000, "cat"))
    assert lead(made, C1) == 0


def test_only_who_waits_can_be_moved() -> None:
    made = engine(ANN)
    made.handle(arrive(10, C1))
    play(
        made,
        [
            (ContactBoosted(11, C1, 1_000, "cat"), ["ignored ContactBoosted: the contact is offered"]),
            (ContactBoosted(12, C2, 1_000, "cat"), ["ignored ContactBoosted: unknown contact"]),
        ],
    )


def test_the_bound_is_the_greatest_cap_of_all_queues() -> None:
    made = engine(queues=(queue(cap_ms=60_000), QueueSpec(OTHER, "Other", head_start_max_ms=90_000)))
    assert made.bound_ms(QUEUE) == 90_000
    assert made.bound_ms(QueueId("nowhere")) == 0
    made.handle(RuleSetPublished(1, "h2", (queue(cap_ms=5_000),)))
    assert made.bound_ms(QUEUE) == 5_000


def test_the_largest_overtake_counts_against_who_was_passed_over() -> None:
    made = engine(absent=(ANN,), queues=(queue(),))
    made.handle(arrive(1_000, C1))
    made.handle(arrive(41_000, C2, head_start_ms=60_000))
    commands = made.handle(PresenceSet(42_000, ANN, Presence.AVAILABLE))
    offer = next(command for command in commands if isinstance(command, Offer))
    assert offer.contact == C2
    assert offer.trace.lead is not None
    assert (offer.trace.lead.overtaken, offer.trace.lead.overtook_ms) == (C1, 40_000)
    assert offer.trace.lead.bound_ms == 60_000
    assert made.largest_overtake_ms(QUEUE) == 40_000

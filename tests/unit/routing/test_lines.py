"""Who is first of all, and who has waited longest: the same as sorting everybody, without doing so."""

import json
from random import Random

import pytest

from routing.commands import Offer
from routing.engine import Engine
from routing.events import (
    ContactAbandoned,
    ContactBoosted,
    ContactEnded,
    OfferConnected,
    OfferRejected,
    RuleSetPublished,
    WrapUpDone,
)
from routing.snapshot import dump, load
from routing.types import Channel, ContactId, OfferId, Order, QueueSpec, Step
from tests.unit.routing.script import ANN, BEN, POLICY, QUEUE, arrive, engine, needs, plan


def crowd(seed: int) -> Engine:
    """Two busy agents; some 60 wait, in several lines, some with exclusions; a third has left again."""
    random = Random(seed)
    made = engine(ANN, BEN)
    spec = QueueSpec(QUEUE, "General", (), POLICY, order=Order.ACCUMULATING, ageing_percent=150)
    made.handle(RuleSetPublished(5, "h2", (spec,)))
    for number in range(90):
        route = plan(Step(needs(random.choice((1, 40, 70)))), Step(agent=random.choice((ANN, BEN))))
        made.handle(
            arrive(
                10 + 200 * number,
                ContactId(f"c{number}"),
                channel=random.choice(tuple(Channel)),
                route=route,
                head_start_ms=random.choice((0, 5_000, 60_000)),
                since_ms=10 + 200 * number - random.randrange(3_000),
            )
        )
        if random.random() < 0.3:
            for offer in made.live_offers()[:1]:
                made.handle(OfferRejected(made.now_ms, offer.offer, offer.agent))
    for number in random.sample(range(90), 30):
        made.handle(ContactAbandoned(made.now_ms, ContactId(f"c{number}")))
    return made


@pytest.mark.parametrize("seed", range(6))
def test_the_first_in_line_are_the_first_of_the_sorted_line(seed: int) -> None:
    made = crowd(seed)
    everybody = made.waiting()
    assert len(everybody) > 30
    assert any(contact.excluded for contact in everybody)
    for count in (0, 1, 7, len(everybody), len(everybody) + 5):
        assert made.first_in_line(count) == everybody[:count]


@pytest.mark.parametrize("seed", range(6))
def test_the_longest_wait_is_that_of_whoever_came_first(seed: int) -> None:
    made = crowd(seed)
    for number in range(90):
        oldest = min((contact.enqueued_at_ms for contact in made.waiting()), default=None)
        assert made.oldest_at_ms(QUEUE) == oldest
        made.handle(ContactAbandoned(made.now_ms, ContactId(f"c{number}")))
    assert made.oldest_at_ms(QUEUE) is None


def test_who_was_overtaken_is_the_same_after_a_restart() -> None:
    """Of two who came in the same millisecond the first to arrive; a boost gives it no later arrival."""
    made = engine(ANN)
    made.handle(arrive(10, ContactId("talking")))
    made.handle(OfferConnected(11, OfferId("o-1")))
    for contact in ("a", "b"):
        made.handle(arrive(20, ContactId(contact)))
    made.handle(ContactBoosted(21, ContactId("a"), 1, "sue"))
    made.handle(arrive(30, ContactId("c"), head_start_ms=60_000))
    again = load(json.loads(json.dumps(dump(made))))
    for event in (ContactEnded(40, ContactId("talking")), WrapUpDone(41, ContactId("talking"), ANN)):
        commands = made.handle(event)
        assert again.handle(event) == commands
    [offer] = [command for command in commands if isinstance(command, Offer)]
    assert offer.contact == "c"
    assert offer.trace.lead is not None
    assert offer.trace.lead.overtaken == "a"


def test_what_nobody_waits_for_is_not_kept() -> None:
    """Contacts that find their agent at once leave neither a line of the agent nor a lead to be watched."""
    made = engine(ANN)
    spec = QueueSpec(QUEUE, "General", (), POLICY, order=Order.ACCUMULATING, ageing_percent=101)
    made.handle(RuleSetPublished(5, "h2", (spec,)))
    for number in range(20):
        contact = ContactId(f"c{number}")
        route = plan(Step(needs(number + 1), agent=ANN, duration_ms=5_000), Step())
        at_ms = 10 + number
        made.handle(arrive(at_ms, contact, route=route, head_start_ms=60_000))
        made.handle(OfferConnected(at_ms, OfferId(f"o-{number + 1}")))
        made.handle(ContactEnded(at_ms, contact))
        made.handle(WrapUpDone(at_ms, contact, ANN))
    assert not made.contacts()
    assert not made.state.maturing
    assert not made.state.lines.waiting_for(ANN)
    assert not made.state.lines._named

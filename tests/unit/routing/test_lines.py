"""Who is first of all, and who has waited longest: the same as sorting everybody, without doing so."""

from random import Random

import pytest

from routing.engine import Engine
from routing.events import ContactAbandoned, OfferRejected, RuleSetPublished
from routing.types import Channel, ContactId, Order, QueueSpec, Step
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

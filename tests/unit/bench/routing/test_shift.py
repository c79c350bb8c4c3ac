"""A shift keeps as many waiting as it was filled with, and what it wrote down gives the same again."""

import pytest

from bench.routing.company import draw
from bench.routing.shift import Shift
from routing.engine import Engine
from routing.events import OfferConnected, OfferRejected, WrapUpDone
from routing.types import Presence


@pytest.fixture(scope="module")
def shift() -> Shift:
    made = Shift(draw(60))
    made.fill(300)
    made.go_on(400)
    return made


def waiting(engine: Engine) -> int:
    return sum(engine.waiting_count(queue.queue) for queue in engine.queues())


def test_as_many_wait_as_before(shift: Shift) -> None:
    assert 300 <= waiting(shift.engine) < 400
    kinds = {type(event) for event in shift.script}
    assert {OfferConnected, OfferRejected, WrapUpDone} <= kinds, "people do what people do"


def test_the_script_repeats_the_shift(shift: Shift) -> None:
    """An engine that explains itself decides alike."""
    engine = Engine()
    for event in shift.script:
        engine.handle(event)
    assert engine.contacts() == shift.engine.contacts()
    assert engine.agents() == shift.engine.agents()
    assert engine.live_offers() == shift.engine.live_offers()


def test_a_share_of_the_agents_can_be_left_idle() -> None:
    made = Shift(draw(100))
    made.employ(50)
    busy = [agent for agent in made.engine.agents() if made.engine.contacts_of(agent.agent)]
    assert 30 <= len(busy) <= 65
    assert all(agent.presence is Presence.AVAILABLE for agent in busy)


def test_a_company_is_drawn_by_its_seed() -> None:
    assert draw(50, 3) == draw(50, 3)
    assert draw(50, 3) != draw(50, 4)

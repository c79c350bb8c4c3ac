"""A snapshot and the rest of the journal are as good as the whole journal."""

import json

import pytest

from routing.engine import Engine
from routing.events import ContactAbandoned
from routing.snapshot import SnapshotError, dump, load
from routing.state import FINISHED_MAX
from routing.types import ContactId
from tests.sim.world import World
from tests.unit.routing.script import ANN, arrive, engine


def test_from_every_snapshot_on_the_same_is_decided() -> None:
    """Cut one eventful day at every tenth event: loading there and going on equals the full replay."""
    world = World(3)
    world.run()
    full = Engine()
    answers = [full.handle(event) for event in world.journal]
    for cut in range(0, len(world.journal), 10):
        head = Engine()
        for event in world.journal[:cut]:
            head.handle(event)
        tail = load(json.loads(json.dumps(dump(head))))
        assert [tail.handle(event) for event in world.journal[cut:]] == answers[cut:], cut
        assert dump(tail) == dump(full)


def test_a_snapshot_of_another_version_is_refused() -> None:
    with pytest.raises(SnapshotError, match="version 99"):
        load({**dump(engine(ANN)), "version": 99})


def test_what_is_remembered_of_finished_contacts_is_bounded() -> None:
    made = engine()
    for number in range(FINISHED_MAX + 50):
        contact = ContactId(f"c{number}")
        made.handle(arrive(number, contact))
        made.handle(ContactAbandoned(number, contact))
    assert len(made.state.finished) == FINISHED_MAX
    assert not made.knows(ContactId("c0"))
    assert made.knows(ContactId(f"c{FINISHED_MAX}"))

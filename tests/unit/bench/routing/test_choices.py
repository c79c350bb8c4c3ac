"""Scan, search and engine choose alike on small floors; benches print lines; a difference is an error."""

import json

import pytest

from bench.routing import choices, scan
from bench.routing.company import draw
from bench.routing.cycle import Floors, costs, slowest
from bench.routing.floor import Floor, at_ease, build, in_need
from routing.records import AgentRecord, ContactRecord
from routing.state import State
from routing.types import Channel

AGENTS = 500
ASSIGNED = 60


@pytest.fixture
def busy() -> Floor:
    return build(in_need(AGENTS, 1_000), 2, ASSIGNED)


@pytest.fixture
def easy() -> Floor:
    return build(at_ease(AGENTS, 0.3), 1, ASSIGNED)


def names(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]


def test_choices(busy: Floor, easy: Floor, capsys: pytest.CaptureFixture[str]) -> None:
    choices.freed_agent(busy.engine)
    choices.arrival(easy.engine, draw(AGENTS))
    assert names(capsys) == ["routing_freed_agent", "routing_arrival"]


def test_a_choice_that_differs_is_an_error(busy: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan that prefers who came last finds somebody else for most agents."""

    def last(state: State, agent: AgentRecord, channels: tuple[Channel, ...]) -> ContactRecord | None:
        suitable = [
            contact
            for contact in state.contacts.values()
            if contact.demand is not None and contact.demand.pool >> agent.index & 1
        ]
        return max(suitable, key=lambda contact: contact.place, default=None)

    monkeypatch.setattr(scan, "first_contact", last)
    with pytest.raises(RuntimeError, match="the scan finds"):
        choices.freed_agent(busy.engine)


def test_cycle(busy: Floor, easy: Floor, capsys: pytest.CaptureFixture[str]) -> None:
    few = build(in_need(100, 200), 1, ASSIGNED)
    longer = build(in_need(100, 600), 1, ASSIGNED)
    costs(Floors(few, longer, busy, easy), 1, ASSIGNED)
    slowest(busy.engine, busy.rounds[1:])
    assert names(capsys) == [
        "routing_cycle",
        "routing_cycle_at_ease",
        "routing_growth_waiting",
        "routing_growth_agents",
        "routing_decision_p99",
    ]

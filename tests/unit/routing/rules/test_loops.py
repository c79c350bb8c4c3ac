"""Queues may not lead back to themselves, by whatever way; every loop is told at once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.draft import Lead
from routing.rules.loops import report_loops
from routing.rules.problems import Reader
from routing.types import QueueId
from tests.unit.routing.rules.bodies import body, problems, queue

WAYS: list[tuple[str, Any]] = [
    (
        "plan/overflow_to",
        lambda to: {"plan": {"end": "overflow", "overflow_to": to, "steps": [{"for_s": 9}]}},
    ),
    ("full_to", lambda to: {"length_max": 5, "full": "overflow", "full_to": to}),
    ("overflows/0/to", lambda to: {"overflows": [{"to": to, "waiting_over": 3}]}),
    ("when_closed/to", lambda to: {"calendar": "office", "when_closed": {"end": "overflow", "to": to}}),
]


@pytest.mark.parametrize(("at", "leads"), WAYS)
@pytest.mark.parametrize("back", [leads for _, leads in WAYS])
def test_a_loop_over_three_queues_is_refused(at: str, leads: Any, back: Any) -> None:
    made = body(queues=[queue("a", **leads("b")), queue("b", **back("c")), queue("c", **leads("a"))])
    assert problems(made) == {f"/queues/2/{at}": "Queues may not lead back to themselves: a → b → c → a."}
    made["queues"][2] = queue("c")
    assert problems(made) == {}


@pytest.mark.parametrize(("at", "leads"), WAYS)
def test_a_queue_may_not_lead_to_itself(at: str, leads: Any) -> None:
    assert "to itself" in problems(body(queues=[queue("a", **leads("a"))]))[f"/queues/0/{at}"]


def test_a_rule_may_not_bring_a_contact_back() -> None:
    made = body(
        queues=[queue("a"), queue("b", length_max=3, full="overflow", full_to="a")],
        default={"queue": "a", "steps": [{"for_s": 9}], "end": "overflow", "overflow_to": "b"},
    )
    assert list(problems(made)) == ["/default/overflow_to"]


def test_two_loops_are_told_at_once() -> None:
    pairs = [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]
    reader = Reader()
    report_loops([Lead(QueueId(one), QueueId(to), f"/{one}{to}") for one, to in pairs], reader)
    assert [problem.pointer for problem in reader.problems] == ["/ba", "/dc"]


def test_a_long_loop_is_shortened() -> None:
    reader = Reader()
    leads = [Lead(QueueId(str(one)), QueueId(str((one + 1) % 2_000)), f"/{one}") for one in range(2_000)]
    report_loops(leads, reader)
    assert [problem.pointer for problem in reader.problems] == ["/1999"]
    assert len(reader.problems[0].message) < 100


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25))
def test_without_what_is_reported_no_loop_is_left(pairs: list[tuple[int, int]]) -> None:
    leads = [
        Lead(QueueId(str(one)), QueueId(str(to)), f"/{number}") for number, (one, to) in enumerate(pairs)
    ]
    reader = Reader()
    report_loops(leads, reader)
    reported = {problem.pointer for problem in reader.problems}
    left = [lead for lead in leads if lead.at not in reported]
    ends = {lead.source for lead in left}
    while True:  # take away queues that lead nowhere, until none is left or a loop remains
        going = {lead.source for lead in left if lead.to in ends}
        if going == ends:
            break
        ends = going
    assert not ends
    if not reported:
        assert left == leads

"""The staged share: the same answer for the same contact, about the share asked for, growing with it."""

import subprocess
import sys

from routing.rules.ruleset import RuleSet
from routing.rules.trial import in_trial
from routing.types import ContactId, QueueId
from tests.unit.routing.rules.bodies import body, then

IDS = [ContactId(f"c-{number}") for number in range(4_000)]
TO_A = RuleSet(body()).route({}, None)
TO_B = RuleSet(then(queue="b")).route({}, None)


def chosen(percent: float) -> set[ContactId]:
    return {contact for contact in IDS if in_trial(contact, percent, (), TO_A)}


def test_about_the_share_asked_for_is_in() -> None:
    assert chosen(0) == set()
    assert chosen(100) == set(IDS)
    for percent in (1, 10, 50):
        assert abs(100 * len(chosen(percent)) / len(IDS) - percent) <= 0.5 + 0.05 * percent
    assert chosen(-5) == set()
    assert chosen(1e9) == set(IDS)


def test_who_is_in_stays_in_when_the_share_grows() -> None:
    assert chosen(5) < chosen(10) < chosen(60)


def test_only_the_named_queues_take_part() -> None:
    assert in_trial(IDS[0], 100, (QueueId("a"),), TO_A)
    assert not in_trial(IDS[0], 100, (QueueId("a"),), TO_B)
    assert {in_trial(contact, 10, (QueueId("b"),), TO_B) for contact in IDS} == {True, False}


def test_any_process_gives_the_same_answer() -> None:
    """Not by Python's own hash of texts, which differs from process to process."""
    code = (
        "from routing.rules.ruleset import RuleSet, Routing; from routing.rules.trial import in_trial;"
        "from routing.types import *; r = Routing('r', 'a', RoutePlan((Step(),)), 0);"
        "print(''.join(str(int(in_trial(f'c-{n}', 30, (), r))) for n in range(200)))"
    )
    expected = "".join(str(int(contact in chosen(30))) for contact in IDS[:200])
    for seed in ("0", "1"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )
        assert run.stdout.strip() == expected
    assert in_trial(ContactId("\ud800"), 100, (), TO_A)

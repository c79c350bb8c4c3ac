"""Flows as data: what is accepted, what is refused, and that no caller can get stuck in one."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ivr.flow import BadFlow, Collect, Flow, Menu, load, luhn, shipped
from telephony.ivr.interpreter import STEPS_MAX, Ask, Find, Finish, Interpreter, Speak, Step

MAIN = shipped()["main"]


@pytest.mark.parametrize(
    ("digits", "good"), [("20260014", True), ("20260015", False), ("0", True), ("", True)]
)
def test_luhn(digits: str, good: bool) -> None:
    assert luhn(digits) is (good and digits != "")


@given(st.text("0123456789", min_size=1, max_size=20), st.integers(0, 19), st.integers(1, 9))
def test_luhn_sees_every_single_wrong_digit(body: str, where: int, by: int) -> None:
    number = next(body + str(digit) for digit in range(10) if luhn(body + str(digit)))
    where %= len(number)
    wrong = number[:where] + str((int(number[where]) + by) % 10) + number[where + 1 :]
    assert not luhn(wrong)


@pytest.mark.parametrize("digits", ["12a", "１２３", "-1", "1 2"])
def test_luhn_takes_digits_only(digits: str) -> None:
    assert not luhn(digits)


def test_shipped_flows_speak_english_and_chinese() -> None:
    assert shipped().keys() == {"main", "direct"}
    assert all({"en", "zh"} <= prompt.text.keys() for prompt in MAIN.prompts.values())


def source(**nodes: object) -> bytes:
    flow = {
        "name": "t",
        "start": "a",
        "language": "en",
        "prompts": {"p": {"text": {"en": "Hello"}}},
        "nodes": {"q": {"kind": "queue"}, **nodes},
    }
    return json.dumps(flow).encode()


@pytest.mark.parametrize(
    ("node", "mistake"),
    [
        ({"kind": "say", "say": [{"prompt": "p"}], "to": "nowhere"}, "'nowhere'"),
        ({"kind": "say", "say": [{"prompt": "none"}], "to": "q"}, "no prompt 'none'"),
        ({"kind": "say", "say": [{}], "to": "q"}, "exactly one"),
        ({"kind": "say", "say": [{"digits": "1", "number": "1"}], "to": "q"}, "exactly one"),
        ({"kind": "menu", "say": [], "choices": {"12": {"to": "q"}}, "otherwise": "q"}, "a choice is one"),
        ({"kind": "menu", "say": [], "choices": {}, "otherwise": "q", "tries": 99}, "tries"),
        ({"kind": "menu", "say": [], "choices": {}, "otherwise": "q", "timeout_ms": 10**6}, "timeout_ms"),
        (
            {
                "kind": "collect",
                "say": [],
                "into": "x",
                "digits_min": 5,
                "digits_max": 2,
                "to": "q",
                "otherwise": "q",
            },
            "digits_min",
        ),
        ({"kind": "dance", "to": "q"}, "kind"),
        ({"kind": "queue", "colour": "red"}, "colour"),
    ],
)
def test_mistake_is_refused_with_its_place(node: dict[str, object], mistake: str) -> None:
    with pytest.raises(BadFlow) as refused:
        load(source(a=node))
    assert mistake in str(refused.value)
    assert "nodes" in str(refused.value)


def test_all_mistakes_at_once() -> None:
    with pytest.raises(BadFlow) as refused:
        load(source(a={"kind": "say", "say": [], "to": "x"}, b={"kind": "say", "say": [], "to": "y"}))
    assert len(refused.value.mistakes) == 2


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b"null", b"x" * 300_000])
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(BadFlow):
        load(junk)


def test_circle_ends_in_the_queue() -> None:
    flow = load(source(a={"kind": "branch", "on": "", "cases": {}, "otherwise": "a"}))
    assert Interpreter(flow, {}).start() == Finish((), queue=True)


def walk(flow: Flow, seed: int) -> Finish:
    """A caller who does anything at all, and a hub that answers anything at all."""
    dice = random.Random(seed)
    run = Interpreter(flow, {"ani": ""})
    step: Step = run.start()
    for _ in range(2 * STEPS_MAX * 5):
        match step:
            case Finish():
                return step
            case Speak():
                step = run.spoken()
            case Ask():
                step = run.typed(dice.choice(["", "1", "2", "3", "4", "9", "*", "20260014", "123"]))
            case Find():
                found = {"found": dice.choice(["", "1"]), "status": dice.choice(["shipped", "lost", ""])}
                step = run.found(found)
    raise AssertionError("a caller is stuck")


@pytest.mark.parametrize("name", sorted(shipped()))
def test_whatever_a_caller_does_there_is_an_end(name: str) -> None:
    ends = {walk(shipped()[name], seed).queue for seed in range(500)}
    assert True in ends


def test_way_through_the_shipped_menu() -> None:
    run = Interpreter(MAIN, {"ani": "+49"})
    assert isinstance(run.start(), Ask)
    assert isinstance(run.typed("2"), Ask)
    assert run.language == "zh"
    assert isinstance(run.typed("1"), Ask)
    assert run.typed("20260014") == Find("order_status", {"order": "20260014"})
    said = run.found({"found": "1", "status": "shipped", "eta_days": "3"})
    assert isinstance(said, Speak)
    assert run.text(said.say[-1].number) == "3"
    assert run.text("{nothing}{order}") == "20260014"
    assert isinstance(run.spoken(), Ask)
    assert run.typed("") == Finish(MAIN.nodes["served"].say, queue=False)  # type: ignore[union-attr]
    assert run.answers == {
        "language": "zh",
        "reason": "orders",
        "order": "20260014",
        "served": "order_status",
    }


def test_wrong_input_is_counted_and_leads_on() -> None:
    node = MAIN.nodes["language"]
    assert isinstance(node, Menu)
    run = Interpreter(MAIN, {})
    run.start()
    for _ in range(node.tries - 1):
        asked = run.typed("9")
        assert isinstance(asked, Ask)
        assert asked.say[: len(node.wrong)] == node.wrong
    assert isinstance(run.typed("9"), Finish)


def test_number_that_is_too_short_is_wrong() -> None:
    node = MAIN.nodes["order_number"]
    assert isinstance(node, Collect)
    run = Interpreter(MAIN, {})
    run.start()
    run.typed("1")
    run.typed("1")
    assert isinstance(run.typed("0"), Ask), "Luhn would take a single 0"

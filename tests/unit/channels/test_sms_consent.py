"""Withdrawn and renewed consent, in the spellings of real people."""

import pytest

from channels.sms.consent import consent_of

STOPS = [
    *("STOP", "stop", " stop.", "Stop!!", "ＳＴＯＰ", "sToP", "stopall", "stop all", "STOP-ALL"),
    *(
        "unsubscribe",
        "Unsubscribe me",
        "please stop",
        "Please stop texting",
        "stop texting me",
        "Stop please",
    ),
    *(
        "opt out",
        "OPT-OUT",
        "optout",
        "cancel",
        "END",
        "quit",
        "revoke",
        "don't text me",
        "do not text me again",
    ),
    *(
        "no more messages please",
        "remove me from your list",
        "停止",
        "退订",
        "TD",
        "stop 🛑",
        "\nSTOP\n",
        "pls stop",
    ),
]
STARTS = ["START", "start", "Unstop", "opt-in", "Start.", "ＳＴＡＲＴ", "恢复"]
NEITHER = [
    *("", "   ", "!!!", "When does it stop raining?", "stop by tomorrow", "please stop my order 4711"),
    *(
        "cancel my order",
        "end of the street",
        "I cannot stop laughing",
        "yes please call me",
        "start the refund",
    ),
    *(
        "bus stop",
        "does this list end",
        "stop " * 50,
        "我要取消订单",
        "取消",
        "YES",
        "Yes!",
        "The delivery did not stop at my house",
    ),
]


@pytest.mark.parametrize("text", STOPS)
def test_stop(text: str) -> None:
    """More than twenty spellings, each a withdrawal."""
    assert consent_of(text) == "stop"


@pytest.mark.parametrize("text", STARTS)
def test_start(text: str) -> None:
    """The words that carriers know."""
    assert consent_of(text) == "start"


@pytest.mark.parametrize("text", NEITHER)
def test_messages_about_something_else(text: str) -> None:
    """A customer who wants an answer is not silenced."""
    assert consent_of(text) == ""

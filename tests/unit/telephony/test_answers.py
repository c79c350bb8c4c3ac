"""IVR answers on a channel."""

from telephony.answers import read_answers, write_answers


def test_answers_survive_as_one_variable() -> None:
    answers = {"language": "zh", "note": 'a,b;c="d" {e}\r\n é', "empty": ""}
    text = write_answers(answers)
    assert not set(text) & set(',;" \r\n{}$')
    assert read_answers(text) == answers
    assert read_answers("&".join("a=1" for _ in range(1000))) == {}

"""One agent's stream by itself: dense numbers, replay, snapshot, offers that grow old."""

from hub import wire
from hub.console.stream import RING_KEPT_MS, RING_MAX, AgentStream

PRESENCE = wire.PresenceView("a", "available", "", 0, "", False, False, 0, 3)


def notice(number: int) -> wire.Notice:
    return wire.Notice("info", str(number), {})


def stream_of(events: int) -> AgentStream:
    stream = AgentStream("epoch", PRESENCE)
    for number in range(1, events + 1):
        assert stream.append(notice(number), 0).s == number
    return stream


def test_a_console_that_missed_nothing_gets_an_empty_replay() -> None:
    answer = stream_of(3).answer(wire.Hello("epoch", 3), 0)
    assert isinstance(answer, wire.HelloReplay)
    assert (answer.seq, answer.events) == (3, [])


def test_the_ring_reaches_back_exactly_so_far() -> None:
    stream = stream_of(RING_MAX + 5)
    reaches = stream.answer(wire.Hello("epoch", 5), 0)
    assert isinstance(reaches, wire.HelloReplay)
    assert [frame.s for frame in reaches.events] == list(range(6, RING_MAX + 6))
    assert isinstance(stream.answer(wire.Hello("epoch", 4), 0), wire.HelloSnapshot)


def test_events_are_not_kept_for_ever() -> None:
    stream = stream_of(3)
    stream.append(notice(4), RING_KEPT_MS)
    assert isinstance(stream.answer(wire.Hello("epoch", 0), 0), wire.HelloReplay)
    stream.append(notice(5), RING_KEPT_MS + 1)
    assert isinstance(stream.answer(wire.Hello("epoch", 2), 0), wire.HelloSnapshot)
    assert isinstance(stream.answer(wire.Hello("epoch", 3), 0), wire.HelloReplay)


def test_another_epoch_or_an_impossible_number_gets_a_snapshot() -> None:
    stream = stream_of(3)
    for hello in (wire.Hello("other", 3), wire.Hello("epoch", 4), wire.Hello("epoch", -1), wire.Hello()):
        answer = stream.answer(hello, 7)
        assert isinstance(answer, wire.HelloSnapshot)
        assert (answer.epoch, answer.seq, answer.now_at_ms) == ("epoch", 3, 7)

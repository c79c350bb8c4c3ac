"""The call model against every golden transcript, in order, repeated, and shuffled across channels."""

import random
from collections import Counter, defaultdict

import pytest

from telephony.ami import Message
from telephony.calls import (
    Arrived,
    Calls,
    Gone,
    Happening,
    LegFailed,
    LegRinging,
    LegSeen,
    LegUp,
    Queued,
    Stranded,
    TakenBack,
    TalkEnded,
)
from telephony.port import CallStage, LegFailure
from telephony.status import belongs, from_status
from tests.unit.telephony.traces import NAMES, Sent, message, read

HUB_TRACES = [name for name in NAMES if name.startswith("hub-")]
SHUFFLES = 40
KEY = ""
"""The transcripts were made before user events had a key."""

Stream = list[Message | Sent]


def play(stream: Stream, *, times: int = 1) -> tuple[list[Happening], Calls]:
    """Everything told for a stream; each event is handled `times` times."""
    calls = Calls(KEY)
    status = [item for item in stream if isinstance(item, Message) and item.event == "Status"]
    calls.adopt(from_status(status))
    told: list[Happening] = []
    for item in stream:
        if isinstance(item, Sent):
            expect(calls, item.action)
        else:
            for _ in range(times):
                told += calls.handle(item)
    return told, calls


def expect(calls: Calls, action: Message) -> None:
    variables = dict(v.removeprefix("__").split("=", 1) for v in action.getall("Variable") if "=" in v)
    unique_id = action.get("ChannelId")
    if action.get("Action") == "Originate" and unique_id.startswith("leg-"):
        offer_id = unique_id.removeprefix("leg-")
        calls.expect(offer_id, variables["HUB_CALL"], action.get("ActionID"))


def channel_of(event: Message, leg_of_action: dict[str, str]) -> str:
    if event.event == "OriginateResponse":
        return leg_of_action.get(event.get("ActionID"), "")
    return event.get("DestUniqueid") or event.get("Uniqueid")


def shuffled(stream: Stream, seed: int) -> Stream:
    """The same events with every channel's own order kept and the channels mixed anew; actions come first."""
    actions = [item for item in stream if isinstance(item, Sent)]
    leg_of_action = {sent.action.get("ActionID"): sent.action.get("ChannelId") for sent in actions}
    queues: dict[str, list[Message]] = defaultdict(list)
    for item in stream:
        if isinstance(item, Message):
            queues[channel_of(item, leg_of_action)].append(item)
    order = [name for name, queue in queues.items() for _ in queue]
    random.Random(seed).shuffle(order)
    iterators = {name: iter(queue) for name, queue in queues.items()}
    return [*actions, *(next(iterators[name]) for name in order)]


def without_time(told: list[Happening]) -> Counter[Happening]:
    """What was told, without what depends on who was heard first."""
    return Counter(
        Gone(item.call_id, item.stage, item.by, ()) if isinstance(item, Gone) else item
        for item in told
        if not isinstance(item, Queued)
    ) + Counter({Stranded(item.call_id): 1 for item in told if isinstance(item, Queued)})


@pytest.mark.parametrize("name", NAMES)
def test_what_must_hold_for_any_stream(name: str) -> None:
    told, calls = play(read(name))
    arrived = Counter(item.call_id for item in told if isinstance(item, Arrived))
    gone = Counter(item.call_id for item in told if isinstance(item, Gone))
    ends = Counter(item.offer_id for item in told if isinstance(item, LegFailed | TalkEnded))
    ups = Counter(item.offer_id for item in told if isinstance(item, LegUp))
    for counted in (arrived, gone, ends, ups):
        assert all(count == 1 for count in counted.values())
    assert not set(calls.by_id) & set(gone)
    assert not set(calls.legs) & set(ends)
    assert "forged" not in repr(told)


@pytest.mark.parametrize("name", NAMES)
def test_events_that_come_twice_change_nothing(name: str) -> None:
    stream = read(name)
    once, _ = play(stream)
    twice, _ = play(stream, times=2)
    repeatable = (Queued, Stranded)
    assert [item for item in twice if not isinstance(item, repeatable)] == [
        item for item in once if not isinstance(item, repeatable)
    ]


@pytest.mark.parametrize("name", HUB_TRACES)
def test_order_across_channels_does_not_matter(name: str) -> None:
    stream = read(name)
    told, _ = play(stream)
    for seed in range(SHUFFLES):
        again, calls = play(shuffled(stream, seed))
        assert without_time(again) == without_time(told), f"seed {seed}"
        assert not calls.legs.keys() & {item.offer_id for item in again if isinstance(item, TalkEnded)}


def kinds(told: list[Happening]) -> list[str]:
    return [type(item).__name__ for item in told]


def test_answered() -> None:
    told, _ = play(read("hub-answered"))
    assert kinds(told) == [
        "Arrived",
        "Queued",
        "LegSeen",
        "LegRinging",
        "LegUp",
        "TalkEnded",
    ]
    assert told[0] == Arrived("1795355691.0", "", "1000")
    assert isinstance(told[5], TalkEnded)
    assert told[5].by == "agent"


def test_caller_leaves_while_talking() -> None:
    calls = waiting_call()
    leg(calls, event("BridgeEnter", Uniqueid="leg-o1", BridgeType="basic"))
    calls.handle(event("BridgeEnter", Uniqueid="1.0", BridgeType="basic"))
    calls.handle(event("HangupRequest", Uniqueid="1.0", Channel="PJSIP/trunk-1"))
    told = calls.handle(event("Hangup", Uniqueid="1.0", Channel="PJSIP/trunk-1"))
    assert told == [
        TalkEnded("1.0", "o1", "customer"),
        Gone("1.0", CallStage.TALKING, "customer", ("PJSIP/agent1-1",)),
    ]
    assert calls.handle(event("Hangup", Cause="16", **HANGUP)) == []


def test_rejected_then_the_next_agent() -> None:
    told, _ = play(read("hub-reject"))
    assert kinds(told).count("LegSeen") == 2
    assert [item.failure for item in told if isinstance(item, LegFailed)] == [LegFailure.BUSY]
    assert kinds(told).count("LegUp") == 1


@pytest.mark.parametrize(
    ("name", "stage"),
    [("hub-abandon_ivr", CallStage.IVR), ("hub-abandon_wait", CallStage.WAITING)],
)
def test_abandoned(name: str, stage: CallStage) -> None:
    told, calls = play(read(name))
    assert isinstance(told[-1], Gone)
    assert (told[-1].stage, told[-1].by) == (stage, "customer")
    assert not calls.by_id


def test_no_hub_strands_the_caller() -> None:
    calls = Calls("k")
    seen = {"Key": "k", "Call": "1.0", "Uniqueid": "1.0", "Channel": "PJSIP/trunk-1"}
    told = calls.handle(event("UserEvent", UserEvent="HubNew", ANI="+49", DID="1000", **seen))
    assert told == [Arrived("1.0", "+49", "1000")]
    assert calls.handle(event("UserEvent", UserEvent="HubFallback", **seen)) == [Stranded("1.0")]


@pytest.mark.parametrize(
    ("name", "stage", "up"),
    [
        ("hub-crash_talk-after", CallStage.TALKING, True),
        ("hub-crash_hold-after", CallStage.HELD, True),
        ("hub-crash_wait-after", CallStage.WAITING, False),
        ("hub-hub_down", CallStage.FALLBACK, False),
    ],
)
def test_found_again_after_a_crash(name: str, stage: CallStage, up: bool) -> None:
    rows = [item for item in read(name) if isinstance(item, Message) and item.event == "Status"]
    (found,) = from_status(rows)
    assert (found.live.stage, found.live.leg_up, bool(found.live.agent_id)) == (stage, up, up)
    assert (found.live.waiting_since_ms is None) == (stage is CallStage.FALLBACK)
    told, _ = play(read(name))
    assert not any(isinstance(item, Arrived) for item in told)


def test_hostile_caller_is_no_call() -> None:
    told, calls = play(read("hostile_crlf"))
    assert {item.call_id for item in told if isinstance(item, Gone)} <= {
        item.call_id for item in told if isinstance(item, Arrived)
    }
    assert "forged" not in repr(told) + repr(calls)


def event(name: str, **headers: str) -> Message:
    return message([("Event", name), *((key.replace("_", "-"), value) for key, value in headers.items())])


def waiting_call(key: str = "k") -> Calls:
    calls = Calls(key)
    told = calls.handle(
        event("UserEvent", UserEvent="HubWait", Key=key, Call="1.0", Uniqueid="1.0", Channel="PJSIP/trunk-1")
    )
    assert kinds(told) == ["Arrived", "Queued"]
    return calls


@pytest.mark.parametrize(
    "headers",
    [
        {"Key": "guess", "Call": "1.0", "Uniqueid": "1.0"},
        {"Call": "1.0", "Uniqueid": "1.0"},
        {"Key": "k", "Call": "1.0", "Uniqueid": "2.0"},
    ],
)
def test_user_event_of_a_stranger_is_dropped(headers: dict[str, str]) -> None:
    assert Calls("k").handle(event("UserEvent", UserEvent="HubWait", Channel="x", **headers)) == []


def test_event_with_a_header_smuggled_in_is_dropped() -> None:
    calls = waiting_call()
    forged = message(
        [("Event", "Hangup"), ("Uniqueid", "1.0"), ("Channel", "PJSIP/trunk-1"), ("Uniqueid", "2.0")]
    )
    assert calls.handle(forged) == []
    assert calls.handle(event("Hangup", Uniqueid="1.0", Channel="PJSIP/trunk-2")) == []
    assert kinds(calls.handle(event("Hangup", Uniqueid="1.0", Channel="PJSIP/trunk-1"))) == ["Gone"]


def leg(calls: Calls, *events: Message) -> list[Happening]:
    calls.expect("o1", "1.0", "ring-o1")
    told = calls.handle(event("Newchannel", Uniqueid="leg-o1", Channel="PJSIP/agent1-1"))
    assert told == [LegSeen("o1")]
    assert calls.legs["o1"].endpoint == "agent1"
    return [happening for item in events for happening in calls.handle(item)]


HANGUP = {"Uniqueid": "leg-o1", "Channel": "PJSIP/agent1-1"}


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        ("17", LegFailure.BUSY),
        ("21", LegFailure.REJECTED),
        ("19", LegFailure.NO_ANSWER),
        ("18", LegFailure.NO_ANSWER),
        ("1", LegFailure.UNREACHABLE),
        ("16", LegFailure.CANCELLED),
        ("34", LegFailure.ERROR),
        ("", LegFailure.ERROR),
    ],
)
def test_why_a_leg_failed(cause: str, failure: LegFailure) -> None:
    calls = waiting_call()
    assert leg(calls, event("Hangup", Cause=cause, **HANGUP)) == [LegFailed("o1", failure)]
    assert calls.known("o1")
    assert calls.handle(event("Newchannel", Uniqueid="leg-o1", Channel="PJSIP/agent1-1")) == []


def test_phone_that_is_unavailable_did_not_ring_in_vain() -> None:
    calls = waiting_call()
    said = event("DialEnd", DestUniqueid="leg-o1", DialStatus="NOANSWER")
    told = leg(calls, said, event("Hangup", Cause="19", **HANGUP))
    assert told == [LegFailed("o1", LegFailure.UNREACHABLE)]


def test_phone_that_is_not_registered_has_no_channel() -> None:
    calls = waiting_call()
    calls.expect("o1", "1.0", "ring-o1")
    refused = event("OriginateResponse", ActionID="ring-o1", Response="Failure", Uniqueid="<null>")
    assert calls.handle(refused) == [LegFailed("o1", LegFailure.UNREACHABLE)]
    assert calls.handle(refused) == []


def test_answer_that_crosses_the_cancel_is_taken_back() -> None:
    calls = waiting_call()
    leg(calls)
    calls.legs["o1"].cancelled = True
    assert calls.handle(event("BridgeEnter", Uniqueid="leg-o1", BridgeType="basic")) == [TakenBack("1.0")]
    assert calls.handle(event("Hangup", Cause="16", **HANGUP)) == [LegFailed("o1", LegFailure.CANCELLED)]


def test_ringing_is_told_once_whichever_event_says_it() -> None:
    calls = waiting_call()
    told = leg(
        calls,
        event("DialState", DestUniqueid="leg-o1", DialStatus="RINGING"),
        event("Newstate", Uniqueid="leg-o1", ChannelStateDesc="Ringing"),
        event("BridgeEnter", Uniqueid="leg-o1", BridgeType="basic"),
    )
    assert told == [LegRinging("o1"), LegUp("o1")]


def test_asterisk_that_starts_anew_may_name_another_caller_the_same() -> None:
    calls = Calls("k")
    seen = {"UserEvent": "HubWait", "Key": "k", "Uniqueid": "7.0", "Channel": "PJSIP/trunk-0"}
    assert kinds(calls.handle(event("UserEvent", Call="7.0-000100", **seen))) == ["Arrived", "Queued"]
    calls.adopt([])
    told = calls.handle(event("UserEvent", Call="7.0-000900", **seen))
    assert told == [Arrived("7.0-000900", "", ""), Queued("7.0-000900", {})]
    (gone,) = calls.handle(event("Hangup", Uniqueid="7.0", Channel="PJSIP/trunk-0"))
    assert isinstance(gone, Gone)
    assert gone.call_id == "7.0-000900"


@pytest.mark.parametrize(
    ("call_id", "unique_id", "its"),
    [
        ("7.0-000100", "7.0", True),
        ("7.0", "7.0", True),
        ("7.01-000100", "7.0", False),
        ("7.0-000100", "leg-o1", False),
        ("", "7.0", False),
    ],
)
def test_whose_call_it_is(call_id: str, unique_id: str, its: bool) -> None:
    assert belongs(call_id, unique_id) is its

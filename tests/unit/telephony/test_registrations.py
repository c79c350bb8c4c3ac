"""Which phones can be reached, from lists and events."""

from telephony.ami import Message
from telephony.registrations import Registrations
from tests.unit.telephony.traces import message


def row(**headers: str) -> Message:
    return message([("Event", "EndpointList"), *headers.items()])


def status(endpoint: str, uri: str, value: str) -> Message:
    return message(
        [("Event", "ContactStatus"), ("URI", uri), ("ContactStatus", value), ("EndpointName", endpoint)]
    )


def registrations() -> Registrations:
    known = Registrations()
    known.replace(
        [
            row(ObjectName="a", Auths="a"),
            row(ObjectName="b", Auths="b"),
            row(ObjectName="trunk", Auths=""),
        ],
        [
            row(Endpoint="a", Uri="sip:a@1", Status="NonQualified"),
            row(Endpoint="b", Uri="sip:b@1;transport=ws", Status="Unreachable"),
            row(Endpoint="trunk", Uri="sip:t", Status="Reachable"),
        ],
    )
    return known


def test_lists() -> None:
    assert registrations().all() == [("a", True), ("b", False)]


def test_only_changes_are_told() -> None:
    known = registrations()
    assert known.handle(status("a", "sip:a@2", "Created")) is None
    assert known.handle(status("a", "sip:a@1", "Removed")) is None
    assert known.handle(status("a", "sip:a@2", "Unreachable")) == ("a", False)
    assert known.handle(status("b", "sip:b@1;transport=ws", "Reachable")) == ("b", True)
    assert known.handle(status("stranger", "sip:x", "Reachable")) is None
    assert known.handle(message([("Event", "Hangup")])) is None


def test_softphone_in_a_browser_is_known_by_its_contact() -> None:
    known = registrations()
    known.handle(status("b", "sip:b@1;transport=ws", "Reachable"))
    assert known.is_web("b")
    assert not known.is_web("a")

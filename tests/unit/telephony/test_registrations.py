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
    assert known.handle(status("a", "sip:a@2", "Created")) == []
    assert known.handle(status("a", "sip:a@1", "Removed")) == []
    assert known.handle(status("a", "sip:a@2", "Unreachable")) == [("a", False)]
    assert known.handle(status("b", "sip:b@1;transport=ws", "Reachable")) == [("b", True)]
    assert known.handle(status("stranger", "sip:x", "Reachable")) == []
    assert known.handle(message([("Event", "Hangup")])) == []


def test_agent_is_reachable_by_phone_or_by_softphone() -> None:
    known = Registrations()
    known.replace([row(ObjectName="a", Auths="a"), row(ObjectName="a-web", Auths="a")], [])
    assert known.all() == [("a", False), ("a-web", False)]
    assert known.handle(status("a-web", "w", "Created")) == [("a-web", True), ("a", True)]
    assert known.to_ring("a") == "a-web"
    assert known.handle(status("a", "p", "Created")) == []
    assert known.handle(status("a-web", "w", "Removed")) == [("a-web", False)]
    assert known.to_ring("a") == "a"
    assert known.handle(status("a", "p", "Removed")) == [("a", False)]


def test_softphone_in_a_browser_is_known_by_its_contact() -> None:
    known = registrations()
    known.handle(status("b", "sip:b@1;transport=ws", "Reachable"))
    assert known.is_web("b")
    assert not known.is_web("a")

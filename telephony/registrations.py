"""Which phones can be reached: contacts per endpoint, from lists and ContactStatus events. Pure.

An agent `agent1` may have two endpoints: `agent1` for a SIP phone and `agent1-web` for the softphone in the
browser: they cannot be one, WebRTC media and plain media exclude each other. The hub knows `agent1` only.
"""

from collections.abc import Sequence

from telephony.ami import Message

WEB_SUFFIX = "-web"
_UNREACHABLE = frozenset({"Removed", "Unreachable"})


class Registrations:
    """Contacts by endpoint. One contact that is not known to be dead makes an endpoint reachable."""

    def __init__(self) -> None:
        self._contacts: dict[str, set[str]] = {}

    def replace(self, endpoints: Sequence[Message], contacts: Sequence[Message]) -> None:
        """Start from `PJSIPShowEndpoints` and `PJSIPShowContacts`."""
        self._contacts = {row.get("ObjectName"): set() for row in endpoints if row.get("Auths")}
        for row in contacts:
            known = self._contacts.get(row.get("Endpoint"))
            if known is not None and row.get("Status") not in _UNREACHABLE:
                known.add(row.get("Uri"))

    def all(self) -> list[tuple[str, bool]]:
        """Every phone that could register, and whether it, or its softphone, is reachable."""
        return [(endpoint, self._reachable(endpoint)) for endpoint in sorted(self._contacts)]

    def to_ring(self, endpoint: str) -> str:
        """The endpoint that rings for this name: the softphone while it is there."""
        return endpoint + WEB_SUFFIX if self._contacts.get(endpoint + WEB_SUFFIX) else endpoint

    def is_web(self, endpoint: str) -> bool:
        """Is the phone a softphone in a browser?"""
        return any("transport=ws" in uri.lower() for uri in self._contacts.get(endpoint, ()))

    def handle(self, event: Message) -> list[tuple[str, bool]]:
        """(name, reachable) of every name for which this event changed it."""
        if event.event != "ContactStatus" or event.repeats("Event", "EndpointName", "ContactStatus"):
            return []
        endpoint = event.get("EndpointName")
        contacts = self._contacts.get(endpoint)
        if contacts is None:
            return []
        names = [name for name in (endpoint, endpoint.removesuffix(WEB_SUFFIX)) if name in self._contacts]
        before = {name: self._reachable(name) for name in names}
        if event.get("ContactStatus") in _UNREACHABLE:
            contacts.discard(event.get("URI"))
        else:
            contacts.add(event.get("URI"))
        return [(name, not was) for name, was in before.items() if self._reachable(name) != was]

    def _reachable(self, endpoint: str) -> bool:
        return bool(self._contacts.get(endpoint) or self._contacts.get(endpoint + WEB_SUFFIX))

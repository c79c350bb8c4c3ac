"""Which phones can be reached: contacts per endpoint, from lists and ContactStatus events. Pure."""

from collections.abc import Iterable, Sequence

from telephony.ami import Message

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

    def all(self) -> Iterable[tuple[str, bool]]:
        """Every phone that could register, and whether it is reachable."""
        return [(endpoint, bool(contacts)) for endpoint, contacts in sorted(self._contacts.items())]

    def is_web(self, endpoint: str) -> bool:
        """Is the phone a softphone in a browser?"""
        return any("transport=ws" in uri.lower() for uri in self._contacts.get(endpoint, ()))

    def handle(self, event: Message) -> tuple[str, bool] | None:
        """(endpoint, reachable) if this event changed it."""
        if event.event != "ContactStatus" or event.repeats("Event", "EndpointName", "ContactStatus"):
            return None
        endpoint = event.get("EndpointName")
        contacts = self._contacts.get(endpoint)
        if contacts is None:
            return None
        before = bool(contacts)
        if event.get("ContactStatus") in _UNREACHABLE:
            contacts.discard(event.get("URI"))
        else:
            contacts.add(event.get("URI"))
        return (endpoint, bool(contacts)) if bool(contacts) != before else None

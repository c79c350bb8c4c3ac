"""Which mails no person wrote. Pure.

The answer decides whether a mail may open work, so doubt counts as "written by a person".
"""

import re
from collections.abc import Sequence

RECEIVED_MAX = 100
"""A mail that passed more hops than this is going round in circles."""

_MACHINE = re.compile(r"^(mailer-daemon|postmaster|double-bounce)@", re.IGNORECASE)
_FAILURE = re.compile(
    r"failure notice|undeliver|delivery (status|failure|has failed)|returned (mail|to sender)", re.I
)


class Headers:
    """Names in lower case to their values in order of appearance, already decoded to clean text."""

    def __init__(self, items: Sequence[tuple[str, str]]) -> None:
        self._items = tuple((name.lower(), value) for name, value in items)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._items if key == name]

    def first(self, name: str) -> str:
        return next((value for key, value in self._items if key == name), "")


def automatic_reason(
    headers: Headers, sender: str, report_type: str, own_address: str, list_ids: Sequence[str]
) -> str:
    """Return "" for people, else bounce, read_receipt, auto_reply or bulk.

    `report_type` is that of a multipart/report, else "". `list_ids`: lists through which people write to us.
    """
    if report_type == "disposition-notification":
        return "read_receipt"
    null_path = any(value.replace(" ", "") == "<>" for value in headers.all("return-path"))
    subject = headers.first("subject")
    if report_type == "delivery-status" or (
        (null_path or _MACHINE.match(sender)) and (_MACHINE.match(sender) or _FAILURE.search(subject))
    ):
        return "bounce"
    said = headers.first("auto-submitted").partition(";")[0].strip().lower()
    precedence = headers.first("precedence").strip().lower()
    if said not in ("", "no") or null_path or precedence == "auto_reply":
        return "auto_reply"
    if any(headers.first(name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder")):
        return "auto_reply"
    if sender == own_address.lower() or len(headers.all("received")) > RECEIVED_MAX:
        return "auto_reply"
    list_id = headers.first("list-id").lower()
    if any(known.lower() in list_id for known in list_ids if list_id):
        return ""
    return "bulk" if list_id or precedence in ("bulk", "junk", "list") else ""

"""Which mails no person wrote."""

import pytest

from channels.email.automatic import Headers, automatic_reason

OURS = "support@hub.example"


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([], ""),
        ([("Auto-Submitted", "no")], ""),
        ([("Auto-Submitted", "auto-replied; x=y")], "auto_reply"),
        ([("Precedence", "Bulk")], "bulk"),
        ([("Precedence", "first-class")], ""),
        ([("List-Id", "News <news.shop.example>")], "bulk"),
        ([("List-Id", "Support <support.lists.example>")], ""),
        ([("X-Autoreply", "yes")], "auto_reply"),
        ([("Return-Path", "< >"), ("Subject", "hi")], "auto_reply"),
        ([("Return-Path", "<>"), ("Subject", "Undeliverable: hi")], "bounce"),
        ([("Received", "x")] * 101, "auto_reply"),
        ([("X-Auto-Response-Suppress", "All")], ""),
    ],
)
def test_headers_tell_machines_from_people(items: list[tuple[str, str]], reason: str) -> None:
    """Doubt counts as a person."""
    headers = Headers(items)
    assert automatic_reason(headers, "kim@customer.example", "", OURS, ["support.lists.example"]) == reason


def test_our_own_mail_coming_back_opens_nothing() -> None:
    """A forwarding rule that returns our answers must not become a loop."""
    assert automatic_reason(Headers([]), OURS, "", OURS, []) == "auto_reply"

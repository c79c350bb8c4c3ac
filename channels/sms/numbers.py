"""Telephone numbers as the hub compares them. Pure."""

import re

import phonenumbers

SENDER_MAX_CHARS = 64


def normal_number(number: str, region: str) -> str:
    """E.164 for a real number read in `region` (ISO 3166, e.g. "DE"); anything else trimmed as it came.

    Short codes ("72345") and alphanumeric senders ("DHL") are no telephone numbers and stay themselves.
    """
    cleaned = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", number).split())[:SENDER_MAX_CHARS]
    if re.fullmatch(r"\d{3,6}", cleaned):
        return cleaned
    try:
        parsed = phonenumbers.parse(cleaned, region or None)
    except phonenumbers.NumberParseException:
        return cleaned
    if not re.search(r"\d", cleaned) or not phonenumbers.is_possible_number(parsed):
        return cleaned
    if re.search(r"[A-Za-z]", cleaned) and not cleaned.lower().startswith(
        "tel:"
    ):  # "DHL24", not a vanity number
        return cleaned
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

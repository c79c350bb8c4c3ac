"""What is new in an answer, without the quoted history. Pure, but slow on purpose-made input.

The library's patterns take minutes on some texts of a few kilobytes, so the caller needs a time limit
(worker.py has one). The result is for display only: the full text is always kept.
"""

import re

from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]

TEXT_MAX_CHARS = 20_000
"""Longer texts are shown whole."""

_LANGUAGES = ["en", "zh", "de", "fr", "es", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "da", "cs"]
_BLANKS = re.compile(r"[ \t\xa0]{3,}")
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")


def new_text(text: str) -> str:
    """The part above or between the quotes; empty when nothing can be folded away."""
    if len(text) > TEXT_MAX_CHARS:
        return ""
    tidy = _BLANK_LINES.sub("\n\n", _BLANKS.sub("  ", text)).strip()
    reply = (EmailReplyParser(languages=list(_LANGUAGES)).parse_reply(tidy) or "").strip()
    return reply if reply and len(reply) < len(tidy) else ""

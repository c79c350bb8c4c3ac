"""HTML of strangers: made harmless for display, and read as text. Pure.

Sanitiser and text reader are libraries; what is ours are the caps in front of them, since both slow down or
lose text on absurd nesting.
"""

from html.parser import HTMLParser

import nh3
from inscriptis import get_text  # type: ignore[import-untyped]
from lxml.etree import LxmlError  # type: ignore[import-untyped]

from channels.email.text import clean

HTML_MAX_CHARS = 1_000_000
NESTING_MAX = 400

_VOID = frozenset(
    (
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    )
)
_DROPPED_WITH_CONTENT = {"script", "style", "template", "noscript", "title", "iframe", "object", "textarea"}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}


class _Outline(HTMLParser):
    """Collects plain text and the deepest nesting, in one forgiving pass."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.depth = 0
        self.deepest = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._silent += 1
        if tag in ("br", "p", "div", "tr", "li"):
            self.pieces.append("\n")
        if tag not in _VOID:
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._silent = max(0, self._silent - 1)
        self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.pieces).splitlines())
        return "\n".join(line for line in lines if line)


def rendered(html: str, *, with_text: bool) -> tuple[str, str]:
    """(safe HTML, its readable text or "" when not wanted).

    Safe is without anything that runs, loads from elsewhere, submits or floats; `cid:` images stay. It is
    empty when the input is too long or too deeply nested to be made safe at a bounded price. The text has
    tables and lists laid out; it is plainly joined where that fails.
    """
    outline = _outline(html[: 4 * HTML_MAX_CHARS])
    harmless = len(html) <= HTML_MAX_CHARS and outline.deepest <= NESTING_MAX
    safe = _cleaned(html) if harmless else ""
    if not with_text:
        return safe, ""
    return safe, _laid_out(safe) or clean(outline.text())


def _laid_out(safe: str) -> str:
    if not safe:
        return ""
    try:
        text = clean(get_text(safe)).strip()
    except (LxmlError, ValueError, RecursionError):
        return ""
    return "\n".join(line.rstrip() for line in text.splitlines())


def _outline(html: str) -> _Outline:
    outline = _Outline()
    try:
        outline.feed(html)
        outline.close()
    except (AssertionError, ValueError):  # the stdlib parser's own limits on broken declarations
        outline.deepest = NESTING_MAX + 1
    return outline


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        tags=set(nh3.ALLOWED_TAGS) - _DROPPED_WITH_CONTENT,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Keep an attribute unless it would fetch something: only embedded images show."""
    if name in ("src", "background", "poster", "srcset", "longdesc", "cite"):
        return value if name == "src" and value.lower().startswith("cid:") else None
    return value

"""Reading untrusted JSON: every mistake is noted with its place, and reading goes on to find the next one."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard, TypeVar, cast

Word = TypeVar("Word", bound=StrEnum)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
TEXT_CHARS_MAX = 200
PROBLEMS_MAX = 1_000
"""So many mistakes are told of one body; what comes after them is not."""
_SHOWN_BITS_MAX = 128


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake: a JSON pointer (RFC 6901) into the body, and a sentence for its author."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


def pointer(base: str, *tokens: str | int) -> str:
    """Extend a JSON pointer, escaping what RFC 6901 wants escaped."""
    return base + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


class Reader:
    """Takes typed values out of parsed JSON; collects a Problem for each that is not as it should be."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, at: str, message: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(at, message))

    def mapping(self, value: object, at: str, allowed: Iterable[str]) -> Mapping[str, Any]:
        """An object with no other keys than these; empty when it is no object."""
        if not isinstance(value, dict):
            self.report(at, f"This must be an object, not {_kind(value)}.")
            return {}
        known = tuple(allowed)
        for key in value:
            if key not in known:
                self.report(pointer(at, key), f"Unknown key; expected one of {', '.join(known)}.")
        return value

    def listing(self, value: object, at: str, *, count_max: int) -> list[Any]:
        """A list of at most `count_max` items; empty when it is no list."""
        if not isinstance(value, list):
            self.report(at, f"This must be a list, not {_kind(value)}.")
            return []
        if len(value) > count_max:
            self.report(at, f"There are {len(value)} items here; at most {count_max} are allowed.")
            return value[:count_max]
        return value

    def ident(self, value: object, at: str) -> str | None:
        """An id: 1-64 letters, digits, `_`, `.` or `-`, beginning with a letter or digit."""
        if isinstance(value, str) and _ID.fullmatch(value):
            return value
        self.report(at, "An id is needed: up to 64 letters, digits, dots, dashes or underscores.")
        return None

    def text(self, value: object, at: str) -> str | None:
        """A text of 1-200 characters."""
        if not isinstance(value, str) or not value.strip():
            self.report(at, "A text is needed here.")
        elif len(value) > TEXT_CHARS_MAX:
            self.report(at, f"The text has {len(value)} characters; at most {TEXT_CHARS_MAX} are allowed.")
        else:
            return value
        return None

    def whole(self, value: object, at: str, low: int, high: int) -> int | None:
        """A whole number from low to high."""
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.report(at, f"This must be a whole number from {low} to {high}, not {shown(value)}.")
        return None

    def flag(self, value: object, at: str) -> bool:
        """True or false; false when it is neither."""
        if isinstance(value, bool):
            return value
        self.report(at, f"This must be true or false, not {shown(value)}.")
        return False

    def choice(self, value: object, at: str, choices: type[Word]) -> Word | None:
        """One of the words of an enumeration."""
        found = next((choice for choice in choices if choice == value), None)
        if found is None:
            self.report(at, f"This must be {either(choices)}, not {shown(value)}.")
        return found

    def spans_ms(
        self, entry: Mapping[str, Any], at: str, ranges: Mapping[str, tuple[int, int]]
    ) -> dict[str, int]:
        """The spans of an object that are there, in milliseconds: `ring_s` becomes `ring_ms`.

        ranges: lowest and highest number of seconds by key.
        """
        found = {}
        for key, (low_s, high_s) in ranges.items():
            if key in entry:
                span_ms = self.span_ms(entry[key], pointer(at, key), low_s, high_s)
                if span_ms is not None:
                    found[key.removesuffix("_s") + "_ms"] = span_ms
        return found

    def span_ms(self, value: object, at: str, low_s: int, high_s: int) -> int | None:
        """Seconds from low to high, fractions allowed, as whole milliseconds."""
        if is_number(value) and low_s <= value <= high_s:
            return round(value * 1000)
        self.report(at, f"This must be seconds from {low_s} to {high_s}, not {shown(value)}.")
        return None


def is_number(value: object) -> TypeGuard[int | float]:
    """A finite number; booleans are none."""
    kind = type(value)
    return kind is int or (kind is float and math.isfinite(cast("float", value)))


def either(words: Iterable[str]) -> str:
    """Words as alternatives: “hold, overflow or callback”."""
    *others, last = (f"“{word}”" for word in words)
    return f"{', '.join(others)} or {last}" if others else last


def shown(value: object) -> str:
    """A value as it may stand in a message: short, quoted when a text."""
    if isinstance(value, dict | list):
        return _kind(value)
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS_MAX:
        return "a huge number"
    text = repr(value[:TEXT_CHARS_MAX] if isinstance(value, str) else value)
    return text if len(text) <= 40 else text[:39] + "…"


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true or false"
    return "a number" if isinstance(value, int | float) else "a text"

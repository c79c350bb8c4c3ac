"""A call's IVR answers as one channel variable, so that they outlive the hub."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

ANSWERS_MAX = 40


def write_answers(answers: Mapping[str, str]) -> str:
    """IVR answers as one channel variable: no comma, semicolon, quote or space can be in it."""
    return urlencode(dict(list(answers.items())[:ANSWERS_MAX]))


def read_answers(text: str) -> dict[str, str]:
    """The reverse of `write_answers`; what is not readable is left out."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=ANSWERS_MAX))
    except ValueError:
        return {}

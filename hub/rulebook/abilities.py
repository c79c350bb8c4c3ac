"""What a hub can do with a contact besides connecting it; rules that ask for more are refused when saved.

The engine knows every end that a plan and every answer that a full queue can have; whether somebody is then
really called back depends on what stands around it here. Refused too is what could not be read back as it was
written: its hash would name something else.
"""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any

import orjson

from routing.rules.ruleset import Problem, check, content_hash

BODY_MAX_BYTES = 1_000_000


class Ability(StrEnum):
    """Spelled as a rule set spells the end of a plan, or what becomes of a contact when a queue is full."""

    CALLBACK = "callback"
    VOICEMAIL = "voicemail"
    TURN_AWAY = "turn_away"


_MISSING = {
    Ability.CALLBACK: "This installation cannot call customers back, so nobody may be promised it.",
    Ability.VOICEMAIL: "This installation cannot take voicemail; a caller would be left with nobody.",
    Ability.TURN_AWAY: (
        "This installation cannot turn a caller away from a full queue; let it overflow into another one,"
        " or take the limit of its length out."
    ),
}


def mistakes(body: object, able: Collection[Ability]) -> list[Problem]:
    """Everything that keeps this body from being saved here: mistakes first, else what this hub cannot do."""
    problems = check(body) or _lost(body)
    if problems or not isinstance(body, Mapping):
        return problems
    return unable(body, able)


def unable(body: Mapping[str, Any], able: Collection[Ability]) -> list[Problem]:
    """What a correct body asks for and this hub cannot do."""
    return [
        Problem(pointer, _MISSING[Ability(wish)])
        for pointer, wish in _wishes(body)
        if wish in _MISSING and wish not in able
    ]


def _lost(body: object) -> list[Problem]:
    try:
        stored = orjson.dumps(body)
    except TypeError as error:
        return [Problem("", f"The rule set holds something that cannot be kept: {error}.")]
    if len(stored) > BODY_MAX_BYTES:
        return [Problem("", f"The rule set is larger than {BODY_MAX_BYTES} bytes.")]
    if content_hash(orjson.loads(stored)) != content_hash(body):
        return [Problem("", "The rule set holds a number that cannot be kept exactly.")]
    return []


def _wishes(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pointer and value of every place where a correct body says what becomes of a contact unserved."""
    for index, rule in enumerate(body.get("rules", ())):
        yield f"/rules/{index}/then/end", rule["then"]["end"]
    yield "/default/end", body["default"]["end"]
    for index, queue in enumerate(body["queues"]):
        at = f"/queues/{index}"
        for key in ("plan", "when_closed"):
            if queue.get(key) is not None:
                yield f"{at}/{key}/end", queue[key]["end"]
        if queue.get("full") is not None:
            yield f"{at}/full", queue["full"]
        elif queue.get("length_max") is not None:
            yield f"{at}/length_max", Ability.TURN_AWAY

"""What a hub can do with a contact besides connecting it; rules that ask for more are refused when saved.

The engine knows every end that a plan and every answer that a full queue can have; whether somebody is then
really called back depends on what stands around it here.
"""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any

from routing.rules.ruleset import Problem, check


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
    problems = check(body)
    if problems or not isinstance(body, Mapping):
        return problems
    return [
        Problem(pointer, _MISSING[Ability(wish)])
        for pointer, wish in _wishes(body)
        if wish in _MISSING and wish not in able
    ]


def _wishes(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pointer and value of every place where a correct body says what becomes of a contact unserved."""
    for index, rule in enumerate(body.get("rules", ())):
        yield f"/rules/{index}/then/end", rule["then"]["end"]
    yield "/default/end", body["default"]["end"]
    for index, queue in enumerate(body["queues"]):
        at = f"/queues/{index}"
        if "plan" in queue:
            yield f"{at}/plan/end", queue["plan"].get("end", "")
        if "length_max" in queue:
            yield (f"{at}/full", queue["full"]) if "full" in queue else (f"{at}/length_max", "turn_away")

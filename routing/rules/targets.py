"""Whom a rule asks, as it says it (`needs`, `any_of`), and whom it would rather ask (`prefers`).

What it comes to are the targets of `routing/target.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from routing.rules.draft import Draft
from routing.rules.problems import pointer
from routing.target import ANYBODY, Target, all_of, both, has_all
from routing.target import Needs as Alternative
from routing.types import SkillId, SkillNeed, SkillWish

NEEDS_MAX = 10
ALTERNATIVES_MAX = 16
WISH_POINTS = 20

Needs = tuple[SkillNeed, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The `needs`, `any_of` and `prefers` of one entry."""

    target: Target = ANYBODY
    prefers: tuple[SkillWish, ...] = ()


def read_who(entry: Mapping[str, Any], at: str, draft: Draft) -> Who:
    """Whom an entry asks for; mistakes go to the draft's reader."""
    target = read_target(entry, at, draft)
    wishes = _wishes(entry.get("prefers", []), pointer(at, "prefers"), draft)
    return Who(target, wishes)


def read_target(entry: Mapping[str, Any], at: str, draft: Draft) -> Target:
    """The `needs` and `any_of` of an entry as one target."""
    needs = read_needs(entry.get("needs", []), pointer(at, "needs"), draft)
    place = pointer(at, "any_of")
    listed = draft.reader.listing(entry.get("any_of", []), place, count_max=ALTERNATIVES_MAX)
    alternatives = []
    for index, item in enumerate(listed):
        alternatives.append(read_needs(item, pointer(place, index), draft))
        if item == []:
            draft.reader.report(pointer(place, index), "An alternative without skills would be anybody.")
    return minimised(all_of((*needs, *more)) for more in alternatives or ((),))


def read_needs(items: object, at: str, draft: Draft) -> Needs:
    """A list of `{skill, min_level?}`, each skill once."""
    needs: dict[SkillId, SkillNeed] = {}
    for index, item in enumerate(draft.reader.listing(items, at, count_max=NEEDS_MAX)):
        place = pointer(at, index)
        entry = draft.reader.mapping(item, place, ("skill", "min_level"))
        level = draft.reader.whole(entry.get("min_level", 1), pointer(place, "min_level"), 1, 100)
        skill = draft.skill(entry.get("skill"), pointer(place, "skill"))
        if skill is not None:
            if skill in needs:
                draft.reader.report(pointer(place, "skill"), f"The skill {skill} is asked for twice.")
            needs[skill] = SkillNeed(skill, level or 1)
    return tuple(needs.values())


def _wishes(items: object, at: str, draft: Draft) -> tuple[SkillWish, ...]:
    wishes: dict[tuple[SkillId, int], SkillWish] = {}
    reader = draft.reader
    for index, item in enumerate(reader.listing(items, at, count_max=NEEDS_MAX)):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("skill", "min_level", "points"))
        level = reader.whole(entry.get("min_level", 1), pointer(place, "min_level"), 1, 100) or 1
        points = reader.whole(entry.get("points", WISH_POINTS), pointer(place, "points"), 1, 100)
        skill = draft.skill(entry.get("skill"), pointer(place, "skill"))
        if skill is not None:
            if (skill, level) in wishes:
                reader.report(place, f"The skill {skill} from {level} is preferred twice.")
            wishes[(skill, level)] = SkillWish(skill, level, points or WISH_POINTS)
    return tuple(wishes.values())


def together(first: Who, second: Who) -> Who:
    """Who meets one target and the other; preferences of both, the second's points where they agree."""
    wishes = {(wish.skill, wish.min_level): wish for wish in (*first.prefers, *second.prefers)}
    return Who(both(first.target, second.target), tuple(wishes.values()))


def union(targets: Iterable[Target]) -> Target:
    """Who meets any of the targets."""
    return minimised(alternative for target in targets for alternative in target)


def minimised(alternatives: Iterable[Alternative]) -> Target:
    """Sorted, without those that ask for more than another does."""
    distinct = sorted(set(alternatives))
    return tuple(
        alternative
        for alternative in distinct
        if not any(other != alternative and has_all(dict(alternative), other) for other in distinct)
    )


def as_needs(target: Target) -> tuple[Needs, tuple[Needs, ...]]:
    """The target as `needs` that all alternatives share and `any_of` for the rest."""
    shared = [pair for pair in target[0] if all(pair in alternative for alternative in target)]
    if len(target) == 1:
        return _needs(shared), ()
    rest = (_needs(pair for pair in alternative if pair not in shared) for alternative in target)
    return _needs(shared), tuple(rest)


def _needs(pairs: Iterable[tuple[SkillId, int]]) -> Needs:
    return tuple(SkillNeed(skill, level) for skill, level in pairs)

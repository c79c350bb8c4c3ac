"""Whom a contact may go to, as a set of alternatives: any of, all of (skill, least level).

A target is canonical: alternatives are sorted and none contains another, so equal demands are equal values
and a hundred thousand contacts share a few thousand lines. The target of anybody is one empty alternative.
"""

from collections.abc import Iterable

from routing.types import SkillId, SkillNeed

Needs = tuple[tuple[SkillId, int], ...]
"""All of these: skill and least level, sorted by skill."""
Target = tuple[Needs, ...]
"""Any of these."""

ANYBODY: Target = ((),)
ALTERNATIVES_MAX = 64
"""More than the rules can say; a plan from elsewhere is cut to its first ones rather than be slow."""


def all_of(needs: Iterable[SkillNeed]) -> Needs:
    """The needs together, the higher level where two name a skill."""
    levels: dict[SkillId, int] = {}
    for need in needs:
        levels[need.skill] = max(levels.get(need.skill, 1), need.min_level)
    return tuple(sorted(levels.items()))


def target_of(needs: tuple[SkillNeed, ...], any_of: tuple[tuple[SkillNeed, ...], ...]) -> Target:
    """`needs`, and all of one of `any_of` where there are any."""
    return canonical(all_of((*needs, *more)) for more in any_of or ((),))


def both(first: Target, second: Target) -> Target:
    """Who meets one target and the other too."""
    if first == ANYBODY:
        return second
    if second == ANYBODY:
        return first
    return canonical(_joined(one, other) for one in first for other in second)


def canonical(alternatives: Iterable[Needs]) -> Target:
    """Sorted, without alternatives that ask for more than another one does."""
    distinct = sorted(set(alternatives))[:ALTERNATIVES_MAX]
    kept = [
        needs
        for needs in distinct
        if not any(other != needs and _implies(needs, other) for other in distinct)
    ]
    return tuple(kept) or ANYBODY


def meets(skills: dict[SkillId, int], target: Target) -> bool:
    """Whether all needs of one alternative are there at their least levels."""
    return any(has_all(skills, needs) for needs in target)


def has_all(skills: dict[SkillId, int], needs: Needs) -> bool:
    """Whether every needed skill is there at its least level."""
    for skill, level in needs:  # noqa: SIM110 - this runs for every agent and demand, and a loop is faster
        if skills.get(skill, 0) < level:
            return False
    return True


def _joined(one: Needs, other: Needs) -> Needs:
    levels = dict(one)
    for skill, level in other:
        levels[skill] = max(levels.get(skill, 1), level)
    return tuple(sorted(levels.items()))


def _implies(needs: Needs, other: Needs) -> bool:
    """Whether everybody who has all `needs` has all `other` too."""
    return has_all(dict(needs), other)

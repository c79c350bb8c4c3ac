"""Targets are canonical: equal demands are equal values, however they were written."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from routing.target import ANYBODY, all_of, both, canonical, meets, target_of
from routing.types import SkillId, SkillNeed

A, B, C = (SkillId(name) for name in "abc")
need = st.builds(SkillNeed, st.sampled_from((A, B, C)), st.integers(1, 3))
needs = st.lists(need, max_size=2).map(tuple)
anys = st.lists(needs, max_size=3).map(tuple)
EVERYBODY = [dict(zip((A, B, C), levels, strict=True)) for levels in product(range(4), repeat=3)]


def test_the_higher_level_of_a_skill_named_twice_counts() -> None:
    assert all_of((SkillNeed(B, 2), SkillNeed(A), SkillNeed(B, 5))) == ((A, 1), (B, 5))


def test_an_alternative_that_only_asks_for_more_is_dropped() -> None:
    assert canonical([((A, 2), (B, 1)), ((A, 1),), ((C, 1),)]) == (((A, 1),), ((C, 1),))
    assert target_of((), ((), (SkillNeed(A),))) == ANYBODY


@given(needs, anys, needs, anys)
def test_both_admits_whom_each_admits(
    first: tuple[SkillNeed, ...],
    either: tuple[tuple[SkillNeed, ...], ...],
    second: tuple[SkillNeed, ...],
    other: tuple[tuple[SkillNeed, ...], ...],
) -> None:
    one, two = target_of(first, either), target_of(second, other)
    together = both(one, two)
    assert together == both(two, one)
    for skills in EVERYBODY:
        assert meets(skills, together) == (meets(skills, one) and meets(skills, two))


@given(needs, anys)
def test_a_target_admits_who_has_all_needs_and_one_alternative(
    mandatory: tuple[SkillNeed, ...], either: tuple[tuple[SkillNeed, ...], ...]
) -> None:
    target = target_of(mandatory, either)
    for skills in EVERYBODY:
        has = [all(skills[n.skill] >= n.min_level for n in group) for group in (mandatory, *either)]
        assert meets(skills, target) == (has[0] and (any(has[1:]) or not either))

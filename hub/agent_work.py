"""What an agent can do and how much it can hold: as people write it, and as the engine takes it.

Skills are `{skill: level}`, or `{skill: {level, source?, as_of?, decay_per_quarter?, floor?}}` with a date. A
capacity is `{units, caps, weights, tier?, interruptible_units?, interruptible?, blocks?, return_slots?,
ramp?: {gap_s, span_s}}`. What each means is said in `routing.types`; tables, files and the command line use
this form.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from routing.types import AgentSkill, Capacity, Channel, Ramp, SkillId

Level = Annotated[int, Meta(ge=1, le=100)]
Count = Annotated[int, Meta(ge=0, le=1_000)]
Units = Annotated[int, Meta(ge=1, le=1_000)]


class _Skill(Struct, forbid_unknown_fields=True):
    level: Level
    source: Annotated[str, Meta(min_length=1, max_length=40)] = "stated"
    as_of: date | None = None
    decay_per_quarter: Annotated[int, Meta(ge=0, le=100)] = 0
    floor: Level = 1


class _Ramp(Struct, forbid_unknown_fields=True):
    gap_s: Annotated[int, Meta(ge=1, le=3_600)]
    span_s: Annotated[int, Meta(ge=1, le=86_400)]


class _Capacity(Struct, forbid_unknown_fields=True):
    units: Units
    caps: dict[Channel, Count]
    weights: dict[Channel, Count] = {}
    tier: Annotated[int, Meta(ge=1, le=9)] = 1
    interruptible_units: Count = 0
    interruptible: tuple[Channel, ...] = ()
    blocks: tuple[tuple[Channel, Channel], ...] = ()
    return_slots: Count = 0
    ramp: _Ramp | None = None


class AgentWork(Struct, frozen=True):
    """As the engine takes it."""

    skills: tuple[AgentSkill, ...]
    capacity: Capacity
    tier: int


def read_work(skills: Mapping[str, Any], capacity: Mapping[str, Any]) -> AgentWork:
    """Raises ValueError that names every mistake with its place."""
    mistakes: list[str] = []
    known = []
    for skill, stated in sorted(skills.items()):
        found = _read(stated if isinstance(stated, Mapping) else {"level": stated}, _Skill)
        if isinstance(found, str):
            mistakes.append(f"skill {skill!r}: {found}")
        else:
            known.append(_skill(SkillId(skill), found))
    holds = _read(capacity, _Capacity)
    if isinstance(holds, str):
        mistakes.append(f"capacity: {holds}")
    elif holds.interruptible and not holds.interruptible_units:
        mistakes.append("capacity: interruptible channels need interruptible_units, or nothing fits on them")
    if mistakes or isinstance(holds, str):
        raise ValueError("; ".join(mistakes))
    return AgentWork(tuple(known), _held(holds), holds.tier)


def _read(value: Mapping[str, Any], kind: type[Any]) -> Any:
    """The value, or what is wrong with it."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return str(error)


def _skill(skill: SkillId, stated: _Skill) -> AgentSkill:
    as_of_ms = None
    if stated.as_of is not None:
        as_of_ms = int(datetime.combine(stated.as_of, time(), UTC).timestamp() * 1000)
    return AgentSkill(
        skill,
        stated.level,
        stated.source,
        as_of_ms,
        stated.decay_per_quarter,
        min(stated.floor, stated.level),
    )


def _held(capacity: _Capacity) -> Capacity:
    ramp = capacity.ramp
    return Capacity(
        units=capacity.units,
        caps=tuple(sorted(capacity.caps.items())),
        weights=tuple(sorted(capacity.weights.items())),
        interruptible_units=capacity.interruptible_units,
        interruptible=capacity.interruptible,
        blocks=capacity.blocks,
        return_slots=capacity.return_slots,
        ramp=None if ramp is None else Ramp(ramp.gap_s * 1000, ramp.span_s * 1000),
    )

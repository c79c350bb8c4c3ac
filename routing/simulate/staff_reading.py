"""Reads who works on a described day: groups of agents with skills, capacity, shifts and habits."""

from collections.abc import Mapping
from typing import Any

from routing.rules.problems import pointer, shown
from routing.simulate.reader import MONTH_S, ScenarioReader
from routing.simulate.scenario import Chain, Group, Habit
from routing.types import AgentSkill, Capacity, Channel, SkillId

GROUPS_MAX = 500
AGENTS_MAX = 20_000
SHIFTS_MAX = 50
SKILLS_MAX = 500
UNITS_MAX = 1_000

_KEYS = (
    "id",
    "count",
    "skills",
    "chain",
    "capacity",
    "tier",
    "shifts",
    "accept",
    "reject",
    "miss",
    "back_after_s",
)


def groups(items: object, at: str, reader: ScenarioReader) -> tuple[Group, ...]:
    """The groups of `agents`; mistakes go to the reader."""
    found: list[Group] = []
    for index, item in enumerate(reader.listing(items, at, count_max=GROUPS_MAX)):
        place = pointer(at, index)
        group = _group(item, place, reader)
        if any(known.group == group.group for known in found):
            reader.report(pointer(place, "id"), f"There are two groups called {group.group}.")
        found.append(group)
    if items == []:
        reader.report(at, "Nobody works: at least one group of agents is needed.")
    total = sum(group.count for group in found)
    if total > AGENTS_MAX:
        reader.report(at, f"There are {total} agents; at most {AGENTS_MAX} are allowed.")
    return tuple(found)


def _group(item: object, at: str, reader: ScenarioReader) -> Group:
    entry = reader.mapping(item, at, _KEYS)
    chain = _chain(entry["chain"], pointer(at, "chain"), reader) if "chain" in entry else None
    skills = _skills(entry.get("skills", {}), pointer(at, "skills"), reader)
    if chain is not None:
        for skill in skills:
            if skill.skill in chain.skills:
                reader.report(pointer(at, "chain"), f"The skill {skill.skill} is stated in skills too.")
    return Group(
        group=reader.ident(entry.get("id"), pointer(at, "id")) or "",
        count=reader.whole(entry.get("count"), pointer(at, "count"), 0, AGENTS_MAX) or 0,
        skills=skills,
        capacity=_capacity(entry.get("capacity"), pointer(at, "capacity"), reader),
        tier=reader.whole(entry.get("tier", 1), pointer(at, "tier"), 1, 3) or 1,
        chain=chain,
        shifts=_shifts(entry.get("shifts"), pointer(at, "shifts"), reader),
        habit=_habit(entry, at, reader),
    )


def _skills(value: object, at: str, reader: ScenarioReader) -> tuple[AgentSkill, ...]:
    """`{skill: level}`."""
    if not isinstance(value, dict):
        reader.report(at, f"This must be an object of skills and levels, not {shown(value)}.")
        return ()
    if len(value) > SKILLS_MAX:
        reader.report(at, f"There are {len(value)} skills here; at most {SKILLS_MAX} are allowed.")
        return ()
    found = []
    for name, level in value.items():
        skill = reader.ident(name, pointer(at, name))
        found.append(AgentSkill(SkillId(skill or ""), reader.whole(level, pointer(at, name), 1, 100) or 1))
    return tuple(found)


def _chain(value: object, at: str, reader: ScenarioReader) -> Chain:
    entry = reader.mapping(value, at, ("skills", "each", "level"))
    names = reader.listing(entry.get("skills"), pointer(at, "skills"), count_max=SKILLS_MAX)
    skills = []
    for index, name in enumerate(names):
        place = pointer(at, "skills", index)
        skill = SkillId(reader.ident(name, place) or "")
        if skill in skills:
            reader.report(place, f"The skill {skill} is in the ring twice.")
        skills.append(skill)
    each = reader.whole(entry.get("each"), pointer(at, "each"), 1, max(len(skills), 1)) or 1
    level = reader.whole(entry.get("level", 100), pointer(at, "level"), 1, 100) or 1
    return Chain(tuple(skills) or (SkillId(""),), each, level)


def _capacity(value: object, at: str, reader: ScenarioReader) -> Capacity:
    """`{units, caps: {channel: n}, weights?: {channel: units}}`; without it one call at a time."""
    if value is None:
        return Capacity(1, ((Channel.VOICE, 1),))
    entry = reader.mapping(value, at, ("units", "caps", "weights"))
    units = reader.whole(entry.get("units"), pointer(at, "units"), 1, UNITS_MAX) or 1
    caps = _by_channel(entry.get("caps"), pointer(at, "caps"), reader)
    weights = _by_channel(entry.get("weights", {}), pointer(at, "weights"), reader)
    return Capacity(units, caps, weights)


def _by_channel(value: object, at: str, reader: ScenarioReader) -> tuple[tuple[Channel, int], ...]:
    entry = reader.mapping(value, at, tuple(Channel))
    return tuple(
        (channel, reader.whole(entry[channel], pointer(at, channel), 0, UNITS_MAX) or 0)
        for channel in Channel
        if channel in entry
    )


def _shifts(items: object, at: str, reader: ScenarioReader) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for index, item in enumerate(reader.listing(items, at, count_max=SHIFTS_MAX)):
        place = pointer(at, index)
        start_ms, end_ms = reader.between(reader.mapping(item, place, ("from", "to")), place)
        if found and start_ms < found[-1][1]:
            reader.report(pointer(place, "from"), "Shifts must follow each other and may not overlap.")
        found.append((start_ms, end_ms))
    if items == []:
        reader.report(at, "At least one shift is needed.")
    return tuple(found)


def _habit(entry: Mapping[str, Any], at: str, reader: ScenarioReader) -> Habit:
    accept = entry.get("accept")
    reject = reader.number(entry.get("reject", 0), pointer(at, "reject"), 0, 1)
    miss = reader.number(entry.get("miss", 0), pointer(at, "miss"), 0, 1)
    if reject + miss > 1:
        reader.report(pointer(at, "miss"), "More offers are rejected and missed than are made.")
    back = reader.number(entry.get("back_after_s", 60), pointer(at, "back_after_s"), 0, MONTH_S)
    return Habit(
        accept=None if accept is None else reader.spread(accept, pointer(at, "accept")),
        reject=reject,
        miss=miss,
        back_after_ms=round(1000 * back),
    )

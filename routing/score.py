"""What an agent's candidacy is worth, in points, part by part.

All points are whole numbers, so no machine rounds them differently. The weights are chosen so that among
agents of one skill band the order is: least loaded, then longest idle, then id. `match.py` relies on exactly
that.
"""

from routing.commands import ScorePart
from routing.records import AgentRecord, ContactRecord
from routing.types import SkillId

BAND_POINTS = 20
CONTINUITY_POINTS = 150
LOAD_POINTS = 20
"""For each tenth of the capacity in use; more than IDLE_POINTS_MAX, so idleness never outweighs load."""
IDLE_POINTS_MAX = 10
IDLE_POINT_MS = 6_000
BANDS = 11

Needs = tuple[tuple[SkillId, int], ...]
"""Skill and least level, sorted by skill."""


def meets(skills: dict[SkillId, int], needs: Needs) -> bool:
    """Whether every needed skill is there at its least level."""
    return all(skills.get(skill, 0) >= level for skill, level in needs)


def skill_band(skills: dict[SkillId, int], needs: Needs) -> int:
    """The mean level over the needed skills in tenths, 0-10; 0 when nothing is needed."""
    if not needs:
        return 0
    return min(sum(skills.get(skill, 0) for skill, _ in needs) // (10 * len(needs)), BANDS - 1)


def band_points(band: int, value: int) -> int:
    """Skill fit and value times expertise: all that depends on the band alone."""
    return BAND_POINTS * band + value * band // 10


def idle_points(idle_ms: int) -> int:
    """One point for each six seconds since the agent last took or finished something, ten at most."""
    return min(max(idle_ms, 0) // IDLE_POINT_MS, IDLE_POINTS_MAX)


def total(agent: AgentRecord, band: int, contact: ContactRecord, known: bool, now_ms: int) -> int:
    """The sum of `parts`, without building them."""
    return (
        band_points(band, contact.value)
        + (CONTINUITY_POINTS if known else 0)
        - LOAD_POINTS * agent.load_tenths
        + idle_points(now_ms - agent.idle_since_ms)
    )


def parts(
    agent: AgentRecord, band: int, contact: ContactRecord, known: bool, now_ms: int
) -> tuple[ScorePart, ...]:
    """The named summands of the score."""
    return (
        ScorePart("skill_fit", BAND_POINTS * band),
        ScorePart("value_expertise", contact.value * band // 10),
        ScorePart("continuity", CONTINUITY_POINTS if known else 0),
        ScorePart("load", -LOAD_POINTS * agent.load_tenths),
        ScorePart("idleness", idle_points(now_ms - agent.idle_since_ms)),
    )

"""What an agent's candidacy is worth, in points, part by part.

All points are whole numbers, so no machine rounds them differently. The weights are chosen so that among
agents of one grade the order is: least loaded, then longest idle, then id. `match.py` relies on exactly that.
A grade is what an agent is worth for a demand whoever the customer is: a band of skill, and points for wishes
met less what the agent's tier costs.
"""

from routing.commands import ScorePart
from routing.records import AgentRecord, ContactRecord
from routing.target import Target, has_all
from routing.types import SkillId, SkillWish

BAND_POINTS = 20
CONTINUITY_POINTS = 150
LOAD_POINTS = 20
"""For each tenth of the capacity in use; more than IDLE_POINTS_MAX, so idleness never outweighs load."""
IDLE_POINTS_MAX = 10
IDLE_POINT_MS = 6_000
TIER_POINTS = 30
"""For each tier above the front line: a specialist is kept for what only a specialist can do."""
BANDS = 11

Grade = tuple[int, int]
"""(skill band 0-10, points for wishes less the cost of the tier)."""


def skill_band(skills: dict[SkillId, int], target: Target) -> int:
    """The mean level over the needed skills in tenths, 0-10; 0 when nothing is needed.

    Of several alternatives that the skills meet, the one that suits best counts.
    """
    best = 0
    for needs in target:
        if needs and has_all(skills, needs):
            levels = 0
            for skill, _ in needs:
                levels += skills[skill]
            band = levels // (10 * len(needs))
            if band > best:
                best = band
    return min(best, BANDS - 1)


def wish_points(skills: dict[SkillId, int], wishes: tuple[SkillWish, ...]) -> int:
    """The points of all wishes that the skills meet."""
    return sum(wish.points for wish in wishes if skills.get(wish.skill, 0) >= wish.min_level)


def grade_of(agent: AgentRecord, target: Target, wishes: tuple[SkillWish, ...]) -> Grade:
    """The grade of an agent who meets the target."""
    extra = wish_points(agent.skills, wishes) if wishes else 0
    return skill_band(agent.skills, target), extra - TIER_POINTS * (agent.tier - 1)


def grade_points(grade: Grade, value: int) -> int:
    """All that depends on the grade: skill fit, value times expertise, wishes, tier."""
    band, extra = grade
    return BAND_POINTS * band + value * band // 10 + extra


def idle_points(idle_ms: int) -> int:
    """One point for each six seconds since the agent last took or finished something, ten at most."""
    return min(max(idle_ms, 0) // IDLE_POINT_MS, IDLE_POINTS_MAX)


def total(agent: AgentRecord, grade: Grade, contact: ContactRecord, known: bool, now_ms: int) -> int:
    """The sum of `parts`, without building them."""
    band, extra = grade
    idle = (now_ms - agent.idle_since_ms) // IDLE_POINT_MS
    return (
        BAND_POINTS * band
        + contact.value * band // 10
        + extra
        + (CONTINUITY_POINTS if known else 0)
        - LOAD_POINTS * agent.load_tenths
        + (IDLE_POINTS_MAX if idle > IDLE_POINTS_MAX else idle)
    )


def parts(
    agent: AgentRecord,
    target: Target,
    wishes: tuple[SkillWish, ...],
    contact: ContactRecord,
    known: bool,
    now_ms: int,
) -> tuple[ScorePart, ...]:
    """The named summands of the score; wishes and tier only where they count."""
    band = skill_band(agent.skills, target)
    summands: tuple[ScorePart, ...] = (
        ScorePart("skill_fit", BAND_POINTS * band),
        ScorePart("value_expertise", contact.value * band // 10),
        ScorePart("continuity", CONTINUITY_POINTS if known else 0),
        ScorePart("load", -LOAD_POINTS * agent.load_tenths),
        ScorePart("idleness", idle_points(now_ms - agent.idle_since_ms)),
    )
    if wishes:
        summands += (ScorePart("wishes", wish_points(agent.skills, wishes)),)
    if agent.tier > 1:
        summands += (ScorePart("tier", -TIER_POINTS * (agent.tier - 1)),)
    return summands

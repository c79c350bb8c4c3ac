"""The two choices by looking at everybody: what the engine's searches are compared with, and must agree with.

They read the engine's own contacts and agents, but none of its lines, pools or orders.
"""

from routing.limits import Status
from routing.records import AgentRecord, ContactRecord
from routing.score import grade_of, total
from routing.state import State
from routing.target import all_of
from routing.types import Channel, ContactState, SkillId, SkillNeed


def first_contact(state: State, agent: AgentRecord, channels: tuple[Channel, ...]) -> ContactRecord | None:
    """Of all who wait and whom the agent may serve on these channels, the one that comes first.

    Every contact asks for skills only and ages at the common rate; who has been asked for one before is
    passed over, because somebody else can always be asked here.
    """
    skills = agent.skills
    best: ContactRecord | None = None
    place = 0
    for contact in state.contacts.values():
        if contact.state is not ContactState.QUEUED or contact.channel not in channels:
            continue
        if contact.exclusions and agent.agent in contact.exclusions:
            continue
        if has_skills(skills, contact.plan.steps[contact.step].needs):
            its_place = contact.place
            if best is None or its_place < place:
                best, place = contact, its_place
    return best


def best_agent(
    state: State, contact: ContactRecord, needs: tuple[SkillNeed, ...], now_ms: int
) -> AgentRecord | None:
    """Of all agents who are free on its channel and have the skills, the one with the highest score."""
    channel, target = contact.channel_index, (all_of(needs),)
    best: AgentRecord | None = None
    rank = (0, 0, "")
    for agent in state.roster.agents.values():
        if agent.status[channel] != Status.FREE or not has_skills(agent.skills, needs):
            continue
        score = total(agent, grade_of(agent, target, ()), contact, False, now_ms)
        its_rank = (-score, agent.idle_since_ms, agent.agent)
        if best is None or its_rank < rank:
            best, rank = agent, its_rank
    return best


def has_skills(skills: dict[SkillId, int], needs: tuple[SkillNeed, ...]) -> bool:
    """Whether every needed skill is there at its least level."""
    for need in needs:  # noqa: SIM110 (a generator for `all` would cost the scan twice as much)
        if skills.get(need.skill, 0) < need.min_level:
            return False
    return True

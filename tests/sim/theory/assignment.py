"""Twenty contacts, twenty free agents: how much of the best possible assignment the engine's choices make.

A match is worth the customer's value times the agent's level in the needed skill. Contacts come in the order
of the best pairs left, as a line ordered by value brings them; the engine chooses the agent. What it made of
them is read from the handle times, which the simulator stretches by value and level.
"""

from random import Random

from routing.events import AgentUpserted, Event, PresenceSet, ReachabilitySet
from routing.rules.ruleset import RuleSet
from routing.simulate.day import Day, Kind, Visit
from routing.simulate.run import simulate
from routing.simulate.scenario import Habit, Pace
from routing.types import AgentId, AgentSkill, Capacity, Channel, ContactId, Presence, SkillId
from tests.sim.theory.systems import Json, queue

SIDE = 20
_ONE_CALL = Capacity(1, ((Channel.VOICE, 1),))
_MS = 1_000_000
"""How long a match of value 1 at level 100 takes: so long that nobody is freed before all are served."""

Matrix = list[list[int]]


class Instance:
    """One draw: values 1-100, levels 20-100."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.values = [random.randint(1, 100) for _ in range(SIDE)]
        self.needs = [random.randrange(SIDE) for _ in range(SIDE)]
        self.levels = [[random.randint(20, 100) for _ in range(SIDE)] for _ in range(SIDE)]
        """By agent and skill."""
        self.worth: Matrix = [
            [value * self.levels[agent][need] for agent in range(SIDE)]
            for value, need in zip(self.values, self.needs, strict=True)
        ]

    def served(self) -> float:
        """What the engine's choices are worth, as a share of the optimum."""
        row = simulate(RuleSet(_rules()), self._day(), 1).total()
        assert row.answered == SIDE, "an agent was left idle beside a contact"
        return row.handle_ms * 100 / _MS / optimum(self.worth)

    def _day(self) -> Day:
        staff: list[Event] = []
        for number, levels in enumerate(self.levels):
            agent = AgentId(f"agent-{number:02d}")
            skills = tuple(AgentSkill(_skill(skill), level) for skill, level in enumerate(levels))
            staff.append(AgentUpserted(0, agent, skills, _ONE_CALL))
            staff.append(ReachabilitySet(0, agent, (Channel.VOICE,)))
            staff.append(PresenceSet(0, agent, Presence.AVAILABLE))
        order = best_pairs_first(self.worth)
        kinds = [Kind(need, Channel.VOICE, {"ivr.need": f"s{need}"}, _pace(need)) for need in range(SIDE)]
        visits = [
            Visit(
                ContactId(f"c-{contact}"),
                1_000 + place,
                kinds[self.needs[contact]],
                "",
                self.values[contact],
                50,
                self.values[contact],
                self.values[contact] * _MS,
                None,
                None,
                0.0,
                0.0,
            )
            for place, contact in enumerate(order)
        ]
        habits: dict[AgentId, Habit] = {}
        return Day("assignment", 0, 0, 0, staff, habits, {}, lambda _: [iter(visits)])


def best_pairs_first(worth: Matrix) -> list[int]:
    """Contacts in the order in which the best pair left would take them."""
    contacts, agents = list(range(len(worth))), list(range(len(worth)))
    order = []
    while contacts:
        contact, agent = max(
            ((contact, agent) for contact in contacts for agent in agents),
            key=lambda pair: (worth[pair[0]][pair[1]], -pair[0], -pair[1]),
        )
        order.append(contact)
        contacts.remove(contact)
        agents.remove(agent)
    return order


def optimum(worth: Matrix) -> int:
    """The greatest sum of one entry in each row and column (the Hungarian method, shortest paths)."""
    size = len(worth)
    most = max(max(row) for row in worth)
    row_price, column_price = [0] * (size + 1), [0] * (size + 1)
    taken = [0] * (size + 1)
    for row in range(1, size + 1):
        taken[0] = row
        column = 0
        slack = [most * size * 2] * (size + 1)
        came_from = [0] * (size + 1)
        done = [False] * (size + 1)
        while taken[column]:
            done[column] = True
            least, following = most * size * 2, 0
            for other in range(1, size + 1):
                if done[other]:
                    continue
                cost = most - worth[taken[column] - 1][other - 1]
                reduced = cost - row_price[taken[column]] - column_price[other]
                if reduced < slack[other]:
                    slack[other], came_from[other] = reduced, column
                if slack[other] < least:
                    least, following = slack[other], other
            for other in range(size + 1):
                if done[other]:
                    row_price[taken[other]] += least
                    column_price[other] -= least
                else:
                    slack[other] -= least
            column = following
        while column:
            taken[column] = taken[came_from[column]]
            column = came_from[column]
    return sum(worth[taken[column] - 1][column - 1] for column in range(1, size + 1))


def _skill(number: int) -> SkillId:
    return SkillId(f"s{number}")


def _pace(number: int) -> Pace:
    return Pace(_skill(number), 0.01, 1.0)


def _rules() -> Json:
    skills = [f"s{number}" for number in range(SIDE)]
    return {
        "skills": [{"id": skill, "name": skill} for skill in skills],
        "queues": [queue("all")],
        "rules": [
            {
                "id": skill,
                "name": skill,
                "when": {
                    "combinator": "and",
                    "rules": [{"field": "ivr.need", "operator": "=", "value": skill}],
                },
                "then": {"queue": "all", "needs": [{"skill": skill}], "end": "hold"},
            }
            for skill in skills
        ],
        "default": {"queue": "all", "end": "hold"},
    }

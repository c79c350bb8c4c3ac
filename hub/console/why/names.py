"""What people call agents, queues, skills and rules. Ids are shown only for what has no name any more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from hub.console.why.phrases import Said, quoted
from hub.store.tables import agents, rule_sets
from routing.rules.parse import DEFAULT_RULE

SETS_KEPT_MAX = 32
HASH_SHOWN = 8
"""Characters of a rule set's hash that people are shown; enough to find it in the list of sets."""


@dataclass(frozen=True, slots=True)
class SetNames:
    """The names in one rule set."""

    name: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "SetNames":
        def by_id(part: str) -> dict[str, str]:
            return {item["id"]: item.get("name") or item["id"] for item in body.get(part, ())}

        return cls(body.get("name", ""), by_id("rules"), by_id("queues"), by_id("skills"))


@dataclass(frozen=True, slots=True)
class Names:
    """`queues` are those in force; a queue that is not there any more is named by its rule set."""

    agents: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, SetNames] = field(default_factory=dict)

    def agent(self, agent_id: str) -> str:
        return self.agents.get(agent_id) or agent_id

    def queue(self, queue_id: str, rule_set: str) -> str:
        return self.queues.get(queue_id) or self._set(rule_set).queues.get(queue_id, queue_id)

    def skill(self, skill_id: str, rule_set: str) -> str:
        return self._set(rule_set).skills.get(skill_id, skill_id)

    def rule(self, rule_id: str, rule_set: str) -> Said:
        """The rule with the set that it is in, to go into a sentence."""
        known = self._set(rule_set)
        if rule_id == DEFAULT_RULE:
            rule = Said("the default rule", "默认规则")
        else:
            name = quoted(known.rules.get(rule_id, rule_id))
            rule = Said(f"the rule {name.en}", f"规则{name.zh}")
        title = f" “{known.name}”" if known.name else ""
        short = rule_set[:HASH_SHOWN]
        return rule + Said(f" of rule set{title} ({short})", f"（规则集{title.strip()} {short}）")

    def _set(self, rule_set: str) -> SetNames:
        return self.sets.get(rule_set, _UNKNOWN)


_UNKNOWN = SetNames()
_kept: dict[str, SetNames] = {}
"""By hash, so what is kept is always true; at most SETS_KEPT_MAX."""


def read(
    connection: Connection, agent_ids: Iterable[str], hashes: Iterable[str], queues: Mapping[str, str]
) -> Names:
    """Names for a few traces. `queues`: those of the engine, by id."""
    rows = connection.execute(
        select(agents.c.agent_id, agents.c.name).where(agents.c.agent_id.in_(list(dict.fromkeys(agent_ids))))
    )
    return Names({row.agent_id: row.name for row in rows}, queues, read_sets(connection, hashes))


def read_sets(connection: Connection, hashes: Iterable[str]) -> dict[str, SetNames]:
    """The names in each rule set that is known here."""
    wanted = list(dict.fromkeys(hashes))
    # Several readers share what is kept, and one may throw it away meanwhile: each is looked up once.
    looked_up = {each: _kept.get(each) for each in wanted}
    found = {each: known for each, known in looked_up.items() if known is not None}
    missing = [each for each in wanted if each not in found]
    if missing:
        rows = connection.execute(
            select(rule_sets.c.hash, rule_sets.c.body).where(rule_sets.c.hash.in_(missing))
        )
        read_now = {row.hash: SetNames.of(row.body) for row in rows}
        if len(_kept) + len(read_now) > SETS_KEPT_MAX:
            _kept.clear()
        _kept.update(read_now)
        found |= read_now
    return found

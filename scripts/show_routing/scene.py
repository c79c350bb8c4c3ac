"""The stage: an engine under the rules of docs/examples, with people at work and customers who come.

Instants of a scene are seconds from its beginning, a Tuesday at ten in London.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from routing.commands import Command, Offer
from routing.engine import Engine
from routing.events import (
    AgentUpserted,
    ContactArrived,
    Event,
    OfferConnected,
    OfferDelivered,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
    TimeReached,
)
from routing.rules.ruleset import RuleSet
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    Presence,
    SkillId,
)

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "rules.json"
BEGINS_AT_MS = 1_772_532_000_000
ONE_CALL = Capacity(1, ((Channel.VOICE, 1),))
EVERYBODY = ("english", "orders", "billing")


def example() -> Any:
    """The body of the rule set of the guide."""
    return json.loads(EXAMPLE.read_text(encoding="utf-8"))


def with_queue(queue: str, **changes: Any) -> Any:
    """The guide's rule set with other words in one queue."""
    body = example()
    for entry in body["queues"]:
        if entry["id"] == queue:
            entry.update(changes)
    return body


def part(pointer: str) -> str:
    """A part of the guide's rule set as JSON: `queues/orders/reserve`, by ids or keys."""
    found = example()
    for key in pointer.split("/"):
        if isinstance(found, list):
            found = next(entry for entry in found if entry["id"] == key)
        else:
            found = found[key]
    return json.dumps(found, indent=1, ensure_ascii=False)


class Scene:
    """One engine. What it answered last is in `answers`, each command with the second when it came."""

    def __init__(self, body: Any = None) -> None:
        self.rules = RuleSet(example() if body is None else body)
        self.engine = Engine()
        self.answers: list[tuple[float, Command]] = []
        self._at_ms = BEGINS_AT_MS
        self.tell(RuleSetPublished(self._at_ms, self.rules.hash, self.rules.queue_specs()))

    def at(self, second: float) -> int:
        """The instant in ms; every timer that is due until then has fired."""
        self._at_ms = BEGINS_AT_MS + round(second * 1000)
        while (due_ms := self.engine.next_deadline_ms()) is not None and due_ms <= self._at_ms:
            self.tell(TimeReached(due_ms))
        return self._at_ms

    def tell(self, event: Event) -> list[Command]:
        """Tell the engine; what it answers is kept too. Consoles show an offer at once."""
        commands = self.engine.handle(event)
        second = (self.engine.now_ms - BEGINS_AT_MS) / 1000
        self.answers += [(second, command) for command in commands]
        for command in commands:
            if isinstance(command, Offer):
                self.tell(OfferDelivered(self.engine.now_ms, command.offer))
        return commands

    def works(
        self, agent: str, skills: Mapping[str, int], *, capacity: Capacity = ONE_CALL, tier: int = 1
    ) -> None:
        """An agent exists, can be reached, and wants work."""
        levels = tuple(AgentSkill(SkillId(skill), level) for skill, level in skills.items())
        channels = tuple(channel for channel, most in capacity.caps if most)
        self.tell(AgentUpserted(self._at_ms, AgentId(agent), levels, capacity, tier))
        self.tell(ReachabilitySet(self._at_ms, AgentId(agent), channels))
        self.tell(PresenceSet(self._at_ms, AgentId(agent), Presence.AVAILABLE))

    def comes(
        self,
        contact: str,
        *,
        second: float = 0,
        channel: Channel = Channel.VOICE,
        value: int = 50,
        tier: str = "",
        about: str = "orders",
        last_agent: str = "",
    ) -> list[Command]:
        """A customer comes, and the rules say what becomes of it."""
        at_ms = self.at(second)
        facts = {"channel": str(channel), "tier": tier or None, "value": value, "ivr.reason": about}
        routing = self.rules.route(facts, AgentId(last_agent) if last_agent else None, now_ms=at_ms)
        event = ContactArrived(
            at_ms=at_ms,
            contact=ContactId(contact),
            channel=channel,
            queue=routing.queue,
            plan=routing.plan,
            enqueued_at_ms=at_ms,
            head_start_ms=self.rules.head_start_ms(value, 50, routing.head_start_cap_ms),
            value=value,
            loyalty=50,
            rule=routing.rule,
            rule_set=self.rules.hash,
            customer=contact,
            tier=tier,
            calendar=routing.calendar,
        )
        return self.tell(event)

    def asked(self) -> Offer | None:
        """The newest offer."""
        offers = [command for _, command in self.answers if isinstance(command, Offer)]
        return offers[-1] if offers else None

    def lifts(self, second: float) -> None:
        """Every agent who is being asked takes the contact."""
        at_ms = self.at(second)
        for offer in self.engine.live_offers():
            self.tell(OfferConnected(at_ms, offer.offer))

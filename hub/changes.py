"""What followers (consoles, web chat) are told after a commit; they then read the truth from the store."""

from dataclasses import dataclass, field

from routing.commands import EndOffer, Offer
from routing.types import AgentId, ContactId


@dataclass(slots=True)
class Changes:
    """One batch of changes, in order of occurrence. Dicts are ordered sets."""

    offers: list[Offer] = field(default_factory=list)
    ended: list[EndOffer] = field(default_factory=list)
    contacts: dict[ContactId, None] = field(default_factory=dict)
    messages: list[tuple[str, str]] = field(default_factory=list)
    """(interaction_id, message_id): added, or delivery changed."""
    agents: dict[AgentId, None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.offers or self.ended or self.contacts or self.messages or self.agents)

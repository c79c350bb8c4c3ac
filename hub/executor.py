"""The executor: turns what the engine decided into rows, ringing phones and frames on consoles.

Order matters and latency too: phones ring at once, rows are projected next, and consoles and chats are told
after the projection has committed, so what they read is at least as new as what they were told.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from hub.changes import Changes
from hub.dispatcher import Dispatcher
from hub.projection import Handled, project
from hub.supervise import spawn, stop
from routing.commands import (
    Command,
    Connect,
    ContactMoved,
    EndOffer,
    Offer,
    PresenceChanged,
    PresencePending,
)
from routing.events import OfferConnected, OfferSetupFailed
from routing.types import AgentId, Channel, ContactId, OfferId

log = logging.getLogger(__name__)

AUDIENCE_DEADLINE_S = 30.0
"""An audience only queues what it is told; one that is stuck must not stop the projection."""


class Audience(Protocol):
    """Told about changes that are already committed (consoles, web chat)."""

    async def publish(self, changes: Changes) -> None: ...


class Telephone(Protocol):
    """The executor's wishes to voice; must not block, failures are reported as events."""

    def ring(self, offer: Offer) -> None: ...
    def stop_ringing(self, offer: EndOffer) -> None: ...
    def answer(self, connect: Connect) -> None: ...


class Executor:
    """Follows the dispatcher. `voice` is None where no Asterisk is configured."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._audiences: list[Audience] = []
        self._telephone: Telephone | None = None
        self._handled: list[Handled] = []
        self._messages: list[tuple[str, str]] = []
        self._contacts: list[ContactId] = []
        self._agents: list[AgentId] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def attach(self, audience: Audience) -> None:
        self._audiences.append(audience)

    def use_telephone(self, telephone: Telephone) -> None:
        self._telephone = telephone

    def start(self) -> None:
        self._dispatcher.follow(self)
        self._task = spawn(self._run(), "executor")

    async def close(self) -> None:
        """Finish what was handled, then stop."""
        await self.settled()
        if self._task is not None:
            await stop(self._task)

    async def died(self) -> None:
        """Returns when the executor has stopped working: our own defect, and reason to start anew.

        What it had not yet projected is projected at the next start, from the journal.
        """
        assert self._task is not None, "not started"
        await asyncio.wait([self._task])

    async def settled(self) -> None:
        """Wait until everything handled so far is projected and published, or the executor is dead."""
        if self._task is None:
            return
        idle = spawn(self._idle.wait(), "executor-idle")
        await asyncio.wait([idle, self._task], return_when=asyncio.FIRST_COMPLETED)
        await stop(idle)

    # ---------------------------------------------------------------------------- called in commit order

    def handled(self, handled: Sequence[Handled]) -> None:
        for item in handled:
            for command in item.commands:
                self._act(command)
        self._handled.extend(handled)
        self._kick()

    def message_changed(self, interaction_id: str, message_id: str) -> None:
        """A message row was added or its delivery state changed (already committed)."""
        self._messages.append((interaction_id, message_id))
        self._kick()

    def contact_changed(self, contact_id: ContactId) -> None:
        """A contact's row changed without the engine (unread, held, disposition)."""
        self._contacts.append(contact_id)
        self._kick()

    def agent_changed(self, agent_id: AgentId) -> None:
        """Something about an agent that the engine does not know changed (phone registered)."""
        self._agents.append(agent_id)
        self._kick()

    def resume(self) -> None:
        """After recovery: message contacts that were being connected when the hub died are connected now."""
        for offer in self._dispatcher.engine.live_offers():
            contact = self._dispatcher.engine.contact(offer.contact)
            if contact is not None and contact.channel != Channel.VOICE and contact.state == "connecting":
                self._open_conversation(offer.offer)

    # ------------------------------------------------------------------------------------------- effects

    def _act(self, command: Command) -> None:
        match command:
            case Offer(channel=Channel.VOICE):
                self._ring(command)
            case EndOffer() if self._telephone is not None:
                self._telephone.stop_ringing(command)
            case Connect(channel=Channel.VOICE) if self._telephone is not None:
                self._telephone.answer(command)
            case Connect() if command.channel != Channel.VOICE:
                self._open_conversation(command.offer)
            case _:
                pass

    def _ring(self, offer: Offer) -> None:
        if self._telephone is not None:
            self._telephone.ring(offer)
            return

        async def fail() -> None:
            await self._dispatcher.transact(
                lambda _c, now_ms: (None, [OfferSetupFailed(now_ms, offer.offer, "no telephony configured")])
            )

        spawn(fail(), f"offer-failed {offer.offer}")

    def _open_conversation(self, offer: OfferId) -> None:
        """A written conversation needs no set-up: it is connected as soon as it is accepted."""

        async def connected() -> None:
            await self._dispatcher.transact(lambda _c, now_ms: (None, [OfferConnected(now_ms, offer)]))

        spawn(connected(), f"offer-connected {offer}")

    # ------------------------------------------------------------------------------ projection, audiences

    def _kick(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            handled, self._handled = self._handled, []
            changes = self._collect(handled)
            if handled:
                await self._dispatcher.store.write(partial(project, handled=handled))
            for audience in self._audiences:
                await self._tell(audience, changes)
            if not self._wake.is_set():
                self._idle.set()

    async def _tell(self, audience: Audience, changes: Changes) -> None:
        """One of the two places with a broad catch: a follower's failure must not stop routing."""
        if not changes:
            return
        try:
            async with asyncio.timeout(AUDIENCE_DEADLINE_S):
                await audience.publish(changes)
        except Exception:
            log.exception("an audience failed", extra={"audience": type(audience).__name__})

    def _collect(self, handled: Sequence[Handled]) -> Changes:
        changes = Changes(messages=self._messages)
        self._messages = []
        for contact_id in self._contacts:
            changes.contacts[contact_id] = None
        for agent_id in self._agents:
            changes.agents[agent_id] = None
        self._contacts, self._agents = [], []
        for item in handled:
            for command in item.commands:
                match command:
                    case Offer():
                        changes.offers.append(command)
                        changes.agents[command.agent] = None
                    case EndOffer():
                        changes.ended.append(command)
                        changes.agents[command.agent] = None
                    case ContactMoved():
                        changes.contacts[command.contact] = None
                        if command.agent is not None:
                            changes.agents[command.agent] = None
                    case PresenceChanged() | PresencePending():
                        changes.agents[command.agent] = None
                    case _:
                        pass
        return changes

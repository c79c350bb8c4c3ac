"""The hub's side of voice: calls become stories and contacts, offers become ringing phones.

Asterisk only carries media: what a call is doing is told here, what should happen to it comes from the engine
through the executor. Every method may be called twice or late (`resynced` repeats what was missed).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from sqlalchemy import Connection, update

from hub import arrival, call_story, customers
from hub.clock import Clock
from hub.desk import Conflict, Desk, mark_ended
from hub.dispatcher import Dispatcher
from hub.rulebook import Rulebook
from hub.store.tables import interactions
from hub.supervise import spawn
from routing.commands import Connect, EndOffer, Offer
from routing.events import (
    ContactAbandoned,
    ContactEnded,
    Event,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    OfferSetupFailed,
)
from routing.types import AgentId, Channel, ContactId, ContactState, OfferId, OfferState
from telephony.port import (
    CallArrived,
    CallStage,
    LegFailure,
    LiveCall,
    Ring,
    VoiceControl,
    VoiceError,
)

log = logging.getLogger(__name__)

RING_SLACK_MS = 2_000
"""Asterisk gives up this much later than the engine, so that the engine decides what a missed ring means."""


class CallDesk:
    """Implements `telephony.port.VoiceHost`, the executor's `Telephone` and the desk's `Line`."""

    def __init__(self, dispatcher: Dispatcher, clock: Clock, rulebook: Rulebook, country: str) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._rulebook = rulebook
        self._country = country
        self._voice: VoiceControl | None = None
        self._desk: Desk | None = None
        self._legs: dict[OfferId, tuple[ContactId, AgentId]] = {}
        """Whom each ringing or talking phone brings together, also when its offer is over."""
        self._ringing: set[OfferId] = set()
        self._talking: dict[ContactId, OfferId] = {}
        self._met: set[str] = set()
        """Calls that came in on this session and are not gone."""
        self.first_resync = asyncio.Event()

    def wire(self, voice: VoiceControl, desk: Desk) -> None:
        self._voice = voice
        self._desk = desk

    def now_ms(self) -> int:
        return self._clock.now_ms()

    # -------------------------------------------------------------------------------------- calls come in

    async def call_arrived(self, call: CallArrived) -> None:
        self._met.add(call.call_id)
        await self._dispatcher.store.write(
            lambda c: call_story.open_call(
                c, self.now_ms(), call.call_id, call.ani, call.dialled, self._country
            )
        )

    async def ivr_lookup(self, call_id: str, name: str, arguments: Mapping[str, str]) -> Mapping[str, str]:
        match name:
            case "order_status":
                order = arguments.get("order", "")
                return await self._dispatcher.store.read(
                    lambda c: customers.order_status(c, order, self.now_ms())
                )
            case "customer" if number := arguments.get("number", ""):
                return await self._dispatcher.store.write(
                    lambda c: call_story.identify_caller(c, call_id, number)
                )
            case "customer":
                return await self._dispatcher.store.read(lambda c: call_story.known_caller(c, call_id))
            case _:
                log.warning("unknown IVR lookup", extra={"lookup": name})
                return {}

    async def call_queued(self, call_id: str, answers: Mapping[str, str]) -> None:
        await self._queue(call_id, answers, waiting_since_ms=None)

    async def _queue(self, call_id: str, answers: Mapping[str, str], waiting_since_ms: int | None) -> None:
        contact_id = ContactId(call_id)
        if self._dispatcher.knows(contact_id):
            return

        def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
            call_story.open_call(connection, now_ms, call_id, "", "", self._country)
            connection.execute(
                update(interactions)
                .where(interactions.c.interaction_id == call_id)
                .values(answers=dict(answers), language=answers.get("language", ""))
            )
            event = arrival.route(
                connection, now_ms, self._rulebook, call_id, call_id, enqueued_at_ms=waiting_since_ms
            )
            return None, [event]

        await self._dispatcher.transact(work)

    async def call_gone(self, call_id: str, stage: CallStage, by: str) -> None:
        contact_id = ContactId(call_id)
        self._talking.pop(contact_id, None)
        self._met.discard(call_id)
        if not self._dispatcher.knows(contact_id):
            served = stage == CallStage.AFTER
            await self._dispatcher.store.write(
                lambda c: call_story.left_menu(c, self.now_ms(), call_id, served)
            )
            return
        who = _party(by)

        def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
            mark_ended(connection, now_ms, call_id)
            # Waiting or talking: one of the two fits, the engine ignores the other.
            left = ContactAbandoned(now_ms, contact_id, f"caller left ({stage})")
            return None, [left, ContactEnded(now_ms, contact_id, who)]

        await self._dispatcher.transact(work)

    # ------------------------------------------------------------------------------------- agents' phones

    async def leg_ringing(self, offer_id: str) -> None:
        offer = OfferId(offer_id)
        await self._tell(lambda now_ms: [OfferDelivered(now_ms, offer)])
        await self._answer_accepted(offer)

    async def leg_up(self, offer_id: str) -> None:
        offer = OfferId(offer_id)
        self._ringing.discard(offer)
        contact_id, agent_id = self._legs.get(offer, (None, None))
        if contact_id is not None:
            self._talking[contact_id] = offer
        await self._tell(lambda now_ms: [OfferConnected(now_ms, offer, contact_id, agent_id)])

    async def leg_failed(self, offer_id: str, failure: LegFailure) -> None:
        offer = OfferId(offer_id)
        self._ringing.discard(offer)
        self._legs.pop(offer, None)
        known = self._dispatcher.engine.offer(offer)
        if known is None:
            return
        agent = known.agent
        match failure:
            case LegFailure.REJECTED | LegFailure.BUSY:
                await self._tell(lambda now_ms: [OfferRejected(now_ms, offer, agent, str(failure))])
            case LegFailure.UNREACHABLE | LegFailure.ERROR:
                await self._tell(lambda now_ms: [OfferSetupFailed(now_ms, offer, f"phone {failure}")])
            case LegFailure.NO_ANSWER | LegFailure.CANCELLED:
                # The engine's own clock decides when a ring was missed; a cancelled ring was its own wish.
                return

    async def talk_ended(self, call_id: str, offer_id: str, by: str) -> None:
        contact_id = ContactId(call_id)
        self._legs.pop(OfferId(offer_id), None)
        if self._talking.get(contact_id, offer_id) != offer_id:
            return  # another phone has the caller now
        self._talking.pop(contact_id, None)
        who = _party(by)

        def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
            mark_ended(connection, now_ms, call_id)
            return None, [ContactEnded(now_ms, contact_id, who)]

        await self._dispatcher.transact(work)

    async def endpoint_reachable(self, endpoint: str, reachable: bool) -> None:
        assert self._desk is not None
        await self._desk.phone_reachable(endpoint, reachable)

    # ----------------------------------------------------------------------------------------- resync

    async def resynced(self, calls: Sequence[LiveCall]) -> None:
        """Bring the engine to what Asterisk says: calls went on while nobody listened."""
        assert self._desk is not None
        self._legs = {
            OfferId(call.offer_id): (ContactId(call.call_id), AgentId(call.agent_id))
            for call in calls
            if call.offer_id
        }
        for call in calls:
            await self._found(call)
        await self._miss({call.call_id for call in calls})
        await self._desk.phones_known()
        self.first_resync.set()
        for offer in self._dispatcher.engine.live_offers():
            if offer.channel == Channel.VOICE and offer.offer not in self._ringing:
                # Asterisk knows nothing of this ring (it or the hub died): ring again, the id is the same.
                self._ringing.add(offer.offer)
                self._legs[offer.offer] = (offer.contact, offer.agent)
                await self._ring(offer.offer, offer.contact, offer.agent, offer.expires_at_ms)

    async def _miss(self, alive: set[str]) -> None:
        """Whoever is not on Asterisk any more has hung up, in line, talking or in the menu."""
        for contact in self._dispatcher.engine.contacts():
            over = contact.state in (ContactState.WRAP_UP, ContactState.CLOSED)
            if contact.channel == Channel.VOICE and not over and contact.contact not in alive:
                await self.call_gone(contact.contact, CallStage.WAITING, "system")
        seen = alive | self._met
        await self._dispatcher.store.write(lambda c: call_story.close_unseen(c, self.now_ms(), seen))

    async def _found(self, call: LiveCall) -> None:
        contact_id, offer = ContactId(call.call_id), OfferId(call.offer_id)
        if call.stage in (CallStage.AFTER, CallStage.VOICEMAIL):
            await self.talk_ended(call.call_id, call.offer_id, "agent")
            return
        await self.call_arrived(CallArrived(call.call_id, call.ani, call.dialled, self.now_ms()))
        if call.stage == CallStage.IVR:
            return
        await self._queue(call.call_id, call.answers, call.waiting_since_ms)
        if call.stage in (CallStage.TALKING, CallStage.HELD):
            await self._found_talking(contact_id, offer, held=call.stage == CallStage.HELD)
        elif call.offer_id:
            await self._found_ringing(offer)

    async def _found_talking(self, contact_id: ContactId, offer: OfferId, held: bool) -> None:
        assert self._desk is not None
        if offer in self._legs:
            await self.leg_up(offer)
        contact = self._dispatcher.engine.contact(contact_id)
        if contact is None or contact.state == ContactState.WRAP_UP:
            # The agent had hung up on the console, and Asterisk was not asked any more.
            await self.hang_up(contact_id)
        else:
            await self._desk.call_held(contact_id, held)

    async def _found_ringing(self, offer: OfferId) -> None:
        self._ringing.add(offer)
        if self._dispatcher.engine.offer(offer) is None:
            self._stop(offer)
        else:
            await self._answer_accepted(offer)

    async def connection_lost(self) -> None:
        assert self._desk is not None
        self._desk.phones_unknown()
        self._ringing.clear()
        self._met.clear()

    # --------------------------------------------------------------- the executor's wishes (never block)

    def ring(self, offer: Offer) -> None:
        self._ringing.add(offer.offer)
        self._legs[offer.offer] = (offer.contact, offer.agent)
        spawn(self._ring(offer.offer, offer.contact, offer.agent, offer.expires_at_ms), f"ring {offer.offer}")

    async def _ring(self, offer: OfferId, contact: ContactId, agent: str, expires_at_ms: int) -> None:
        assert self._desk is not None
        endpoint = self._desk.phone_of(AgentId(agent))
        label = await self._dispatcher.store.read(lambda c: call_story.label(c, contact))
        if offer not in self._ringing:
            return  # over before it began, or Asterisk is lost and the resync will ring
        timeout_ms = max(1_000, expires_at_ms - self.now_ms()) + RING_SLACK_MS
        try:
            if self._voice is None or not endpoint:
                raise VoiceError("the agent has no registered phone")
            await self._voice.ring(Ring(offer, contact, agent, endpoint, timeout_ms, label))
        except VoiceError as error:
            self._ringing.discard(offer)
            self._legs.pop(offer, None)
            why = str(error)
            await self._tell(lambda now_ms: [OfferSetupFailed(now_ms, offer, why)])

    def stop_ringing(self, offer: EndOffer) -> None:
        if offer.offer in self._ringing:
            self._stop(offer.offer)

    def _stop(self, offer: OfferId) -> None:
        self._ringing.discard(offer)
        spawn(self._ask(lambda voice: voice.cancel_ring(offer)), f"stop ringing {offer}")

    def answer(self, connect: Connect) -> None:
        spawn(self._ask(lambda voice: voice.answer(connect.offer)), f"answer {connect.offer}")

    async def _answer_accepted(self, offer: OfferId) -> None:
        """The agent accepted before the phone could be asked to answer: ask now."""
        known = self._dispatcher.engine.offer(offer)
        if known is not None and known.state == OfferState.CONNECTING:
            await self._ask(lambda voice: voice.answer(offer))

    # ------------------------------------------------------------------------------- the desk's wishes

    async def hang_up(self, contact_id: str) -> None:
        """End the call. Where Asterisk cannot be asked, the next resync does it."""
        await self._ask(lambda voice: voice.hang_up(contact_id))

    async def hold(self, contact_id: str, on: bool) -> None:
        """Raises Conflict when Asterisk cannot do it."""
        offer = self._talking.get(ContactId(contact_id), OfferId(""))
        try:
            if self._voice is None:
                raise VoiceError("telephony has not started")
            await (self._voice.hold(offer) if on else self._voice.unhold(offer))
        except VoiceError as error:
            log.warning("Asterisk refused", extra={"error": str(error)})
            raise Conflict("not_held", "The telephone system could not do that just now.") from error

    # ------------------------------------------------------------------------------------------- helpers

    async def _ask(self, wish: Callable[[VoiceControl], Awaitable[object]]) -> None:
        if self._voice is None:
            return
        try:
            await wish(self._voice)
        except VoiceError as error:
            log.warning("Asterisk refused", extra={"error": str(error)})

    async def _tell(self, events: Callable[[int], Sequence[Event]]) -> None:
        await self._dispatcher.transact(lambda _connection, now_ms: (None, events(now_ms)))


def _party(by: str) -> Literal["customer", "agent", "system"]:
    return "customer" if by == "customer" else "agent" if by == "agent" else "system"

"""The hub's side of voice: calls become stories and contacts, offers become ringing phones.

Asterisk only carries media: what a call is doing is told here, what should happen to it comes from the engine
through the executor. Every method may be called twice or late (`resynced` repeats what was missed).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from sqlalchemy import Connection, update

from hub import arrival, customers, story
from hub.clock import Clock
from hub.desk import Desk, mark_ended
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
from routing.types import AgentId, Channel, ContactId, ContactState, OfferId
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

ACCOUNT = "voice"
RING_SLACK_MS = 2_000
"""Asterisk gives up this much later than the engine, so that the engine decides what a missed ring means."""
IN_LINE = (ContactState.QUEUED, ContactState.OFFERED, ContactState.CONNECTING)


class CallDesk:
    """Implements `telephony.port.VoiceHost`, the executor's `Telephone` and the desk's `Line`."""

    def __init__(self, dispatcher: Dispatcher, clock: Clock, rulebook: Rulebook, country: str) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._rulebook = rulebook
        self._country = country
        self._voice: VoiceControl | None = None
        self._desk: Desk | None = None
        self._ringing: dict[OfferId, ContactId] = {}
        self._talking: dict[ContactId, OfferId] = {}
        self.first_resync = asyncio.Event()

    def wire(self, voice: VoiceControl, desk: Desk) -> None:
        self._voice = voice
        self._desk = desk

    def now_ms(self) -> int:
        return self._clock.now_ms()

    # -------------------------------------------------------------------------------------- calls come in

    async def call_arrived(self, call: CallArrived) -> None:
        def work(connection: Connection, now_ms: int) -> tuple[None, Sequence[Event]]:
            _open(connection, now_ms, call.call_id, call.ani, call.dialled, self._country)
            return None, []

        await self._dispatcher.transact(work)

    async def ivr_lookup(self, call_id: str, name: str, arguments: Mapping[str, str]) -> Mapping[str, str]:
        match name:
            case "order_status":
                order = arguments.get("order", "")
                return await self._dispatcher.store.read(
                    lambda c: customers.order_status(c, order, self.now_ms())
                )
            case "customer":
                number = arguments.get("number", "")
                found = await self._dispatcher.store.write(lambda c: _identify_caller(c, call_id, number))
                return found
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
            _open(connection, now_ms, call_id, "", "", self._country)
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
        if not self._dispatcher.knows(contact_id):
            await self._dispatcher.store.write(lambda c: _left_ivr(c, call_id, self.now_ms(), stage))
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
        await self._tell(lambda now_ms: [OfferDelivered(now_ms, OfferId(offer_id))])

    async def leg_up(self, offer_id: str) -> None:
        offer = OfferId(offer_id)
        known = self._dispatcher.engine.offer(offer)
        if known is not None:
            self._talking[known.contact] = offer
        self._ringing.pop(offer, None)
        await self._tell(lambda now_ms: [OfferConnected(now_ms, offer)])

    async def leg_failed(self, offer_id: str, failure: LegFailure) -> None:
        offer = OfferId(offer_id)
        self._ringing.pop(offer, None)
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
        alive = {ContactId(call.call_id) for call in calls}
        for call in calls:
            await self._found(call)
        for contact in self._dispatcher.engine.contacts():
            over = contact.state in (ContactState.WRAP_UP, ContactState.CLOSED)
            if contact.channel == Channel.VOICE and not over and contact.contact not in alive:
                await self.call_gone(contact.contact, CallStage.AFTER, "system")
        self.first_resync.set()
        for offer in self._dispatcher.engine.live_offers():
            if offer.channel == Channel.VOICE and offer.offer not in self._ringing:
                # Asterisk knows nothing of this ring (it or the hub died): ring again, the id is the same.
                await self._ring_again(offer.offer)

    async def _found(self, call: LiveCall) -> None:
        match call.stage:
            case CallStage.WAITING | CallStage.FALLBACK:
                await self._queue(call.call_id, call.answers, call.waiting_since_ms)
                if call.offer_id:
                    self._ringing[OfferId(call.offer_id)] = ContactId(call.call_id)
            case CallStage.TALKING | CallStage.HELD:
                await self._queue(call.call_id, call.answers, call.waiting_since_ms)
                if call.offer_id:
                    await self.leg_up(call.offer_id)
                    self._talking[ContactId(call.call_id)] = OfferId(call.offer_id)
            case CallStage.AFTER | CallStage.VOICEMAIL:
                await self.talk_ended(call.call_id, call.offer_id, "agent")
            case CallStage.IVR:
                await self.call_arrived(CallArrived(call.call_id, call.ani, call.dialled, self.now_ms()))

    async def connection_lost(self) -> None:
        self._ringing.clear()

    # --------------------------------------------------------------- the executor's wishes (never block)

    def ring(self, offer: Offer) -> None:
        self._ringing[offer.offer] = offer.contact
        spawn(self._ring(offer.offer, offer.contact, offer.agent, offer.expires_at_ms), f"ring {offer.offer}")

    async def _ring_again(self, offer_id: OfferId) -> None:
        offer = self._dispatcher.engine.offer(offer_id)
        if offer is not None:
            self._ringing[offer_id] = offer.contact
            await self._ring(offer_id, offer.contact, offer.agent, offer.expires_at_ms)

    async def _ring(self, offer: OfferId, contact: ContactId, agent: str, expires_at_ms: int) -> None:
        assert self._desk is not None
        endpoint = self._desk.phone_of(AgentId(agent))
        call = await self._dispatcher.store.read(lambda c: story.interaction(c, contact))
        label = "" if call is None else call.address
        timeout_ms = max(1_000, expires_at_ms - self.now_ms()) + RING_SLACK_MS
        try:
            if self._voice is None or not endpoint:
                raise VoiceError("the agent has no registered phone")
            await self._voice.ring(Ring(offer, contact, agent, endpoint, timeout_ms, label))
        except VoiceError as error:
            self._ringing.pop(offer, None)
            why = str(error)
            await self._tell(lambda now_ms: [OfferSetupFailed(now_ms, offer, why)])

    def stop_ringing(self, offer: EndOffer) -> None:
        if self._ringing.pop(offer.offer, None) is not None:
            spawn(self._ask(lambda voice: voice.cancel_ring(offer.offer)), f"stop ringing {offer.offer}")

    def answer(self, connect: Connect) -> None:
        spawn(self._ask(lambda voice: voice.answer(connect.offer)), f"answer {connect.offer}")

    # ------------------------------------------------------------------------------- the desk's wishes

    async def hang_up(self, contact_id: str) -> None:
        await self._ask(lambda voice: voice.hang_up(contact_id))

    async def hold(self, contact_id: str, on: bool) -> None:
        offer = self._talking.get(ContactId(contact_id), OfferId(""))
        await self._ask(lambda voice: voice.hold(offer) if on else voice.unhold(offer))

    # ------------------------------------------------------------------------------------------- helpers

    async def _ask(self, wish: Callable[[VoiceControl], object]) -> None:
        if self._voice is None:
            return
        try:
            result = wish(self._voice)
            if asyncio.iscoroutine(result):
                await result
        except VoiceError as error:
            log.warning("Asterisk refused", extra={"error": str(error)})

    async def _tell(self, events: Callable[[int], Sequence[Event]]) -> None:
        await self._dispatcher.transact(lambda _connection, now_ms: (None, events(now_ms)))


def _party(by: str) -> Literal["customer", "agent", "system"]:
    return "customer" if by == "customer" else "agent" if by == "agent" else "system"


def _open(connection: Connection, now_ms: int, call_id: str, ani: str, dialled: str, country: str) -> None:
    """The call's story, once. Its id is the call id, and so is the contact's."""
    if story.interaction(connection, call_id) is not None:
        return
    customer_id = customers.identify(connection, "phone", ani, now_ms, region=country)
    story.open_interaction(
        connection,
        now_ms,
        interaction_id=call_id,
        customer_id=customer_id,
        channel=str(Channel.VOICE),
        account=ACCOUNT,
        address=ani,
        our_address=dialled,
    )


def _identify_caller(connection: Connection, call_id: str, number: str) -> dict[str, str]:
    """The caller typed a customer number: if it is right, the story is that customer's."""
    customer_id = customers.by_number(connection, number)
    if customer_id is None:
        return {}
    connection.execute(
        update(interactions).where(interactions.c.interaction_id == call_id).values(customer_id=customer_id)
    )
    return {"found": "1", "name": customers.name_of(connection, customer_id)}


def _left_ivr(connection: Connection, call_id: str, now_ms: int, stage: CallStage) -> None:
    """The caller hung up before being queued: abandoned, or served by the IVR."""
    connection.execute(
        update(interactions)
        .where(interactions.c.interaction_id == call_id, interactions.c.state == "open")
        .values(
            state="closed",
            closed_at_ms=now_ms,
            changed_at_ms=now_ms,
            disposition="abandoned_in_ivr" if stage == CallStage.IVR else "self_service",
        )
    )

"""What one agent's consoles are shown: numbered events, and the state that they add up to.

Pure: no clock, no socket, no database. The law is that a snapshot plus the events after it equals a later
snapshot. Every console of the agent gets the same events, so they agree.
"""

from collections import deque
from dataclasses import dataclass, field

import msgspec

from hub import wire

RING_MAX = 500
RING_KEPT_MS = 300_000
"""Older events are forgotten: whoever was away for longer is better served with a snapshot."""
SHOWN_STATES = ("connecting", "active", "parked", "wrap_up")
"""A contact is on its agent's console in these states; an offered one is in the offer."""


@dataclass(frozen=True, slots=True)
class _Numbered:
    seq: int
    at_ms: int
    event: wire.ConsoleEvent


@dataclass(slots=True)
class AgentStream:
    """One agent's events in one life of the hub (`epoch`); `seq` is dense from 1."""

    epoch: str
    presence: wire.PresenceView
    offers: dict[str, tuple[wire.OfferView, int]] = field(default_factory=dict)
    """By offer id, with the instant at which `expires_in_ms` and `waited_ms` were true."""
    contacts: dict[str, wire.ContactView] = field(default_factory=dict)
    seq: int = 0
    _ring: deque[_Numbered] = field(default_factory=lambda: deque(maxlen=RING_MAX))

    def append(self, event: wire.ConsoleEvent, now_ms: int) -> wire.Frame:
        """Number the event, fold it into the state, keep it for replay."""
        self._fold(event, now_ms)
        self.seq += 1
        self._ring.append(_Numbered(self.seq, now_ms, event))
        while self._ring[0].at_ms < now_ms - RING_KEPT_MS:
            self._ring.popleft()
        return wire.Frame(self.seq, event)

    def answer(self, hello: wire.Hello, now_ms: int) -> wire.HelloReplay | wire.HelloSnapshot:
        """What a console that has seen `hello.seq` needs: the events since, else everything."""
        if hello.epoch == self.epoch and self._reaches_back_to(hello.seq):
            missed = [item for item in self._ring if item.seq > hello.seq]
            frames = [wire.Frame(item.seq, _aged(item.event, now_ms - item.at_ms)) for item in missed]
            return wire.HelloReplay(self.epoch, self.seq, now_ms, frames)
        return wire.HelloSnapshot(self.epoch, self.seq, now_ms, self.snapshot(now_ms))

    def snapshot(self, now_ms: int) -> wire.Snapshot:
        """Everything live, with offers counted down to now."""
        offers = [_aged_offer(offer, now_ms - at_ms) for offer, at_ms in self.offers.values()]
        return wire.Snapshot(self.presence, offers, list(self.contacts.values()))

    def shows(self, offer: wire.OfferView) -> bool:
        """Whether the offer is shown with just this content, apart from the time that has passed."""
        shown, _ = self.offers.get(offer.offer_id, (None, 0))
        return shown is not None and _timeless(shown) == _timeless(offer)

    def _reaches_back_to(self, seq: int) -> bool:
        if not 0 <= seq <= self.seq:
            return False
        return seq == self.seq or (bool(self._ring) and self._ring[0].seq <= seq + 1)

    def _fold(self, event: wire.ConsoleEvent, now_ms: int) -> None:
        match event:
            case wire.OfferCreated(offer=offer):
                self.offers[offer.offer_id] = (offer, now_ms)
            case wire.OfferEnded(offer_id=offer_id):
                self.offers.pop(offer_id, None)
            case wire.ContactChanged(contact=contact):
                if contact.state in SHOWN_STATES:
                    self.contacts[contact.contact_id] = contact
                else:
                    self.contacts.pop(contact.contact_id, None)
            case wire.PresenceChanged(presence=presence):
                self.presence = presence
            case wire.MessageAdded() | wire.Typing() | wire.Notice():
                pass  # not part of a snapshot: messages are read by sequence, the others pass


def _timeless(offer: wire.OfferView) -> wire.OfferView:
    """The offer without what differs at each reading: time left and waited, the moment of scoring."""
    score = msgspec.structs.replace(offer.contact.card.score, computed_at_ms=0)
    card = msgspec.structs.replace(offer.contact.card, score=score)
    contact = msgspec.structs.replace(offer.contact, card=card)
    return msgspec.structs.replace(offer, contact=contact, expires_in_ms=0, waited_ms=0)


def _aged(event: wire.ConsoleEvent, age_ms: int) -> wire.ConsoleEvent:
    """The event as it should be shown when it arrives late: an offer has less time left."""
    if isinstance(event, wire.OfferCreated):
        return wire.OfferCreated(_aged_offer(event.offer, age_ms))
    return event


def _aged_offer(offer: wire.OfferView, age_ms: int) -> wire.OfferView:
    if age_ms <= 0:
        return offer
    return msgspec.structs.replace(
        offer, expires_in_ms=max(0, offer.expires_in_ms - age_ms), waited_ms=offer.waited_ms + age_ms
    )

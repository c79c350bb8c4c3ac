"""The law of the consoles: a snapshot plus the events after it is a fresh snapshot, whatever happened."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.base import Inbound, Kind
from hub import wire
from hub.desk import Conflict, NotFound
from routing.events import TimeReached
from routing.types import AgentId, ContactState, Presence
from tests.unit.hub.api.serving import Browser, Page, Served, page, served
from tests.unit.hub.conftest import MovedClock

MIA, WEI = AgentId("agent-mia"), AgentId("agent-wei")
STEPS = 60
NUMBERS = ("+447700900123", "+447700900124", "+447700900125")


class Day:
    """Random but possible things that happen to two agents and three customers."""

    def __init__(self, site: Served, clock: MovedClock, seed: int) -> None:
        self.site = site
        self.clock = clock
        self.random = random.Random(seed)
        self.count = 0

    async def step(self) -> None:
        doings: list[Callable[[], Awaitable[Any]]] = [
            *[self.arrive] * 3,
            *[self.accept] * 4,
            self.reject,
            *[self.write] * 3,
            self.read,
            *[self.end] * 2,
            *[self.wrap_up] * 2,
            self.presence,
            *[self.time] * 2,
        ]
        self.count += 1
        with suppress(Conflict, NotFound):  # the world had moved on
            await self.random.choice(doings)()
        await self.site.settled()

    async def arrive(self) -> None:
        sender = self.random.choice(NUMBERS)
        message = Inbound(Kind.SMS, f"SM{self.count}", sender, "+447700900001", 1, f"Message {self.count}")
        await self.site.hub.ports.intake.admit("sms", message)

    async def accept(self) -> None:
        for offer in self.site.hub.dispatcher.engine.live_offers()[:1]:
            await self.site.hub.desk.delivered(offer.agent, offer.offer)
            await self.site.hub.desk.accept(offer.agent, offer.offer)

    async def reject(self) -> None:
        for offer in self.site.hub.dispatcher.engine.live_offers()[:1]:
            await self.site.hub.desk.reject(offer.agent, offer.offer, "busy")

    async def write(self) -> None:
        if held := self.held(ContactState.ACTIVE):
            agent, contact = held
            note = self.random.random() < 0.3
            await self.site.hub.desk.send(agent, contact, f"c{self.count}", f"Answer {self.count}", note)

    async def read(self) -> None:
        if held := self.held(ContactState.ACTIVE):
            await self.site.hub.desk.mark_read(*held, self.random.randint(1, 10))

    async def end(self) -> None:
        if held := self.held(ContactState.ACTIVE):
            await self.site.hub.desk.end(*held)

    async def wrap_up(self) -> None:
        if held := self.held(ContactState.WRAP_UP):
            await self.site.hub.desk.wrap_up(*held, "resolved", "done")

    async def presence(self) -> None:
        agent = self.random.choice((MIA, WEI))
        presence, code = self.random.choice(
            ((Presence.AVAILABLE, ""), (Presence.AVAILABLE, ""), (Presence.AUX, "break"))
        )
        await self.site.hub.desk.set_presence(agent, presence, code)

    async def time(self) -> None:
        """Offers are missed, wrap-up ends by itself."""
        self.clock.move(self.random.choice((500, 5_000, 30_000, 70_000)))
        await self.site.hub.dispatcher.transact(lambda _c, now_ms: (None, [TimeReached(now_ms)]))

    def held(self, state: ContactState) -> Any:
        held = [c for c in self.site.hub.dispatcher.engine.contacts() if c.state is state and c.agent]
        if not held:
            return None
        contact = self.random.choice(held)
        return contact.agent, contact.contact


class Shown:
    """What a page shows: folds events as a console does, offers with the instant they came."""

    def __init__(self, snapshot: wire.Snapshot, now_ms: int) -> None:
        self.presence = snapshot.presence
        self.contacts = {contact.contact_id: contact for contact in snapshot.contacts}
        self.offers = {offer.offer_id: (offer, now_ms) for offer in snapshot.offers}

    def apply(self, event: wire.ConsoleEvent, now_ms: int) -> None:
        match event:
            case wire.OfferCreated(offer=offer):
                self.offers[offer.offer_id] = (offer, now_ms)
            case wire.OfferEnded(offer_id=offer_id):
                assert offer_id in self.offers, "an offer ended that was never shown"
                del self.offers[offer_id]
            case wire.ContactChanged(contact=contact):
                if contact.state in ("connecting", "active", "wrap_up"):
                    self.contacts[contact.contact_id] = contact
                else:
                    assert contact.contact_id in self.contacts, "a contact left that was never shown"
                    del self.contacts[contact.contact_id]
            case wire.PresenceChanged(presence=presence):
                self.presence = presence
            case _:
                pass

    def at(self, now_ms: int) -> dict[str, Any]:
        return {
            "presence": self.presence,
            "contacts": {contact_id: _timeless(contact) for contact_id, contact in self.contacts.items()},
            "offers": {
                offer_id: msgspec.structs.replace(
                    offer,
                    contact=_timeless(offer.contact),
                    expires_in_ms=max(0, offer.expires_in_ms - (now_ms - at_ms)),
                    waited_ms=offer.waited_ms + now_ms - at_ms,
                )
                for offer_id, (offer, at_ms) in self.offers.items()
            },
        }


def _timeless(contact: wire.ContactView) -> wire.ContactView:
    """Without the instant at which the score was looked at: a console keeps the one it was told."""
    score = msgspec.structs.replace(contact.card.score, computed_at_ms=0)
    return msgspec.structs.replace(contact, card=msgspec.structs.replace(contact.card, score=score))


@pytest.fixture
async def tabs(site: Served, mia: Browser, wei: Browser) -> AsyncIterator[list[tuple[Browser, Page]]]:
    async with AsyncExitStack() as stack:
        opened = []
        for browser in (mia, wei):
            shown = await stack.enter_async_context(page(site.url, browser.cookie))
            await shown.hello()
            await browser.post("/api/presence", {"presence": "available"})
            opened.append((browser, shown))
        yield opened


async def fresh(url: str, browser: Browser, now_ms: int) -> dict[str, Any]:
    """What a console is shown that has seen nothing before."""
    async with page(url, browser.cookie) as new:
        answer = await new.hello()
        return Shown(answer.snapshot, now_ms).at(now_ms)


@pytest.mark.parametrize("seed", [0, 1, 6, 23])
async def test_a_snapshot_plus_later_events_is_a_fresh_snapshot(
    site: Served, tabs: list[tuple[Browser, Page]], clock: MovedClock, tmp_path: Path, seed: int
) -> None:
    day = Day(site, clock, seed)
    shown = [Shown(tab.snapshot, clock.now_ms()) for _, tab in tabs if tab.snapshot is not None]
    for _ in range(STEPS):
        await day.step()
        for (_, tab), view in zip(tabs, shown, strict=True):
            await tab.hello(epoch=tab.epoch, seq=tab.seq)  # all frames are in before its answer
            for frame in tab.frames:
                view.apply(frame.d, clock.now_ms())
            tab.frames.clear()
    assert day.count == STEPS
    now_ms = clock.now_ms()
    # A second front on the same hub has no streams yet: what it says is read from the store and the engine.
    async with served(site.hub, tmp_path) as second:
        for (browser, _), view in zip(tabs, shown, strict=True):
            assert await fresh(site.url, browser, now_ms) == view.at(now_ms)
            assert await fresh(second.url, browser, now_ms) == view.at(now_ms)

"""What consoles are told, over a real socket, of a contact's way through a real hub core."""

from collections.abc import AsyncIterator

import pytest
from socketio.exceptions import ConnectionError as Refused

from channels.base import Inbound, Kind
from hub import wire
from routing.types import AgentId, ContactId
from tests.unit.hub.api.serving import Browser, Page, Served, gone, page
from tests.unit.hub.conftest import MovedClock, until
from tests.unit.hub.console.conftest import SHOP

MIA, WEI = AgentId("agent-mia"), AgentId("agent-wei")


def sms(text: str, provider_id: str, sender: str = "+447700900123") -> Inbound:
    return Inbound(Kind.SMS, provider_id, sender, "+447700900001", 1, text)


@pytest.fixture
async def console(site: Served, mia: Browser) -> AsyncIterator[Page]:
    """Mia's console: connected, said hello, available."""
    async with page(site.url, mia.cookie) as shown:
        await shown.hello()
        status, body = await mia.post("/api/presence", {"presence": "available"})
        assert status == 200, body
        await until(lambda: shown.events(wire.PresenceChanged))
        yield shown


async def arrive(site: Served, text: str = "Where is my order?", provider_id: str = "SM1") -> None:
    await site.hub.ports.intake.admit("sms", sms(text, provider_id))


async def test_an_offer_reaches_the_agent_asked_with_everything_worth_knowing(
    site: Served, console: Page
) -> None:
    await arrive(site)
    await until(lambda: console.offers)
    [offer] = console.offers
    assert offer.contact.channel == "sms"
    assert offer.contact.last_text == "Where is my order?"
    assert offer.contact.unread == 1
    assert offer.contact.card.addresses[0].address == "+447700900123"
    assert 0 < offer.expires_in_ms <= offer.ring_ms
    assert set(offer.why) == {"en", "zh"}
    assert offer.why["en"].startswith("Best match of the free agents")


async def test_accepting_moves_the_contact_from_offer_to_work(
    site: Served, console: Page, mia: Browser
) -> None:
    await arrive(site)
    await until(lambda: console.offers)
    offer = console.offers[0]
    assert await console.ask("offer_delivered", {"offer_id": offer.offer_id}) == {"ok": True}
    assert (await mia.post(f"/api/offers/{offer.offer_id}/accept"))[0] == 200
    await until(lambda: console.events(wire.ContactChanged))
    [ended] = console.events(wire.OfferEnded)
    assert (ended.offer_id, ended.reason) == (offer.offer_id, "accepted")
    await until(lambda: console.events(wire.ContactChanged)[-1].contact.state == "active")


async def test_a_reply_reaches_every_console_of_the_agent_and_no_other(
    site: Served, console: Page, mia: Browser, wei: Browser
) -> None:
    await arrive(site)
    await until(lambda: console.offers)
    await mia.post(f"/api/offers/{console.offers[0].offer_id}/accept")
    await until(lambda: console.events(wire.ContactChanged)[-1:])
    contact_id = console.offers[0].contact.contact_id
    async with page(site.url, mia.cookie) as second, page(site.url, wei.cookie) as other:
        await second.hello()
        await other.hello()
        await until(lambda: console.events(wire.ContactChanged)[-1].contact.state == "active")
        status, sent = await mia.post(
            f"/api/contacts/{contact_id}/messages", {"client_id": "c1", "text": "It is on its way."}
        )
        assert status == 200, sent
        for tab in (console, second):
            await until(lambda tab=tab: tab.events(wire.MessageAdded))
            [added] = tab.events(wire.MessageAdded)
            assert added.message.message_id == sent["message_id"]
            assert (added.message.text, added.message.client_id) == ("It is on its way.", "c1")
        assert not other.events(wire.MessageAdded)
        assert not other.events(wire.ContactChanged)


async def test_a_rejected_contact_leaves_the_console_and_goes_to_the_next_agent(
    site: Served, console: Page, mia: Browser, wei: Browser
) -> None:
    async with page(site.url, wei.cookie) as other:
        await other.hello()
        await wei.post("/api/presence", {"presence": "available"})
        await arrive(site)
        await until(lambda: console.offers or other.offers)
        first, second = (console, other) if console.offers else (other, console)
        browser = mia if first is console else wei
        offer_id = first.offers[0].offer_id
        assert (await browser.post(f"/api/offers/{offer_id}/reject", {"reason": "lunch"}))[0] == 200
        await until(lambda: first.events(wire.OfferEnded) and second.offers)
        assert first.events(wire.OfferEnded)[0].reason == "rejected"
        assert second.offers[0].contact.contact_id == first.offers[0].contact.contact_id


async def test_a_closed_contact_is_told_as_closed(site: Served, console: Page, mia: Browser) -> None:
    await arrive(site)
    await until(lambda: console.offers)
    contact_id = console.offers[0].contact.contact_id
    await mia.post(f"/api/offers/{console.offers[0].offer_id}/accept")
    await until(lambda: console.events(wire.ContactChanged))
    await until(lambda: console.events(wire.ContactChanged)[-1].contact.state == "active")
    assert (await mia.post(f"/api/contacts/{contact_id}/end"))[0] == 200
    await until(lambda: console.events(wire.ContactChanged)[-1].contact.state == "wrap_up")
    assert console.events(wire.ContactChanged)[-1].contact.wrap_up_until_at_ms is not None
    assert (await mia.post(f"/api/contacts/{contact_id}/wrap-up", {"disposition": "resolved"}))[0] == 200
    await until(lambda: console.events(wire.ContactChanged)[-1].contact.state == "closed")
    assert (await console.hello()).snapshot.contacts == []


async def test_a_console_that_comes_back_gets_only_what_it_missed(
    site: Served, console: Page, mia: Browser, clock: MovedClock
) -> None:
    """Replay while the ring reaches back, with offers counted down; another epoch means a snapshot."""
    epoch, seq = console.epoch, console.seq
    await arrive(site)
    await until(lambda: console.offers)
    told = console.offers[0]
    await site.settled()
    clock.move(700)
    async with page(site.url, mia.cookie) as again:
        replay = await again.hello(epoch=epoch, seq=seq)
        assert isinstance(replay, wire.HelloReplay)
        assert [frame.s for frame in replay.events] == list(range(seq + 1, replay.seq + 1))
        [offer] = [frame.d.offer for frame in replay.events if isinstance(frame.d, wire.OfferCreated)]
        assert offer.expires_in_ms == told.expires_in_ms - 700
        assert isinstance(await again.hello(epoch="older life", seq=seq), wire.HelloSnapshot)
        assert isinstance(await again.hello(epoch=epoch, seq=10_000), wire.HelloSnapshot)


async def test_an_offer_is_told_again_only_when_it_has_changed(
    site: Served, console: Page, clock: MovedClock
) -> None:
    """Time alone is no change: a stranger's score is worked out anew at each reading."""
    await arrive(site)
    await until(lambda: console.offers)
    await site.settled()
    clock.move(700)
    site.hub.executor.contact_changed(ContactId(console.offers[0].contact.contact_id))
    await site.settled()
    await arrive(site, "And my invoice?", "SM2")
    await until(lambda: console.offers[-1].contact.last_text == "And my invoice?")
    await site.settled()
    assert [offer.contact.unread for offer in console.offers] == [1, 2]


async def test_unknown_and_malformed_commands_are_answered(console: Page) -> None:
    assert (await console.ask("reboot", {}))["code"] == "unknown_command"
    assert (await console.ask("offer_delivered", {"offer_id": 7}))["code"] == "bad_request"
    assert (await console.ask("offer_delivered", "x"))["code"] == "bad_request"
    assert (await console.ask("typing", {"contact_id": "nobody"}))["code"] == "not_found"
    assert (await console.ask("board_watch", {"on": True}))["code"] == "unauthorised"
    assert await console.ask("offer_delivered", {"offer_id": "gone"}) == {"ok": True}


async def test_strangers_and_foreign_pages_are_refused(site: Served, mia: Browser) -> None:
    with pytest.raises(Refused):
        async with page(site.url, "rapport=forged"):
            pass
    with pytest.raises(Refused):
        async with page(site.url, mia.cookie, origin="https://evil.example"):
            pass
    with pytest.raises(Refused):
        async with page(site.url, mia.cookie, origin=SHOP):
            pass
    async with page(site.url, mia.cookie, origin=site.url) as own:
        assert isinstance(await own.hello(), wire.HelloSnapshot)


async def test_logging_out_disconnects_the_console(site: Served, mia: Browser, console: Page) -> None:
    assert (await mia.post("/api/logout"))[0] == 200
    await gone(console.client)


async def test_a_lost_console_counts_as_there_for_the_grace_time(site: Served, mia: Browser) -> None:
    engine = site.hub.dispatcher.engine
    async with page(site.url, mia.cookie) as shown:
        await shown.hello()
        await until(lambda: engine.agent(MIA).reachable)
    assert engine.agent(MIA).reachable
    await until(lambda: not engine.agent(MIA).reachable)


async def test_the_end_of_a_session_disconnects_its_console(
    site: Served, mia: Browser, clock: MovedClock
) -> None:
    clock.move(12 * 3_600_000 - 500)
    async with page(site.url, mia.cookie) as shown:
        await shown.hello()
        await gone(shown.client)


async def test_a_typing_customer_is_shown_to_the_agent_who_has_the_contact(
    site: Served, console: Page, mia: Browser, wei: Browser
) -> None:
    await arrive(site)
    await until(lambda: console.offers)
    contact = console.offers[0].contact
    await mia.post(f"/api/offers/{console.offers[0].offer_id}/accept")
    await until(lambda: console.events(wire.ContactChanged))
    async with page(site.url, wei.cookie) as other:
        await other.hello()
        await site.hub.ports.customer_typing(contact.interaction_id)
        await until(lambda: console.events(wire.Typing))
        assert console.events(wire.Typing) == [wire.Typing(contact.contact_id)]
        await other.hello(epoch=other.epoch, seq=other.seq)
        assert not other.events(wire.Typing)


async def test_an_offer_tells_when_the_customer_writes_on(site: Served, console: Page) -> None:
    await arrive(site)
    await until(lambda: console.offers)
    await arrive(site, "It is urgent!", "SM2")
    await until(lambda: len(console.offers) == 2)
    first, again = console.offers
    assert again.offer_id == first.offer_id
    assert (again.contact.last_text, again.contact.unread) == ("It is urgent!", 2)

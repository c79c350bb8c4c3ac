"""An account's side of the hub: raw bytes once each, a chat as its visitor may see it."""

import pytest
from sqlalchemy import select

from channels.base import Inbound, Kind, Raw
from hub import accounts, inbox
from hub.accounts import AccountHost
from hub.bootstrap import Hub
from hub.store.tables import contacts, inbound
from routing.types import AgentId, ContactId, ContactState
from tests.unit.hub.conftest import MovedClock, at_work

MIA = AgentId("agent-mia")
VISITOR = "visitor-1"


def chat(provider_id: str, visitor: str = VISITOR) -> Inbound:
    return Inbound(Kind.CHAT, provider_id, visitor, "web", 1, f"line {provider_id}")


@pytest.fixture
def web(hub: Hub) -> AccountHost:
    return AccountHost("web", hub.ports)


async def connected(hub: Hub) -> ContactId:
    [offer] = hub.dispatcher.engine.live_offers()
    await hub.desk.delivered(MIA, offer.offer)
    await hub.desk.accept(MIA, offer.offer)
    await hub.executor.settled()
    return offer.contact


# ---------------------------------------------------------------------------------------------- raw bytes


async def test_raw_bytes_are_kept_once_and_wait_to_be_read(web: AccountHost, hub: Hub) -> None:
    assert await web.store(Raw("1", b"first", 5, cursor="7:1"))
    assert await web.store(Raw("2", b"second", 6, cursor="7:2"))
    assert not await web.store(Raw("1", b"again", 9, cursor="7:3"))
    assert [(p.raw.provider_id, p.raw.content) for p in await web.pending()] == [
        ("1", b"first"),
        ("2", b"second"),
    ]
    assert await web.cursor() == "7:3", "a repeat moves the cursor too, or it would come for ever"
    assert await AccountHost("other", hub.ports).pending() == []
    assert await AccountHost("other", hub.ports).cursor() is None


async def test_the_same_id_on_two_accounts_is_two_items(web: AccountHost, hub: Hub) -> None:
    assert await web.store(Raw("1", b"first", 5))
    assert await AccountHost("other", hub.ports).store(Raw("1", b"first", 5))


async def test_what_cannot_be_read_is_set_aside_with_the_reason(web: AccountHost, hub: Hub) -> None:
    await web.store(Raw("1", b"junk", 5))
    await web.store(Raw("2", b"fine", 6))
    await web.quarantine("1", "x" * 600)
    assert [p.raw.provider_id for p in await web.pending()] == ["2"]
    row = await hub.store.read(lambda c: c.execute(select(inbound).where(inbound.c.provider_id == "1")).one())
    assert (row.state, row.raw, row.reason) == ("quarantined", b"junk", "x" * 500)


async def test_what_was_admitted_is_no_longer_pending(web: AccountHost) -> None:
    await web.store(Raw("1", b"raw", 5))
    await web.admit(chat("1"))
    assert await web.pending() == []


async def test_pending_comes_in_pages_oldest_first(web: AccountHost) -> None:
    for number in range(inbox.PENDING_MAX + 3):
        await web.store(Raw(f"{number:03d}", b"", 1_000 - number))
    page = [p.raw.provider_id for p in await web.pending()]
    assert page == [f"{n:03d}" for n in range(inbox.PENDING_MAX + 2, 2, -1)]


async def test_each_account_has_a_key_of_its_own_that_stays(web: AccountHost, hub: Hub) -> None:
    assert web.secret == AccountHost("web", hub.ports).secret
    assert web.secret != AccountHost("other", hub.ports).secret
    assert len(web.secret) == 32


# ------------------------------------------------------------------------------------------------- web chat


async def test_a_visitor_sees_the_conversation_without_notes(web: AccountHost, hub: Hub) -> None:
    assert await web.chat_view(VISITOR, 0) is None
    await at_work(hub, MIA)
    await web.admit(chat("1"))
    found = await web.chat_view(VISITOR, 0)
    assert found is not None
    assert (found.state, found.agent_name) == ("waiting", "")
    contact = await connected(hub)
    await hub.desk.send(MIA, contact, "c-1", "sounds angry", note=True)
    await hub.desk.send(MIA, contact, "c-2", "hello there", note=False)
    await hub.executor.settled()
    found = await web.chat_view(VISITOR, 0)
    assert found is not None
    assert (found.state, found.agent_name, found.last_seq) == ("active", "Mia", 2)
    assert [(i.seq, i.author, i.text) for i in found.items] == [
        (1, "visitor", "line 1"),
        (2, "agent", "hello there"),
    ]
    later = await web.chat_view(VISITOR, 1)
    assert later is not None
    assert [i.seq for i in later.items] == [2]
    admission = await web.admit(chat("2"))
    assert admission.seq == 3, "numbered as the visitor counts"


async def test_a_visitor_sees_nobody_elses_conversation(web: AccountHost, hub: Hub) -> None:
    await web.admit(chat("1"))
    assert await web.chat_view("visitor-2", 0) is None
    assert await AccountHost("other", hub.ports).chat_view(VISITOR, 0) is None


async def test_a_long_conversation_comes_in_pages(web: AccountHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "CHAT_PAGE_MAX", 2)
    for number in range(3):
        await web.admit(chat(str(number)))
    found = await web.chat_view(VISITOR, 0)
    assert found is not None
    assert ([i.seq for i in found.items], found.last_seq) == ([1, 2], 3)


async def test_a_visitor_who_leaves_the_line_is_gone(web: AccountHost, hub: Hub) -> None:
    await web.admit(chat("1"))
    await web.chat_ended(VISITOR)
    await web.chat_ended(VISITOR)
    await web.chat_ended("visitor-2")
    assert hub.dispatcher.engine.contacts() == []
    found = await web.chat_view(VISITOR, 0)
    assert found is not None
    assert found.state == "ended"
    await hub.executor.settled()
    [row] = await hub.store.read(lambda c: c.execute(select(contacts)).all())
    assert row.state == "abandoned"


async def test_a_visitor_who_ends_a_talk_leaves_the_agent_wrapping_up(
    web: AccountHost, hub: Hub, clock: MovedClock
) -> None:
    await at_work(hub, MIA)
    await web.admit(chat("1"))
    await connected(hub)
    await web.chat_ended(VISITOR)
    [contact] = hub.dispatcher.engine.contacts()
    assert contact.state == ContactState.WRAP_UP
    found = await web.chat_view(VISITOR, 0)
    assert found is not None
    assert found.state == "ended"
    clock.move(1)
    admission = await web.admit(chat("2"))
    assert len(hub.dispatcher.engine.contacts()) == 2
    assert admission.seq >= 1


async def test_a_typing_visitor_is_told_of_in_the_right_story(web: AccountHost, hub: Hub) -> None:
    told: list[str] = []

    async def note(interaction_id: str) -> None:
        told.append(interaction_id)

    await web.chat_typing(VISITOR)
    hub.ports.customer_typing = note
    await web.chat_typing(VISITOR)
    assert told == []
    admission = await web.admit(chat("1"))
    await web.chat_typing(VISITOR)
    assert told == [admission.interaction_id]

"""The desk: only the owner acts, within limits that are told in words; repeating is harmless."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Row, select

from channels.base import Inbound, Kind
from hub import desk
from hub.bootstrap import Hub
from hub.desk import Conflict, NotFound
from hub.store.tables import contacts, messages, outbox
from routing.events import ContactParked
from routing.types import AgentId, Channel, ContactId, ContactState, OfferId, Presence
from tests.unit.hub.conftest import MovedClock, at_work

MIA = AgentId("agent-mia")
WEI = AgentId("agent-wei")


def sms(provider_id: str = "SM1") -> Inbound:
    return Inbound(Kind.SMS, provider_id, "+447700900123", "+447700900001", 1, "hello")


def chat() -> Inbound:
    return Inbound(Kind.CHAT, "W1", "visitor-1", "web", 1, "hello")


def mail(provider_id: str, **fields: Any) -> Inbound:
    message_id = f"<{provider_id}@customer.example>"
    return Inbound(
        Kind.EMAIL,
        provider_id,
        "kim@customer.example",
        "support@hub.example",
        1,
        "hello",
        message_id=message_id,
        **fields,
    )


async def offer(hub: Hub, inbound: Inbound, account: str = "sms") -> OfferId:
    """Offered to Mia, the only one at work, and shown on her console."""
    await at_work(hub, MIA)
    await hub.ports.intake.admit(account, inbound)
    [found] = hub.dispatcher.engine.live_offers()
    await hub.desk.delivered(MIA, found.offer)
    return found.offer


async def contact(hub: Hub, inbound: Inbound, account: str = "sms") -> ContactId:
    """Connected to Mia."""
    await hub.desk.accept(MIA, await offer(hub, inbound, account))
    await hub.executor.settled()
    [found] = hub.dispatcher.engine.contacts()
    assert found.state == ContactState.ACTIVE
    return found.contact


async def row(hub: Hub) -> Row[tuple[object, ...]]:
    return (await hub.store.read(lambda c: c.execute(select(contacts)).all()))[0]


def channels(hub: Hub, agent_id: AgentId) -> set[Channel]:
    agent = hub.dispatcher.engine.agent(agent_id)
    assert agent is not None
    return set(agent.reachable)


async def test_a_parked_contact_takes_notes_but_no_replies(hub: Hub) -> None:
    contact_id = await contact(hub, sms())
    await hub.dispatcher.transact(lambda _c, now_ms: (None, [ContactParked(now_ms, contact_id)]))
    assert await hub.desk.send(MIA, contact_id, "c1", "Rang twice, no answer.", note=True)
    with pytest.raises(Conflict, match="not .* with you"):
        await hub.desk.send(MIA, contact_id, "c2", "Are you there?", note=False)


# ------------------------------------------------------------------------------ presence and reachability


async def test_a_reason_for_being_away_must_be_a_configured_one(hub: Hub) -> None:
    await hub.desk.set_presence(MIA, Presence.AUX, "break")
    with pytest.raises(Conflict) as refused:
        await hub.desk.set_presence(MIA, Presence.AUX, "golf")
    assert refused.value.code == "unknown_aux_code"
    agent = hub.dispatcher.engine.agent(MIA)
    assert agent is not None
    assert (agent.presence, agent.code) == (Presence.AUX, "break")


async def test_calls_need_a_console_and_a_phone_and_texts_a_console(hub: Hub) -> None:
    written = {Channel.CHAT, Channel.SMS, Channel.EMAIL}
    await hub.desk.phone_reachable("phone-mia", True)
    assert channels(hub, MIA) == set(), "a phone alone reaches nobody"
    await hub.desk.reachable(MIA, True)
    assert channels(hub, MIA) == {Channel.VOICE, *written}
    assert channels(hub, WEI) == set()
    await hub.desk.phone_reachable("phone-mia", False)
    assert channels(hub, MIA) == written
    await hub.desk.phone_reachable("phone-mia-web", True)
    assert channels(hub, MIA) == {Channel.VOICE, *written}, "the phone in the console is one too"
    await hub.desk.reachable(MIA, False)
    assert channels(hub, MIA) == set()


async def test_the_phone_in_the_console_is_rung_first(hub: Hub) -> None:
    assert hub.desk.phone_of(MIA) == ""
    await hub.desk.phone_reachable("phone-mia", True)
    await hub.desk.phone_reachable("phone-wei", True)
    assert hub.desk.phone_of(MIA) == "phone-mia"
    await hub.desk.phone_reachable("phone-mia-web", True)
    assert hub.desk.phone_of(MIA) == "phone-mia-web"


async def test_while_asterisk_is_lost_phones_count_as_before(hub: Hub) -> None:
    await hub.desk.phone_reachable("phone-mia", True)
    await hub.desk.reachable(MIA, True)
    hub.desk.phones_unknown()
    await hub.desk.phone_reachable("phone-mia", False)
    await hub.desk.reachable(MIA, True)
    assert Channel.VOICE in channels(hub, MIA)
    await hub.desk.phones_known()
    assert Channel.VOICE not in channels(hub, MIA)


# -------------------------------------------------------------------------------------------------- offers


async def test_an_offer_is_its_agents_alone(hub: Hub) -> None:
    found = await offer(hub, sms())
    for refused in (
        hub.desk.accept(WEI, found),
        hub.desk.reject(WEI, found, ""),
        hub.desk.accept(MIA, OfferId("none")),
    ):
        with pytest.raises(Conflict) as caught:
            await refused
        assert caught.value.code == "offer_gone"
    await hub.desk.accept(MIA, found)
    with pytest.raises(Conflict):
        await hub.desk.reject(MIA, found, "too late")


async def test_somebody_elses_console_does_not_show_an_offer(hub: Hub) -> None:
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", sms())
    [found] = hub.dispatcher.engine.live_offers()
    before = hub.dispatcher.seq
    await hub.desk.delivered(WEI, found.offer)
    await hub.desk.delivered(MIA, OfferId("none"))
    assert hub.dispatcher.seq == before
    await hub.desk.delivered(MIA, found.offer)
    assert hub.dispatcher.seq == before + 1


async def test_accepting_from_two_consoles_at_once_connects_once(hub: Hub) -> None:
    found = await offer(hub, sms())
    await asyncio.gather(hub.desk.accept(MIA, found), hub.desk.accept(MIA, found))
    await hub.executor.settled()
    assert [c.state for c in hub.dispatcher.engine.contacts()] == [ContactState.ACTIVE]


# ------------------------------------------------------------------------------------------------ contacts


async def test_everything_about_a_contact_is_its_agents_alone(hub: Hub) -> None:
    found = await contact(hub, sms())
    for attempt in (
        hub.desk.send(WEI, found, "c", "hi", note=False),
        hub.desk.send(WEI, found, "c", "hi", note=True),
        hub.desk.end(WEI, found),
        hub.desk.mark_read(WEI, found, 1),
        hub.desk.typing(WEI, found),
        hub.desk.hold(WEI, found, True),
    ):
        with pytest.raises(Conflict) as refused:
            await attempt
        assert refused.value.code == "not_yours"
    await hub.desk.end(MIA, found)
    with pytest.raises(Conflict) as refused:
        await hub.desk.wrap_up(WEI, found, "resolved", "")
    assert refused.value.code == "not_in_wrap_up"
    with pytest.raises(NotFound):
        await hub.desk.end(MIA, ContactId("none"))


async def test_in_wrap_up_there_are_notes_but_no_replies(hub: Hub) -> None:
    found = await contact(hub, sms())
    await hub.desk.end(MIA, found)
    await hub.desk.end(MIA, found)
    await hub.desk.send(MIA, found, "c-1", "was polite", note=True)
    await hub.desk.mark_read(MIA, found, 1)
    with pytest.raises(Conflict):
        await hub.desk.send(MIA, found, "c-2", "one more thing", note=False)


async def test_wrapping_up_needs_an_ended_contact_and_is_done_once(hub: Hub) -> None:
    found = await contact(hub, sms())
    with pytest.raises(Conflict) as refused:
        await hub.desk.wrap_up(MIA, found, "resolved", "")
    assert refused.value.code == "not_in_wrap_up"
    await hub.desk.end(MIA, found)
    with pytest.raises(Conflict) as refused:
        await hub.desk.wrap_up(MIA, found, "resolved", "x" * (desk.NOTE_MAX_CHARS + 1))
    assert refused.value.code == "too_long"
    await hub.desk.wrap_up(MIA, found, "resolved", "x" * desk.NOTE_MAX_CHARS)
    with pytest.raises(Conflict):
        await hub.desk.wrap_up(MIA, found, "resolved", "another")
    assert (await row(hub)).note == "x" * desk.NOTE_MAX_CHARS


@pytest.mark.parametrize(
    ("inbound", "note", "limit"),
    [
        (chat(), False, desk.CHAT_REPLY_MAX_CHARS),
        (chat(), True, desk.NOTE_MAX_CHARS),
        (sms(), False, desk.REPLY_MAX_CHARS),
    ],
)
async def test_texts_have_a_limit(hub: Hub, inbound: Inbound, note: bool, limit: int) -> None:
    found = await contact(hub, inbound)
    for text, code in (("", "empty"), (" \n", "empty"), ("x" * (limit + 1), "too_long")):
        with pytest.raises(Conflict) as refused:
            await hub.desk.send(MIA, found, "c", text, note=note)
        assert refused.value.code == code
    await hub.desk.send(MIA, found, "c", "x" * limit, note=note)


@pytest.mark.parametrize("client_id", ["", "x" * 101])
async def test_a_message_needs_a_client_id(hub: Hub, client_id: str) -> None:
    found = await contact(hub, sms())
    with pytest.raises(Conflict) as refused:
        await hub.desk.send(MIA, found, client_id, "hi", note=False)
    assert refused.value.code == "bad_client_id"


async def test_the_same_client_id_is_the_same_message_and_leaves_once(hub: Hub) -> None:
    found = await contact(hub, sms())
    first = await hub.desk.send(MIA, found, "c-1", "on its way", note=False)
    again = await hub.desk.send(MIA, found, "c-1", "on its way", note=False)
    assert again == first
    assert len(await hub.store.read(lambda c: c.execute(select(outbox)).all())) == 1


async def test_what_no_network_can_carry_is_cleaned(hub: Hub) -> None:
    found = await contact(hub, sms())
    await hub.desk.send(MIA, found, "c-1", "a\x00b\ud800c", note=False)
    line = (await hub.store.read(lambda c: c.execute(select(outbox.c.payload)).scalars().all()))[0]
    assert line["text"] == "ab?c"


async def test_neither_notes_nor_chat_lines_go_through_the_outbox(hub: Hub) -> None:
    found = await contact(hub, chat(), "web")
    await hub.desk.send(MIA, found, "c-1", "hello", note=False)
    await hub.desk.send(MIA, found, "c-2", "angry", note=True)
    assert await hub.store.read(lambda c: c.execute(select(outbox)).all()) == []
    lines = await hub.store.read(lambda c: c.execute(select(messages).order_by(messages.c.seq)).all())
    assert [(line.author, line.delivery) for line in lines] == [("customer", ""), ("agent", ""), ("note", "")]


async def test_a_reply_by_mail_carries_the_thread(hub: Hub) -> None:
    found = await contact(hub, mail("1", subject="Order"), "mail")
    await hub.desk.send(MIA, found, "c-1", "first", note=False)
    await hub.desk.send(MIA, found, "c-2", "second", note=False)
    first, second = await hub.store.read(
        lambda c: c.execute(select(outbox.c.payload).order_by(outbox.c.created_at_ms)).scalars().all()
    )
    if first["text"] != "first":
        first, second = second, first
    assert first["recipient"] == "kim@customer.example"
    assert first["subject"] == "Re: Order"
    assert first["in_reply_to"] == "<1@customer.example>"
    assert first["message_id"].endswith("@hub.example>")
    assert first["thread_token"] == first["interaction_id"]
    assert second["in_reply_to"] == first["message_id"]
    assert list(second["references"]) == ["<1@customer.example>", first["message_id"]]
    assert first["key"] != second["key"]


async def test_a_subject_is_not_marked_as_a_reply_twice(hub: Hub) -> None:
    found = await contact(hub, mail("1", subject="RE: Order"), "mail")
    await hub.desk.send(MIA, found, "c-1", "yes", note=False)
    [payload] = await hub.store.read(lambda c: c.execute(select(outbox.c.payload)).scalars().all())
    assert payload["subject"] == "RE: Order"


async def test_what_was_read_never_becomes_unread(hub: Hub) -> None:
    found = await contact(hub, sms())
    await hub.desk.mark_read(MIA, found, 5)
    await hub.desk.mark_read(MIA, found, 3)
    assert (await row(hub)).read_seq == 5


async def test_only_a_call_can_be_held(hub: Hub) -> None:
    found = await contact(hub, sms())
    with pytest.raises(Conflict) as refused:
        await hub.desk.hold(MIA, found, True)
    assert refused.value.code == "not_a_call"
    assert not (await row(hub)).held


async def test_the_end_is_marked_with_the_event_and_not_after_it(hub: Hub) -> None:
    """What the customer writes right after the end, before any projection, must open new work."""

    class Nobody:
        def handled(self, handled: object) -> None:
            """Nothing is projected."""

    found = await contact(hub, sms())
    hub.dispatcher.follow(Nobody())
    await hub.desk.end(MIA, found)
    await hub.ports.intake.admit("sms", sms("SM2"))
    assert len(await hub.store.read(lambda c: c.execute(select(contacts)).all())) == 2


async def test_of_two_ends_at_once_the_first_one_counts(hub: Hub, clock: MovedClock) -> None:
    """Two consoles, or agent and customer: both were right when they asked."""
    found = await contact(hub, sms())
    ended_at_ms = clock.at_ms
    await asyncio.gather(
        hub.desk.end(MIA, found),
        hub.store.write(lambda c: clock.move(1_000)),
        hub.desk.end(MIA, found),
    )
    await hub.executor.settled()
    assert (await row(hub)).ended_at_ms == ended_at_ms

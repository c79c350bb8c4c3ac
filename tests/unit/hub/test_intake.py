"""Intake: which story a message continues, who may continue it, and who is woken by it."""

from typing import Any

import pytest
from sqlalchemy import select

from channels.base import Attachment, Inbound, Kind, Raw, Refused
from hub import intake
from hub.accounts import AccountHost
from hub.bootstrap import Hub
from hub.store.tables import attachments, contacts, customers, interactions, messages, opt_outs
from hub.store.tables import inbound as inbound_rows
from tests.unit.hub.conftest import MovedClock

KIM = "kim@customer.example"
MALLORY = "mallory@customer.example"
PHONE = "+447700900123"


def mail(provider_id: str, sender: str = KIM, **fields: Any) -> Inbound:
    message_id = f"<{provider_id}@customer.example>"
    values = {"text": "hello", "subject": "Order", "message_id": message_id, **fields}
    return Inbound(Kind.EMAIL, provider_id, sender, "support@hub.example", 1, **values)


def sms(provider_id: str, **fields: Any) -> Inbound:
    return Inbound(Kind.SMS, provider_id, PHONE, "+447700900001", 1, **{"text": "hello", **fields})


def chat(provider_id: str, visitor: str, **fields: Any) -> Inbound:
    return Inbound(Kind.CHAT, provider_id, visitor, "web", 1, **{"text": "hello", **fields})


async def count(hub: Hub, table: Any) -> int:
    return len(await hub.store.read(lambda c: c.execute(select(table)).all()))


async def test_a_verified_token_continues_the_story(hub: Hub) -> None:
    first = await hub.ports.intake.admit("mail", mail("1"))
    second = await hub.ports.intake.admit("mail", mail("2", thread_token=first.interaction_id))
    assert second.interaction_id == first.interaction_id
    assert second.seq == 2
    assert await count(hub, contacts) == 1


async def test_references_continue_the_story_of_the_same_address(hub: Hub) -> None:
    first = await hub.ports.intake.admit("mail", mail("1"))
    second = await hub.ports.intake.admit("mail", mail("2", references=("<1@customer.example>",)))
    assert second.interaction_id == first.interaction_id


async def test_knowing_a_message_id_does_not_open_somebody_elses_story(hub: Hub) -> None:
    first = await hub.ports.intake.admit("mail", mail("1"))
    hijack = await hub.ports.intake.admit("mail", mail("2", MALLORY, references=("<1@customer.example>",)))
    assert hijack.interaction_id != first.interaction_id
    owners = await hub.store.read(lambda c: c.execute(select(interactions.c.customer_id)).scalars().all())
    assert len(set(owners)) == 2


async def test_a_claimed_identity_gets_no_history(hub: Hub) -> None:
    await hub.ports.intake.admit("mail", mail("1"))
    await hub.ports.intake.admit("mail", mail("2", verified=False))
    assert await count(hub, customers) == 2


async def test_a_token_of_another_account_is_no_token(hub: Hub) -> None:
    first = await hub.ports.intake.admit("mail", mail("1"))
    other = await hub.ports.intake.admit("second-mail", mail("1", thread_token=first.interaction_id))
    assert other.interaction_id != first.interaction_id


async def test_automatic_mail_is_kept_but_wakes_nobody(hub: Hub) -> None:
    admission = await hub.ports.intake.admit("mail", mail("1", automatic="auto_reply"))
    assert await count(hub, contacts) == 0
    assert await count(hub, messages) == 1
    [story] = await hub.store.read(lambda c: c.execute(select(interactions)).all())
    assert (story.interaction_id, story.state) == (admission.interaction_id, "closed")


async def test_attachments_are_kept(hub: Hub) -> None:
    file = Attachment("bill.pdf", "application/pdf", b"%PDF-1.7 ...")
    await hub.ports.intake.admit("mail", mail("1", attachments=(file,)))
    [row] = await hub.store.read(lambda c: c.execute(select(attachments)).all())
    assert (row.filename, row.size_bytes, row.content) == ("bill.pdf", 12, b"%PDF-1.7 ...")


async def test_raw_bytes_come_in_with_the_message_or_not_at_all(hub: Hub) -> None:
    raw = Raw("1", b"raw bytes", 1, cursor="7:1")
    await hub.ports.intake.admit("mail", mail("1", raw=raw))
    [row] = await hub.store.read(lambda c: c.execute(select(inbound_rows)).all())
    assert (row.state, row.raw) == ("admitted", b"raw bytes")


async def test_stop_and_start_change_consent_and_wake_nobody(hub: Hub) -> None:
    await hub.ports.intake.admit("sms", sms("1", text="STOP", consent="stop"))
    assert await count(hub, opt_outs) == 1
    await hub.ports.intake.admit("sms", sms("2", text="STOP", consent="stop"))
    assert await count(hub, opt_outs) == 1
    assert await count(hub, contacts) == 0
    await hub.ports.intake.admit("sms", sms("3", text="START", consent="start"))
    assert await count(hub, opt_outs) == 0


async def test_start_from_who_never_stopped_is_an_ordinary_message(hub: Hub) -> None:
    await hub.ports.intake.admit("sms", sms("1", text="START", consent="start"))
    assert await count(hub, contacts) == 1


async def test_an_old_sms_story_is_left_alone_and_a_new_one_begins(hub: Hub, clock: MovedClock) -> None:
    first = await hub.ports.intake.admit("sms", sms("1"))
    clock.move(intake.SMS_STORY_MS + 1)
    second = await hub.ports.intake.admit("sms", sms("2"))
    assert second.interaction_id != first.interaction_id


async def test_a_full_house_refuses_new_chats_in_words_but_takes_mail(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WAITING_MAX", 1)
    await hub.ports.intake.admit("web", chat("1", "visitor-1"))
    with pytest.raises(Refused, match="try again later"):
        await hub.ports.intake.admit("web", chat("2", "visitor-2"))
    await hub.ports.intake.admit("web", chat("3", "visitor-1"))
    await hub.ports.intake.admit("mail", mail("1"))
    assert await count(hub, messages) == 3, "the refused chat left nothing"


async def test_a_chat_client_id_sent_twice_is_one_line(hub: Hub) -> None:
    first = await hub.ports.intake.admit("web", chat("1", "visitor-1", client_id="abc"))
    second = await hub.ports.intake.admit("web", chat("2", "visitor-1", client_id="abc", text="other"))
    assert second.duplicate
    assert (second.message_id, second.seq) == (first.message_id, 1)


async def test_a_chat_that_was_left_for_a_day_is_not_continued(hub: Hub, clock: MovedClock) -> None:
    first = await hub.ports.intake.admit("web", chat("1", "visitor-1"))
    clock.move(intake.CHAT_STORY_MS)
    same = await hub.ports.intake.admit("web", chat("2", "visitor-1"))
    clock.move(intake.CHAT_STORY_MS + 1)
    second = await hub.ports.intake.admit("web", chat("3", "visitor-1"))
    assert same.interaction_id == first.interaction_id
    assert second.interaction_id != first.interaction_id


async def test_the_newest_reference_decides(hub: Hub) -> None:
    await hub.ports.intake.admit("mail", mail("1"))
    second = await hub.ports.intake.admit("mail", mail("2"))
    third = await hub.ports.intake.admit(
        "mail", mail("3", references=("<1@customer.example>", "<2@customer.example>", "<unknown@x.example>"))
    )
    assert third.interaction_id == second.interaction_id


async def test_a_reference_means_a_story_of_the_same_account(hub: Hub) -> None:
    first = await hub.ports.intake.admit("mail", mail("1"))
    other = await hub.ports.intake.admit("second-mail", mail("2", references=("<1@customer.example>",)))
    assert other.interaction_id != first.interaction_id


async def test_who_answers_with_somebody_elses_reply_address_is_named(hub: Hub) -> None:
    first = await hub.ports.intake.admit("mail", mail("1", sender_name="Kim"))
    await hub.ports.intake.admit(
        "mail", mail("2", MALLORY, thread_token=first.interaction_id, sender_name="Kim")
    )
    names = await hub.store.read(
        lambda c: c.execute(select(messages.c.author_name).order_by(messages.c.seq)).scalars().all()
    )
    assert names == ["Kim", MALLORY]


async def test_a_closed_story_is_open_again_when_the_customer_writes(hub: Hub) -> None:
    first = await hub.ports.intake.admit("mail", mail("1", automatic="auto_reply"))
    await hub.ports.intake.admit("mail", mail("2", thread_token=first.interaction_id))
    [story] = await hub.store.read(lambda c: c.execute(select(interactions)).all())
    assert (story.state, story.closed_at_ms) == ("open", None)
    assert await count(hub, contacts) == 1


async def test_after_a_closed_chat_a_new_one_begins_but_a_repeat_is_still_a_repeat(
    hub: Hub, clock: MovedClock
) -> None:
    first = await hub.ports.intake.admit("web", chat("1", "visitor-1", client_id="a"))
    await AccountHost("web", hub.ports).chat_ended("visitor-1")
    await hub.executor.settled()
    clock.move(1_000)
    repeat = await hub.ports.intake.admit("web", chat("2", "visitor-1", client_id="a"))
    assert repeat.duplicate
    assert repeat.message_id == first.message_id
    new = await hub.ports.intake.admit("web", chat("3", "visitor-1", client_id="b"))
    assert new.interaction_id != first.interaction_id
    assert new.seq == 1

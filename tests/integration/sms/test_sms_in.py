"""What the provider's webhook calls become."""

import asyncio
import hashlib
import json

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from channels.base import DeliveryState, Refused
from tests.integration.sms.line import CUSTOMER, NUMBER, Line


async def test_a_message_is_admitted_before_it_is_answered(line: Line) -> None:
    """2xx with empty TwiML, and by then the message is durable."""
    status, answer = await line.receive("Wo ist meine Bestellung? 订单 😀 &=+%00")
    assert status == 200
    assert answer.endswith("<Response></Response>")
    (inbound,) = line.host.admitted()
    assert inbound.text == "Wo ist meine Bestellung? 订单 😀 &=+%00"
    assert (inbound.sender, inbound.recipient) == (CUSTOMER, NUMBER)


async def test_a_repeat_gets_the_same_answer_and_doubles_nothing(line: Line) -> None:
    """Also when the repeats come at once."""
    answers = await asyncio.gather(*(line.receive("once", sid="SM1") for _ in range(10)))
    assert set(answers) == {answers[0]}
    assert answers[0][0] == 200
    assert len(line.host.admitted()) == 1


@pytest.mark.parametrize("signature", ["", "nonsense", "ümläut"])
async def test_a_wrong_signature_is_refused_in_plain_words(line: Line, signature: str) -> None:
    """403, and nothing is kept."""
    form = {"MessageSid": "SM1", "From": CUSTOMER, "To": NUMBER, "Body": "x"}
    for url in (line.webhook, line.webhook + "status"):
        status, answer = await line.gateway.call(url, form, signature=signature)
        assert status == 403
        assert "signature" in answer
    assert line.host.stored() == 0


async def test_a_signature_for_other_content_or_another_address_is_refused(line: Line) -> None:
    """A recorded signature cannot be used again for something else."""
    form = {"MessageSid": "SM1", "From": CUSTOMER, "To": NUMBER, "Body": "x"}
    right = RequestValidator(line.gateway.auth_token).compute_signature(line.webhook, form)
    assert (await line.gateway.call(line.webhook, {**form, "Body": "y"}, signature=right))[0] == 403
    assert (await line.gateway.call(line.webhook + "?a=b", form, signature=right))[0] == 403
    assert (await line.gateway.call(line.webhook, form, signature=right))[0] == 200


async def test_behind_a_proxy_the_public_address_is_what_counts(line: Line) -> None:
    """The provider signs https://..., the hub is called by http on loopback."""
    inside = line.webhook
    line.host.public_url = "https://hub.example"
    form = {"MessageSid": "SM1", "From": CUSTOMER, "To": NUMBER, "Body": "x"}
    validator = RequestValidator(line.gateway.auth_token)
    for number, public in enumerate(
        ("https://hub.example/channels/test/?x=1&y=%20", "https://hub.example:443/channels/test/?x=1&y=%20")
    ):
        form["MessageSid"] = f"SM{number}"
        signature = validator.compute_signature(public, form)
        assert (await line.gateway.call(inside + "?x=1&y=%20", form, signature=signature))[0] == 200
    wrong = validator.compute_signature("http://hub.example/channels/test/", form)
    assert (await line.gateway.call(inside, form, signature=wrong))[0] == 403


async def test_repeated_form_fields_are_signed_and_read(line: Line) -> None:
    """The official signer sorts and joins repeated values; the first one counts."""
    from multidict import MultiDict

    pairs = [
        ("MessageSid", "SM1"),
        ("From", CUSTOMER),
        ("To", NUMBER),
        ("Body", "b"),
        ("Body", "a"),
        ("Empty", ""),
    ]
    signature = RequestValidator(line.gateway.auth_token).compute_signature(line.webhook, MultiDict(pairs))
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            line.webhook, data=aiohttp.FormData(pairs), headers={"X-Twilio-Signature": signature}
        ) as response,
    ):
        assert response.status == 200
    assert line.host.admitted()[0].text == "b"


async def test_a_json_call_is_signed_by_the_hash_of_its_body(line: Line) -> None:
    """bodySHA256 in the address; a changed body is refused."""
    body = json.dumps({"MessageSid": "SM1", "From": CUSTOMER, "To": NUMBER, "Body": "json"}).encode()
    url = f"{line.webhook}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(line.gateway.auth_token).compute_signature(url, {})
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=body.replace(b"json", b"evil"), headers=headers) as response:
            assert response.status == 403
        async with session.post(url, data=body, headers=headers) as response:
            assert response.status == 200
    assert [inbound.text for inbound in line.host.admitted()] == ["json"]


async def test_too_much_is_413_whether_announced_or_not(line: Line) -> None:
    """Limit of the body, with Content-Length and chunked; and of the number of fields."""

    async def chunks():
        for _ in range(100):
            yield b"Body=" + b"x" * 1000 + b"&"

    async with aiohttp.ClientSession() as session:
        for data in (b"x" * 70_000, chunks()):
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            async with session.post(line.webhook, data=data, headers=form) as response:
                assert response.status == 413
                assert "65536 bytes" in await response.text()
        async with session.post(line.webhook, data=b"a=1&" * 300, headers=form) as response:
            assert response.status == 400
    assert line.host.stored() == 0


async def test_what_cannot_be_stored_is_asked_for_again(line: Line) -> None:
    """503 with Retry-After; the repeat then succeeds."""
    line.host.fault = RuntimeError("disk full")
    assert (await line.receive("hello", sid="SM1"))[0] == 503
    line.host.fault = None
    assert (await line.receive("hello", sid="SM1"))[0] == 200
    line.host.refusal = Refused("closed", "This number takes no messages any more.")
    assert await line.receive("hello", sid="SM2") == (422, "This number takes no messages any more.")
    assert len(line.host.admitted()) == 1


@pytest.mark.parametrize(
    ("sender", "normal"),
    [
        ("+49 151 12345678", "+4915112345678"),
        ("0151 12345678", "+4915112345678"),
        ("72345", "72345"),
        ("DHL", "DHL"),
        ("DHL24", "DHL24"),
        ("\u202bevil\x00", "\u202bevil"),
    ],
)
async def test_senders_are_normal_numbers_or_themselves(line: Line, sender: str, normal: str) -> None:
    """E.164 by the account's region; short codes and names stay."""
    await line.receive("hi", sender=sender)
    assert line.host.admitted()[0].sender == normal


async def test_bytes_that_are_no_text_do_no_harm(line: Line) -> None:
    """NUL and bad UTF-8 in a signed call: stored clean."""
    raw = b"MessageSid=SM1&From=%2B4915112345678&To=%2B4930901820&Body=a%00b%FF%ED%A0%80c"
    fields = {"MessageSid": "SM1", "From": CUSTOMER, "To": NUMBER, "Body": "a\0b\ufffd\ufffd\ufffd\ufffdc"}
    signature = RequestValidator(line.gateway.auth_token).compute_signature(line.webhook, fields)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(line.webhook, data=raw, headers=headers) as response,
    ):
        assert response.status == 200
    assert line.host.admitted()[0].text == "ab\ufffd\ufffd\ufffd\ufffdc"


async def test_pictures_come_as_links_and_a_loop_is_marked(line: Line) -> None:
    """MMS media are named; a message from our own number needs no answer."""
    await line.receive(
        "see", NumMedia="1", MediaUrl0="https://media.example/1", MediaContentType0="image/jpeg", sid="SM1"
    )
    await line.receive("loop", sender=NUMBER, sid="SM2")
    first, second = line.host.admitted()
    assert first.text == "see\n[image/jpeg] https://media.example/1"
    assert (first.automatic, second.automatic) == ("", "auto_reply")


async def test_consent_words_are_marked(line: Line) -> None:
    """STOP and START travel with the message itself."""
    await line.receive("Stop!!", sid="SM1")
    await line.receive("START", sid="SM2")
    await line.receive("when does it stop raining?", sid="SM3")
    assert [inbound.consent for inbound in line.host.admitted()] == ["stop", "start", ""]


async def test_status_reports_reach_the_hub_in_any_order(line: Line) -> None:
    """Each is handed on once it is genuine; the hub ranks them. Unknown states are accepted and ignored."""
    await line.adapter.send(line.message("hi"))
    (message,) = line.gateway.sent
    for state in ("delivered", "sent", "queued", "delivered", "bananas"):
        assert (await line.gateway.report(message, state))[0] == 204
    status, _ = await line.gateway.report(
        message, "undelivered", ErrorCode="30003", ErrorMessage="Unreachable"
    )
    assert status == 204
    assert line.host.reports() == [
        (message.sid, DeliveryState.DELIVERED, ""),
        (message.sid, DeliveryState.SENT, ""),
        (message.sid, DeliveryState.QUEUED, ""),
        (message.sid, DeliveryState.DELIVERED, ""),
        (message.sid, DeliveryState.UNDELIVERED, "30003 Unreachable"),
    ]

"""Sending through the provider's REST interface, and the provider itself against its official client."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

import channels.sms as sms_channel
from channels.base import DeliveryState, Rejected, Transient, Uncertain
from tests.integration.sms.line import CUSTOMER, NUMBER, Line
from tests.lab.adapter_run import until
from tests.lab.sms_gateway import Answer


class LoopbackClient(TwilioHttpClient):
    """The SDK's own transport, sent to our gateway."""

    def __init__(self, base_url: str) -> None:
        super().__init__(pool_connections=False)
        self._base_url = base_url

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        return super().request(
            method, url.replace("https://api.twilio.com", self._base_url), *args, **options
        )


async def test_the_official_client_finds_the_gateway_twilio_shaped(line: Line) -> None:
    """Create, fetch, the error document and the refused login, as the SDK understands them."""
    gateway = line.gateway

    def converse() -> None:
        client = Client(gateway.account_sid, gateway.auth_token, http_client=LoopbackClient(gateway.url))
        message = client.messages.create(to=CUSTOMER, from_=NUMBER, body="你好")
        assert (message.status, message.body) == ("queued", "你好")
        assert client.messages(message.sid).fetch().status == "sent"
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(to="nobody", from_=NUMBER, body="x")
        assert (refused.value.status, refused.value.code) == (400, 21211)
        stranger = Client(gateway.account_sid, "wrong", http_client=LoopbackClient(gateway.url))
        with pytest.raises(TwilioRestException) as refused:
            stranger.messages.create(to=CUSTOMER, from_=NUMBER, body="x")
        assert refused.value.status == 401

    await asyncio.to_thread(converse)


async def test_a_message_is_sent_with_its_status_address(line: Line) -> None:
    """Number, text and callback as the provider wants them; the receipt names the message."""
    receipt = await line.adapter.send(line.message("It is on its way 📦", recipient="0151 12345678"))
    (sent,) = line.gateway.sent
    assert (receipt.provider_ref, receipt.state) == (sent.sid, DeliveryState.QUEUED)
    assert (sent.sender, sent.recipient, sent.body) == (NUMBER, CUSTOMER, "It is on its way 📦")
    assert sent.status_callback == line.webhook + "status"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Answer(429, 20429, "Too Many Requests", "7"), Transient, "20429"),
        (Answer(500, 20500, "Internal"), Transient, "20500"),
        (Answer(503), Transient, "503"),
        (Answer(400, 21610, "Attempt to send to unsubscribed recipient"), Rejected, "21610"),
        (Answer(404, 20404, "not found"), Rejected, "20404"),
        (Answer(drop=True), Uncertain, "broke off"),
        (Answer(drop=True, taken=True), Uncertain, "broke off"),
        (Answer(silence_s=3.0, taken=True), Uncertain, "broke off"),
    ],
)
async def test_each_failure_has_its_meaning(
    line: Line, answer: Answer, error: type[Exception], said: str
) -> None:
    """Transient: try again. Rejected: for good. Uncertain: nobody knows. The next message is unharmed."""
    line.gateway.answers.append(answer)
    with pytest.raises(error, match=said) as failed:
        await line.adapter.send(line.message("first"))
    if isinstance(failed.value, Rejected):
        assert failed.value.code == said
    if isinstance(failed.value, Transient):
        assert failed.value.retry_after_ms == (7000 if answer.retry_after else None)
    await line.adapter.send(line.message("second", key="k2"))
    assert [message.body for message in line.gateway.sent][-1] == "second"


async def test_an_unreachable_provider_is_transient(line: Line) -> None:
    """Nothing was written, so nothing can have been sent."""
    nowhere = sms_channel.build(replace(line.adapter.settings, api_url="http://127.0.0.1:9"), line.host)
    with pytest.raises(Transient, match="cannot be reached"):
        await nowhere.send(line.message("x"))


async def test_a_cancelled_send_harms_no_later_one(line: Line) -> None:
    """The outbox gives up in the middle; the next message gets its own answer."""
    line.gateway.answers.append(Answer(silence_s=1.0))
    first = asyncio.ensure_future(line.adapter.send(line.message("first")))
    await until(lambda: line.gateway.sent, what="the provider has the first")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    receipt = await line.adapter.send(line.message("second", key="k2"))
    assert receipt.provider_ref == next(m.sid for m in line.gateway.sent if m.body == "second")


@pytest.mark.parametrize(
    ("text", "recipient", "code"),
    [
        ("", CUSTOMER, "empty"),
        (" \n", CUSTOMER, "empty"),
        ("x" * 1601, CUSTOMER, "21617"),
        ("x", "DHL", "21211"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_the_provider_sees_it(
    line: Line, text: str, recipient: str, code: str
) -> None:
    """Empty, too long, or to something that is no number."""
    with pytest.raises(Rejected) as refused:
        await line.adapter.send(line.message(text, recipient=recipient))
    assert refused.value.code == code
    assert not line.gateway.sent

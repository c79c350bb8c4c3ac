"""SMS and web chat through a whole hub: official signer and client outside, a console inside."""

import asyncio

from tests.integration.hub.conftest import NUMBER
from tests.integration.webchat.visitor import Visitor, new_token
from tests.lab.adapter_run import until
from tests.lab.agent import Agent
from tests.lab.hub_process import HubProcess
from tests.lab.sms_gateway import SmsGateway

CUSTOMER = "+447700900555"


async def test_a_text_is_answered_and_its_delivery_shown(hub: HubProcess, gateway: SmsGateway) -> None:
    """In, offer with screen-pop, accept, reply out, delivery report, wrap-up, history."""
    async with Agent(hub.url, "mia") as mia:
        await mia.available()
        status, _ = await gateway.deliver(f"{hub.url}/channels/sms", CUSTOMER, NUMBER, "Where is my order?")
        assert status == 200
        offer = await mia.offered()
        assert offer["contact"]["card"]["addresses"][0]["address"] == CUSTOMER
        assert offer["why"]["en"]
        assert offer["why"]["zh"]
        await mia.accept(offer["offer_id"])
        contact = await mia.active(offer["contact"]["contact_id"])

        await mia.reply(contact["contact_id"], "It left us this morning.")
        await until(lambda: gateway.sent, what="the answer at the carrier")
        [sent] = gateway.sent
        assert (sent.recipient, sent.body) == (CUSTOMER, "It left us this morning.")
        assert (await gateway.report(sent, "delivered"))[0] == 204
        await mia.until(lambda: any(m["delivery"] == "delivered" for m in mia.messages.values()))

        assert len(gateway.sent) == 1, "it went out once"

        await mia.end(contact["contact_id"])
        await mia.in_state(contact["contact_id"], "wrap_up")
        await mia.wrap_up(contact["contact_id"])
        await mia.until(lambda: contact["contact_id"] not in mia.contacts)
    async with Agent(hub.url, "sam") as supervisor:
        story = await supervisor.get(f"/api/customers/{contact['card']['customer_id']}/timeline")
        assert [item["disposition"] for item in story["items"]] == ["resolved"]


async def test_a_repeated_or_forged_text_changes_nothing(hub: HubProcess, gateway: SmsGateway) -> None:
    webhook = f"{hub.url}/channels/sms"
    async with Agent(hub.url, "mia") as mia:
        await mia.available()
        for _ in range(3):
            status, _ = await gateway.deliver(webhook, CUSTOMER, NUMBER, "hello", sid="SM" + "7" * 32)
            assert status == 200
        form = {"MessageSid": "SM" + "8" * 32, "From": CUSTOMER, "To": NUMBER, "Body": "forged"}
        status, words = await gateway.call(webhook, form, signature="bm90IGl0")
        assert status == 403
        assert words
        offer = await mia.offered()
        await mia.accept(offer["offer_id"])
        contact = await mia.active(offer["contact"]["contact_id"])
        shown = await mia.get(f"/api/interactions/{contact['interaction_id']}/messages")
        assert [message["text"] for message in shown["items"]] == ["hello"]


async def test_a_chat_goes_both_ways_and_ends(hub: HubProcess) -> None:
    token = await new_token(hub.url)
    visitor = Visitor(hub.url, token)
    live = asyncio.ensure_future(visitor.live())
    try:
        async with Agent(hub.url, "mia") as mia:
            await mia.available()
            saying = asyncio.ensure_future(visitor.say("client-0001", "Hello there"))
            offer = await mia.offered()
            await saying
            await mia.accept(offer["offer_id"])
            contact = await mia.active(offer["contact"]["contact_id"])
            await mia.reply(contact["contact_id"], "an internal thought", note=True)
            await mia.reply(contact["contact_id"], "How can I help?")
            both = ["Hello there", "How can I help?"]
            await until(
                lambda: [text for _, _, text in visitor.seen] == both, what="both lines at the visitor"
            )
            await visitor.say("client-0002", "My parcel is late")
            await mia.until(lambda: any(m["text"] == "My parcel is late" for m in mia.messages.values()))
    finally:
        live.cancel()
        await asyncio.gather(live, return_exceptions=True)

"""The shipped IVR flow on a real Asterisk, driven by DTMF; and what hostile callers cannot do in it."""

from telephony.port import CallStage
from tests.integration.voice.conftest import AGENT_HZ, running_voice
from tests.integration.voice.desk import Desk
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.miniua import Dialog, UserAgent

HOSTILE_USERS = (
    "07%0d%0aEvent%3a%20Hangup%0d%0aUniqueid%3a%20forged",
    "07%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aChannel%3a%20PJSIP%2ftrunk-00000000%0d%0aUniqueid%3a%20forged%0d%0aX%3a%20",
    "07%0d%0a%0d%0aEvent%3a%20UserEvent%0d%0aUserEvent%3a%20HubWait%0d%0aCall%3a%20x%0d%0aUniqueid%3a%20x%0d%0aX%3a%20",
    "070%22%29%2c%24%7bHUB_KEY%7d",
    "mallory",
    "+123456789012345678901234567890",
)


async def press(customer: Dialog, *inputs: str) -> None:
    """Type each input after the one before is sent; digits interrupt what is being said."""
    for digits in inputs:
        customer.press(digits)
        await customer.pressed()


async def test_where_is_my_order(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        customer = await caller.call("1000")
        await desk.until("call_arrived")
        await press(customer, "1")
        await press(customer, "1")
        await press(customer, "20260014#")
        asked = await desk.until("ivr_lookup")
        assert asked.arguments[1:] == ("order_status", {"order": "20260014"})
        await customer.wait("ended", timeout_s=60)
        gone = await desk.until("call_gone")
        assert gone.arguments[1:] == (CallStage.AFTER, "system"), "served: nobody had to answer"
        assert not desk.all("call_queued")


async def test_order_then_agent(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        customer = await caller.call("1000", from_user="+4930123456")
        await desk.until("call_arrived")
        await press(customer, "2", "1", "20260014#")
        await desk.until("ivr_lookup")
        while not desk.all("call_queued"):
            await press(customer, "1")
        answers = desk.all("call_queued")[0][1]
        assert answers == {"language": "zh", "reason": "orders", "order": "20260014"}
        phone = await agent1.rung()
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])


async def test_wrong_order_number_leads_on_to_an_agent(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk):
        customer = await caller.call("1000", from_user="+4930123456")
        await desk.until("call_arrived")
        await press(customer, "1", "1", "20260015#", "12#", "99999999#")
        queued = await desk.until("call_queued", timeout_s=30)
        assert queued.arguments[1] == {"language": "en", "reason": "orders"}
        assert [arguments[1] for arguments in desk.all("ivr_lookup")] == ["customer"]
        await customer.hears(MUSIC_HZ)


async def test_customer_number_with_check_digit(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk):
        customer = await caller.call("1000")
        await desk.until("call_arrived")
        await press(customer, "1", "3")
        await desk.until("ivr_lookup", where=lambda heard: heard.arguments[2] == {"ani": "0701234567"})
        await press(customer, "100009#", "100008#")
        queued = await desk.until("call_queued", timeout_s=30)
        assert queued.arguments[1] == {"language": "en", "reason": "complaint", "customer": "100008"}
        assert desk.all("ivr_lookup")[-1][1:] == ("customer", {"number": "100008"})


async def test_silence_ends_in_the_queue(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk):
        customer = await caller.call("1000")
        queued = await desk.until("call_queued", timeout_s=60)
        assert queued.arguments[1] == {}
        await customer.hears(MUSIC_HZ)


async def test_hostile_callers_forge_nothing(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        customer = await caller.call("2000")
        phone = await agent1.rung()
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])
        for number, user in enumerate(HOSTILE_USERS, start=1):
            mallory = await caller.call("2000", from_user=user, display="status will follow")
            await desk.until_count("call_queued", number + 1)
            mallory.hang_up()
            await desk.until_count("call_gone", number)
        arrived = [arguments[0].ani for arguments in desk.all("call_arrived")]
        assert arrived == ["0701234567", *[""] * len(HOSTILE_USERS)]
        assert not desk.all("talk_ended"), "the call in progress is untouched"
        assert len(desk.all("call_arrived")) == len(HOSTILE_USERS) + 1
        await customer.hears(AGENT_HZ["agent1"])
    assert "forged" not in asterisk.log.read_text()


async def test_hostile_requests_reach_nothing(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk):
        for number in ("1000%0d%0aEvent%3a%20Hangup", "s", "hub-in", "9999", "20000"):
            refused = await caller.dial(number)
            await refused.wait("ended")
            assert refused.status in (404, 484), number
        claims_agent = await caller.dial("2000", from_user="agent1")
        await claims_agent.wait("ended")
        assert claims_agent.status == 401
        assert not desk.all("call_arrived")

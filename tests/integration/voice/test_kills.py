"""The hub dies, Asterisk dies, the hub's database fails: the caller stays and is found again."""

import pytest

from telephony.ami import BACKOFF_MAX_S
from telephony.port import CallStage, LiveCall
from tests.integration.voice.conftest import AGENT_HZ, CALLER_HZ, killable_voice, running_voice
from tests.integration.voice.desk import WAIT_S, Desk
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.miniua import UserAgent


def only_call(desk: Desk) -> LiveCall:
    """The one call of the first `resynced`."""
    found = desk.all("resynced")[0][0]
    assert len(found) == 1, found
    call: LiveCall = found[0]
    return call


async def test_killed_in_the_menu(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    async with killable_voice(asterisk) as killed:
        customer = await caller.call("1000")
        await killed.heard("call_arrived")
        customer.press("1")
        await customer.pressed()
        await killed.kill()
    await customer.hears(MUSIC_HZ)
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        call = only_call(desk)
        assert (call.stage, call.ani, call.dialled) == (CallStage.FALLBACK, "0701234567", "1000")
        # At once, not when the dialplan next asks.
        await desk.until("call_queued", call.call_id, timeout_s=4)
        phone = await agent1.rung()
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])


async def test_killed_while_waiting(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    async with killable_voice(asterisk) as killed:
        customer = await caller.call("2000")
        call_id = (await killed.heard("call_queued"))[0]
        await customer.hears(MUSIC_HZ)
        await killed.kill()
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        call = only_call(desk)
        assert (call.call_id, call.stage, call.offer_id) == (call_id, CallStage.WAITING, "")
        assert call.waiting_since_ms is not None
        assert 0 <= desk.now_ms() - call.waiting_since_ms < 10_000
        assert not desk.all("call_arrived"), "a call that is found is no new call"
        await customer.hears(MUSIC_HZ)
        await desk.call_queued(call_id, call.answers)
        phone = await agent1.rung()
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])
        assert voice is desk.voice


async def test_killed_while_ringing(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    async with killable_voice(asterisk, "agent1") as killed:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        offer_id = (await killed.heard("leg_ringing"))[0]
        await killed.kill()
    desk = Desk()
    async with running_voice(asterisk, desk) as voice:
        call = only_call(desk)
        assert (call.stage, call.offer_id, call.agent_id) == (CallStage.WAITING, offer_id, "id-agent1")
        assert not call.leg_up
        assert phone.state == "ringing"
        assert await voice.answer(offer_id)
        await desk.until("leg_up", offer_id)
        await customer.hears(AGENT_HZ["agent1"])


async def test_killed_while_ringing_and_answered_meanwhile(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    async with killable_voice(asterisk, "agent1") as killed:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        await killed.heard("leg_ringing")
        await killed.kill()
    phone.answer()
    await customer.hears(AGENT_HZ["agent1"])
    desk = Desk()
    async with running_voice(asterisk, desk):
        call = only_call(desk)
        assert (call.stage, call.agent_id, call.leg_up) == (CallStage.TALKING, "id-agent1", True)


async def test_killed_while_ringing_and_caller_leaves(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    async with killable_voice(asterisk, "agent1") as killed:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        await killed.heard("leg_ringing")
        await killed.kill()
    customer.hang_up()
    assert await phone.wait("cancelled") - customer.times["ended"] < 0.2
    desk = Desk()
    async with running_voice(asterisk, desk):
        assert desk.all("resynced") == [([],)]


@pytest.mark.parametrize("agent_ends", [True, False])
async def test_killed_while_talking(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent, agent_ends: bool
) -> None:
    async with killable_voice(asterisk, "agent1") as killed:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        phone.answer()
        offer_id = (await killed.heard("leg_up"))[0]
        await killed.kill()
    await customer.hears(AGENT_HZ["agent1"])
    await phone.hears(CALLER_HZ)
    desk = Desk()
    async with running_voice(asterisk, desk):
        call = only_call(desk)
        assert (call.stage, call.offer_id, call.leg_up) == (CallStage.TALKING, offer_id, True)
        (phone if agent_ends else customer).hang_up()
        by = "agent" if agent_ends else "customer"
        await desk.until("talk_ended", call.call_id, offer_id, by)
        await desk.until("call_gone", call.call_id)
        assert not desk.all("leg_up"), "what the resync said is not told again"


async def test_killed_while_the_customer_is_held(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        phone.answer()
        offer_id = (await desk.until("leg_up")).arguments[0]
        await voice.hold(offer_id)
        await customer.hears(MUSIC_HZ)
    desk = Desk()
    async with running_voice(asterisk, desk) as voice:
        call = only_call(desk)
        assert (call.stage, call.offer_id, call.leg_up) == (CallStage.HELD, offer_id, True)
        await voice.unhold(offer_id)
        await customer.hears(AGENT_HZ["agent1"])


@pytest.mark.parametrize("agent_leaves", [True, False])
async def test_somebody_leaves_while_the_customer_is_held_and_there_is_no_hub(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent, agent_leaves: bool
) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        phone.answer()
        await voice.hold((await desk.until("leg_up")).arguments[0])
        await customer.hears(MUSIC_HZ)
    (phone if agent_leaves else customer).hang_up()
    await (customer if agent_leaves else phone).wait("ended", timeout_s=15)


async def test_call_arrives_while_there_is_no_hub(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    customer = await caller.call("1000")
    await customer.hears(MUSIC_HZ)
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        assert only_call(desk).stage is CallStage.FALLBACK
        phone = await agent1.rung()
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])


async def test_hub_that_cannot_take_it_in_is_told_everything_anew(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        desk.fail_next.add("leg_up")
        customer = await caller.call("2000")
        phone = await agent1.rung()
        phone.answer()
        again = await desk.until("resynced", where=lambda heard: heard.arguments[0] != [])
        (call,) = again.arguments[0]
        assert (call.stage, call.leg_up) == (CallStage.TALKING, True)
        await customer.hears(AGENT_HZ["agent1"])
        phone.hang_up()
        await desk.until("talk_ended", call.call_id)


async def test_asterisk_killed_and_started_again() -> None:
    """Needs an Asterisk of its own."""
    desk = Desk(["agent1"])
    async with (
        Asterisk() as server,
        running_voice(server, desk),
        UserAgent("caller", server.sip_port, tone_hz=CALLER_HZ) as caller,
        UserAgent("agent1", server.sip_port, server.password, tone_hz=AGENT_HZ["agent1"]) as agent1,
    ):
        await agent1.register()
        await caller.call("2000")
        await agent1.rung()
        await desk.until("leg_ringing")
        await server.kill()
        lost = await desk.until("connection_lost")
        await server.start()
        longest_s = BACKOFF_MAX_S + WAIT_S
        await desk.until("resynced", [], where=lambda heard: heard.at > lost.at, timeout_s=longest_s)
        await agent1.register()
        customer = await caller.call("2000")
        phone = await agent1.rung()
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])
        first, second = (arguments[0].call_id for arguments in desk.all("call_arrived"))
        assert first != second, "an Asterisk that was started within the second names its channels the same"

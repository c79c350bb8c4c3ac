"""Calls on a real Asterisk: answered, given up at each stage, passed from agent to agent."""

import asyncio

import pytest

from telephony.port import CallStage, LegFailure, Ring, VoiceError
from tests.integration.voice.conftest import AGENT_HZ, CALLER_HZ, running_voice
from tests.integration.voice.desk import Desk
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.miniua import Dialog, UserAgent

RING_STOPS_S = 0.2


async def connect(caller: UserAgent, agent: UserAgent, desk: Desk) -> tuple[Dialog, Dialog, str]:
    """Customer and agent talk: their dialogs and the offer's id."""
    customer = await caller.call("2000")
    phone = await agent.rung()
    phone.answer()
    offer_id = (await desk.until("leg_up")).arguments[0]
    return customer, phone, offer_id


async def test_answered_with_audio_both_ways(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        customer = await caller.call("2000")
        await customer.hears(MUSIC_HZ)
        phone = await agent1.rung()
        arrived = (await desk.until("call_arrived")).arguments[0]
        assert (arrived.ani, arrived.dialled) == ("0701234567", "2000")
        assert phone.header("X-Hub-Call") == arrived.call_id
        assert phone.header("X-Hub-Offer") == f"{arrived.call_id}-0"
        assert '"Test caller" <sip:0701234567@' in phone.header("From")
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])
        await phone.hears(CALLER_HZ)
        phone.hang_up()
        await desk.until("talk_ended", arrived.call_id, f"{arrived.call_id}-0", "agent")
        await desk.until("call_gone", arrived.call_id, CallStage.AFTER, "system")
        told = [heard.what for heard in desk.heard if heard.what not in ("endpoint_reachable", "resynced")]
        assert told == [
            "call_arrived",
            "call_queued",
            "leg_ringing",
            "leg_up",
            "talk_ended",
            "call_gone",
        ]


async def test_caller_hangs_up_while_talking(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        customer, phone, offer_id = await connect(caller, agent1, desk)
        customer.hang_up()
        gone = await desk.until("call_gone")
        assert gone.arguments[1:] == (CallStage.TALKING, "customer")
        assert desk.all("talk_ended") == [(gone.arguments[0], offer_id, "customer")]
        await phone.wait("ended")


async def test_hold_and_back(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer, phone, offer_id = await connect(caller, agent1, desk)
        await customer.hears(AGENT_HZ["agent1"])
        await voice.hold(offer_id)
        await customer.hears(MUSIC_HZ)
        await voice.unhold(offer_id)
        customer.media.forget()
        await customer.hears(AGENT_HZ["agent1"])
        await phone.hears(CALLER_HZ)
        await voice.hold(offer_id)
        await customer.hears(MUSIC_HZ)
        phone.hang_up()
        await desk.until("talk_ended", where=lambda heard: heard.arguments[2] == "agent")
        await customer.wait("ended")
        assert len(desk.all("leg_up")) == len(desk.all("talk_ended")) == 1


async def test_caller_leaves_while_held(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer, phone, offer_id = await connect(caller, agent1, desk)
        await voice.hold(offer_id)
        await customer.hears(MUSIC_HZ)
        customer.hang_up()
        await phone.wait("ended")
        await desk.until("call_gone", where=lambda heard: heard.arguments[1:] == (CallStage.HELD, "customer"))


async def test_hub_hangs_up(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer, phone, offer_id = await connect(caller, agent1, desk)
        await voice.hang_up_agent(offer_id)
        await phone.wait("ended")
        await desk.until("talk_ended", where=lambda heard: heard.arguments[2] == "agent")
        await customer.wait("ended")
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer, phone, offer_id = await connect(caller, agent1, desk)
        await voice.hang_up(desk.offers[offer_id].call_id)
        await customer.wait("ended")
        await phone.wait("ended")
        await desk.until("call_gone", where=lambda heard: heard.arguments[2] == "system")
        await voice.hang_up(desk.offers[offer_id].call_id)
        with pytest.raises(VoiceError):
            await voice.hold(offer_id)


@pytest.mark.parametrize("by", ["phone", "notify"])
async def test_answered_from_the_console(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent, by: str
) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        offer_id = (await desk.until("leg_ringing")).arguments[0]
        if by == "notify":
            assert await voice.answer(offer_id)
        else:
            phone.answer()
        await desk.until("leg_up", offer_id)
        await customer.hears(AGENT_HZ["agent1"])
        assert not await voice.answer("no-such-offer")


async def test_abandoned_in_the_menu(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk):
        customer = await caller.call("1000")
        await desk.until("call_arrived")
        customer.hang_up()
        gone = await desk.until("call_gone")
        assert gone.arguments[1:] == (CallStage.IVR, "customer")
        assert not desk.all("call_queued")


async def test_abandoned_while_waiting(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk) as voice:
        customer = await caller.call("2000")
        call_id = (await desk.until("call_queued")).arguments[0]
        await customer.hears(MUSIC_HZ)
        customer.hang_up()
        await desk.until("call_gone", call_id, CallStage.WAITING, "customer")
        with pytest.raises(VoiceError):
            await voice.ring(Ring("late", call_id, "a", "agent1", 5000))


async def test_abandoned_while_ringing(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk):
        customer = await caller.call("2000")
        phone = await agent1.rung()
        offer_id = (await desk.until("leg_ringing")).arguments[0]
        customer.hang_up()
        stopped = await phone.wait("cancelled") - customer.times["ended"]
        assert stopped < RING_STOPS_S
        await desk.until("leg_failed", offer_id, LegFailure.CANCELLED)
        await desk.until(
            "call_gone", where=lambda heard: heard.arguments[1:] == (CallStage.WAITING, "customer")
        )


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        ("ring", LegFailure.NO_ANSWER),
        ("603", LegFailure.REJECTED),
        ("486", LegFailure.BUSY),
        ("480", LegFailure.UNREACHABLE),
        ("500", LegFailure.ERROR),
    ],
)
async def test_next_agent_when_one_does_not_answer(
    asterisk: Asterisk,
    caller: UserAgent,
    agent1: UserAgent,
    agent2: UserAgent,
    behaviour: str,
    failure: LegFailure,
) -> None:
    agent1.answers = behaviour
    desk = Desk(["agent1", "agent2"], ring_ms=1500)
    async with running_voice(asterisk, desk):
        customer = await caller.call("2000")
        await customer.hears(MUSIC_HZ)
        phone = await agent2.rung()
        assert desk.all("leg_failed") == [(f"{phone.header('X-Hub-Call')}-0", failure)]
        customer.media.forget()
        await customer.hears(MUSIC_HZ)  # never left, but an announcement may be on
        phone.answer()
        await customer.hears(AGENT_HZ["agent2"])


async def test_phone_that_is_not_registered(asterisk: Asterisk, caller: UserAgent, agent2: UserAgent) -> None:
    desk = Desk(["agent3", "agent2"])
    async with running_voice(asterisk, desk):
        await caller.call("2000")
        phone = await agent2.rung()
        assert desk.all("leg_failed") == [(f"{phone.header('X-Hub-Call')}-0", LegFailure.UNREACHABLE)]


async def test_ringing_is_taken_back(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        customer = await caller.call("2000")
        phone = await agent1.rung()
        offer_id = (await desk.until("leg_ringing")).arguments[0]
        asked_at = asyncio.get_running_loop().time()
        await voice.cancel_ring(offer_id)
        assert await phone.wait("cancelled") - asked_at < RING_STOPS_S
        await desk.until("leg_failed", offer_id, LegFailure.CANCELLED)
        await voice.cancel_ring(offer_id)
        await customer.hears(MUSIC_HZ)


async def test_answered_at_the_moment_it_is_taken_back(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    """Whoever wins, agent and hub agree: connected, or the caller waits on. Never lost, never alone."""
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        for attempt in range(12):
            desk.heard.clear()
            customer = await caller.call("2000")
            phone = await agent1.rung()
            offer_id = (await desk.until("leg_ringing")).arguments[0]
            phone.answer()
            if attempt % 2:
                await phone.wait("acknowledged")  # Asterisk knows of the answer, we do not yet
            await voice.cancel_ring(offer_id)
            ended = await desk.until_any("leg_up", "leg_failed")
            assert ended.arguments[0] == offer_id
            if ended.what == "leg_failed":
                await phone.wait("ended")
                customer.media.forget()
                await customer.hears(MUSIC_HZ)
            else:
                await customer.hears(AGENT_HZ["agent1"])
            customer.hang_up()
            await desk.until("call_gone", where=lambda heard: heard.arguments[2] == "customer")


async def test_repeated_ring_rings_once(asterisk: Asterisk, caller: UserAgent, agent1: UserAgent) -> None:
    desk = Desk(["agent1"])
    async with running_voice(asterisk, desk) as voice:
        await caller.call("2000")
        phone = await agent1.rung()
        offer = desk.offers[phone.header("X-Hub-Offer")]
        await voice.ring(offer)
        phone.answer()
        await desk.until("leg_up")
        await voice.ring(offer)
        assert agent1.incoming.empty()
        assert len(agent1.dialogs) == 1


async def test_answered_during_an_announcement(
    asterisk: Asterisk, caller: UserAgent, agent1: UserAgent
) -> None:
    desk = Desk(["agent1"], ring_ms=30_000)
    async with running_voice(asterisk, desk):
        customer = await caller.call("2000")
        phone = await agent1.rung()
        await customer.hears(MUSIC_HZ)
        await customer.silent(MUSIC_HZ)
        phone.answer()
        await customer.hears(AGENT_HZ["agent1"])
        await phone.hears(CALLER_HZ)


async def test_registration_is_told(asterisk: Asterisk) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk):
        await desk.until("endpoint_reachable", "agent3", False)
        async with UserAgent("agent3", asterisk.sip_port, asterisk.password) as phone:
            await phone.register()
            await desk.until("endpoint_reachable", "agent3", True)
            desk.heard.clear()
            await phone.register(expires_s=0)
            await desk.until("endpoint_reachable", "agent3", False)
        async with UserAgent("agent3", asterisk.sip_port, "wrong-password") as phone:
            with pytest.raises(AssertionError):
                await phone.register()

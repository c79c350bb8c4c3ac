"""Calls while the hub or Asterisk dies: they go on, the hub finds them, capacity is right afterwards."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.integration.hub.conftest import RING_S
from tests.integration.hub.peers import (
    Worker,
    at_work,
    finish,
    press,
    publish_ring_time,
    rows,
    state_of,
    talking,
    until_rows,
)
from tests.lab.agent import Refused
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.hub_process import HubProcess
from tests.lab.miniua import Dialog, UserAgent

CALLER_HZ, AGENT_HZ = 400.0, 900.0


@pytest.fixture
async def caller(asterisk: Asterisk) -> AsyncIterator[UserAgent]:
    async with UserAgent("caller", asterisk.sip_port, tone_hz=CALLER_HZ) as phone:
        yield phone


async def restart(hub: HubProcess) -> None:
    await hub.kill()
    await hub.start()


async def test_killed_while_in_the_menu(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """The caller hears music, and is in line with what was typed as soon as the hub is back."""
    number = "+442079462001"
    customer = await caller.call("1000", from_user=number)
    await press(customer, "1", "2")
    await until_rows(call_centre, [("open",)], "select state from interactions where address = ?", number)
    await call_centre.kill()
    await customer.hears(MUSIC_HZ)
    await call_centre.start()
    async with at_work(call_centre, asterisk, "emma", tone_hz=AGENT_HZ) as emma:
        offer = await emma.console.offered()
        assert offer["contact"]["address"] == number
        assert offer["contact"]["answers"] == {"language": "en", "reason": "billing"}
        assert offer["contact"]["queue_id"] == "billing"
        (await emma.phone.rung()).answer()
        await customer.hears(AGENT_HZ)
        await emma.console.active(offer["contact"]["contact_id"])
        customer.hang_up()
        await finish(emma, offer["contact"]["contact_id"])


async def test_a_call_that_came_while_the_hub_was_dead(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """It is known who called, and one who left the menu meanwhile is no open matter."""
    leaving, number = "+442079462002", "+19175550142"
    async with UserAgent("other", asterisk.sip_port) as other:
        left = await other.call("1000", from_user=leaving)
        story = "select state, disposition from interactions where address = ?"
        await until_rows(call_centre, [("open", "")], story, leaving)
        await call_centre.kill()
        left.hang_up()
    customer = await caller.call("2000", from_user=number)
    await customer.hears(MUSIC_HZ)
    await call_centre.start()
    await until_rows(call_centre, [("closed", "abandoned_in_ivr")], story, leaving)
    async with at_work(call_centre, asterisk, "mia") as mia:
        offer = await mia.console.offered()
        assert offer["contact"]["card"]["name"] == "Emily Carter"
        customer.hang_up()
        await mia.console.until(lambda: not mia.console.offers)


async def test_killed_while_waiting(call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent) -> None:
    """Who came first is served first; who left meanwhile has abandoned."""
    numbers = ["+442079462003", "+442079462004", "+442079462005"]
    async with UserAgent("other", asterisk.sip_port) as other:
        first = await caller.call("2000", from_user=numbers[0])
        await until_rows(call_centre, [("queued", "")], *state_of(numbers[0]))
        leaving = await other.call("2000", from_user=numbers[1])
        await until_rows(call_centre, [("queued", "")], *state_of(numbers[1]))
        last = await other.call("2000", from_user=numbers[2])
        await until_rows(call_centre, [("queued", "")], *state_of(numbers[2]))
        await call_centre.kill()
        leaving.hang_up()
        await first.hears(MUSIC_HZ)
        await call_centre.start()
        await until_rows(call_centre, [("abandoned", "caller left (waiting)")], *state_of(numbers[1]))
        async with at_work(call_centre, asterisk, "mia") as mia:
            for number, customer in ((numbers[0], first), (numbers[2], last)):
                offer = await mia.console.offered()
                assert offer["contact"]["address"] == number
                (await mia.phone.rung()).answer()
                await mia.console.active(offer["contact"]["contact_id"])
                customer.hang_up()
                await mia.console.in_state(offer["contact"]["contact_id"], "wrap_up")
                await mia.console.wrap_up(offer["contact"]["contact_id"])
            await mia.console.until(lambda: mia.console.presence["load_units"] == 0)


async def test_killed_while_ringing_and_lifted_meanwhile(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """The phone rings on; lifted with no hub there, the two talk all the same."""
    async with at_work(call_centre, asterisk, "mia", tone_hz=AGENT_HZ) as mia:
        customer, ringing, contact_id = await ringing_at(mia, caller, "+442079462006")
        await call_centre.kill()
        ringing.answer()
        await customer.hears(AGENT_HZ)
        await call_centre.start()
        await found_talking(mia, customer, contact_id)


@pytest.fixture
def patient(call_centre: HubProcess) -> Iterator[None]:
    """Phones ring for longer than a hub needs to start, on any machine."""
    publish_ring_time(call_centre, 60)
    yield
    publish_ring_time(call_centre, RING_S)


@pytest.mark.usefixtures("patient")
async def test_killed_while_ringing_and_lifted_afterwards(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    async with at_work(call_centre, asterisk, "mia", tone_hz=AGENT_HZ) as mia:
        customer, ringing, contact_id = await ringing_at(mia, caller, "+442079462007")
        await restart(call_centre)
        assert ringing.state == "ringing"
        ringing.answer()
        await customer.hears(AGENT_HZ)
        await found_talking(mia, customer, contact_id)


async def ringing_at(worker: Worker, caller: UserAgent, number: str) -> tuple[Dialog, Dialog, str]:
    """A call that is offered and rings: the caller's dialog, the agent's and the contact."""
    customer = await caller.call("2000", from_user=number)
    ringing = await worker.phone.rung()
    offer = await worker.console.offered()
    return customer, ringing, offer["contact"]["contact_id"]


async def found_talking(worker: Worker, customer: Dialog, contact_id: str) -> None:
    """The console shows the call, the agent is asked for nothing more, and hangs up."""
    await worker.console.active(contact_id)
    assert not worker.console.offers
    assert worker.phone.incoming.empty()
    assert worker.console.presence["presence"] == "available"
    await worker.console.end(contact_id)
    await customer.wait("ended")
    await finish(worker, contact_id)


async def test_lifted_while_the_hub_was_dead_for_longer_than_it_may_ring(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """The offer's time is long over when the hub is back, and yet these two talk: nobody else is rung."""
    async with at_work(call_centre, asterisk, "mia", tone_hz=AGENT_HZ) as mia:
        customer = await caller.call("2000", from_user="+442079462008")
        ringing = await mia.phone.rung()
        offer = await mia.console.offered()
        contact_id = offer["contact"]["contact_id"]
        await call_centre.kill()
        ringing.answer()
        await customer.hears(AGENT_HZ)
        await over(call_centre, contact_id)
        await call_centre.start()
        await mia.console.active(contact_id)
        assert mia.console.presence["presence"] == "available"
        assert mia.phone.incoming.empty()
        await customer.hears(AGENT_HZ)
        ringing.hang_up()
        await finish(mia, contact_id)


async def test_lifted_while_the_hub_stood_still(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """It wakes to a ring that is over and to a lifted phone, in either order: the phone counts."""
    async with at_work(call_centre, asterisk, "mia", tone_hz=AGENT_HZ) as mia:
        customer = await caller.call("2000", from_user="+442079462018")
        ringing = await mia.phone.rung()
        offer = await mia.console.offered()
        contact_id = offer["contact"]["contact_id"]
        async with at_work(call_centre, asterisk, "noah") as noah:
            call_centre.freeze()
            try:
                ringing.answer()
                await customer.hears(AGENT_HZ)
                await over(call_centre, contact_id)
            finally:
                call_centre.thaw()
            await mia.console.active(contact_id)
            await until_rows(call_centre, [("active", "")], *state_of("+442079462018"))
            await noah.console.until(lambda: noah.console.presence["load_units"] == 0)
            assert not noah.console.offers
            assert mia.console.presence["presence"] == "available"
            assert all(asked.state == "ended" for asked in noah.phone.dialogs.values())
            await customer.hears(AGENT_HZ)
            assert ringing.state == "up"
            customer.hang_up()
            await finish(mia, contact_id)


async def over(hub: HubProcess, contact_id: str) -> None:
    """Wait until the offer of this contact has had its time."""
    [[expires_at_ms]] = rows(hub, "select until_at_ms from contacts where contact_id = ?", contact_id)
    clock = "select strftime('%s', 'now') * 1000 > ?"
    await until_rows(hub, [(1,)], clock, expires_at_ms + 1_000, seconds=20)


async def test_killed_while_talking_and_held(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    async with at_work(call_centre, asterisk, "mia", tone_hz=AGENT_HZ) as mia:
        customer, ringing, contact_id = await talking(caller, mia, "+442079462009")
        await call_centre.kill()
        customer.media.forget()
        await customer.hears(AGENT_HZ)
        await call_centre.start()
        console = mia.console
        await console.active(contact_id)
        await console.post(f"/api/contacts/{contact_id}/hold")
        await customer.hears(MUSIC_HZ)
        await restart(call_centre)
        await console.until(lambda: console.contacts.get(contact_id, {}).get("held"))
        assert ringing.state == "up"
        await console.post(f"/api/contacts/{contact_id}/unhold")
        customer.media.forget()
        await customer.hears(AGENT_HZ)
        await ringing.hears(CALLER_HZ)
        await until_rows(call_centre, [("active", "")], *state_of("+442079462009"))
        await console.end(contact_id)
        await customer.wait("ended")
        await finish(mia, contact_id)


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_hung_up_while_the_hub_was_dead(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent, who: str
) -> None:
    number = "+442079462010" if who == "caller" else "+442079462011"
    async with at_work(call_centre, asterisk, "mia") as mia:
        customer, ringing, contact_id = await talking(caller, mia, number)
        await call_centre.kill()
        (customer if who == "caller" else ringing).hang_up()
        await (ringing if who == "caller" else customer).wait("ended")
        await call_centre.start()
        await finish(mia, contact_id)
        await until_rows(
            call_centre, [("closed",)], "select state from contacts where contact_id = ?", contact_id
        )


async def test_killed_while_wrapping_up(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """Wrap-up holds the agent's capacity over the restart; the next caller comes only after it."""
    async with at_work(call_centre, asterisk, "mia") as mia:
        _, ringing, contact_id = await talking(caller, mia, "+442079462012")
        ringing.hang_up()
        await mia.console.in_state(contact_id, "wrap_up")
        customer = await caller.call("2000", from_user="+442079462013")
        await until_rows(call_centre, [("queued", "")], *state_of("+442079462013"))
        await restart(call_centre)
        await mia.console.in_state(contact_id, "wrap_up")
        assert mia.phone.incoming.empty()
        await mia.console.wrap_up(contact_id)
        offer = await mia.console.offered()
        (await mia.phone.rung()).answer()
        await mia.console.active(offer["contact"]["contact_id"])
        customer.hang_up()
        await finish(mia, offer["contact"]["contact_id"])


async def test_asterisk_killed_and_back(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """Who waited or talked is gone with it; when it is back, calls come as before."""
    async with at_work(call_centre, asterisk, "mia") as mia:
        _, _, talked = await talking(caller, mia, "+442079462014")
        await caller.call("2000", from_user="+442079462015")
        await until_rows(call_centre, [("queued", "")], *state_of("+442079462015"))
        await asterisk.kill()
        with pytest.raises(Refused, match="not_held"):
            await mia.console.post(f"/api/contacts/{talked}/hold")
        await asterisk.start()
        await mia.phone.register()
        await until_rows(
            call_centre, [("abandoned", "caller left (waiting)")], *state_of("+442079462015"), seconds=40
        )
        await finish(mia, talked)
        assert mia.console.presence["presence"] == "available"
        _, ringing, contact_id = await talking(caller, mia, "+442079462016")
        ringing.hang_up()
        await finish(mia, contact_id)

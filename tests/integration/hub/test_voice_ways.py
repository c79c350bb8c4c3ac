"""Calls through a whole hub: callers, agents' phones and consoles around a real Asterisk."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.demo.seed_showcase import SHOWCASE
from tests.integration.hub.peers import at_work, finish, press, rows, state_of, talking, until_rows
from tests.lab.asterisk import MUSIC_HZ, Asterisk
from tests.lab.hub_process import HubProcess
from tests.lab.miniua import UserAgent

CALLER_HZ, AGENT_HZ = 400.0, 900.0
RING_STOPS_S = 0.2
PEOPLE = {person.key: person for person in SHOWCASE}


@pytest.fixture
async def caller(asterisk: Asterisk) -> AsyncIterator[UserAgent]:
    async with UserAgent("caller", asterisk.sip_port, tone_hz=CALLER_HZ) as phone:
        yield phone


async def test_the_console_knows_who_calls_before_the_phone_is_lifted(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    emily = PEOPLE["emily"]
    async with at_work(call_centre, asterisk, "emma", tone_hz=AGENT_HZ) as emma:
        customer = await caller.call("1000", from_user=emily.phone)
        await press(customer, "1", "2")
        offer = await emma.console.offered()
        ringing = await emma.phone.rung()
        assert ringing.state == "ringing"
        contact, card = offer["contact"], offer["contact"]["card"]
        assert (contact["channel"], contact["address"]) == ("voice", emily.phone)
        assert contact["queue_id"] == "billing"
        assert contact["answers"] == {"language": "en", "reason": "billing"}
        assert (card["name"], card["known"]) == ("Emily Carter", True)
        assert card["score"]["value"] > 0
        assert card["score"]["value_parts"]
        assert card["last_interactions"]
        assert '"Emily Carter" <sip:+19175550142@' in ringing.header("From"), "the phone's display"

        ringing.answer()
        await emma.console.active(contact["contact_id"])
        assert not emma.console.offers
        await customer.hears(AGENT_HZ)
        await ringing.hears(CALLER_HZ)
        await emma.console.end(contact["contact_id"])
        await ringing.wait("ended")
        await customer.wait("ended")
        await emma.console.until(lambda: emma.console.presence["wrap_up"])
        await finish(emma, contact["contact_id"])
        assert emma.console.presence["presence"] == "available"
        closed = "select state, disposition, last_agent_id from interactions where interaction_id = ?"
        expected = [("closed", "resolved", emma.console.agent_id)]
        await until_rows(call_centre, expected, closed, contact["interaction_id"])


async def test_accepting_on_the_console_lifts_the_phone(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """At once, before the phone has even begun to ring; then the caller hangs up."""
    async with at_work(call_centre, asterisk, "mia", tone_hz=AGENT_HZ) as mia:

        async def accept(offer: dict[str, Any]) -> None:
            await mia.console.accept(offer["offer_id"])

        mia.console.on_offer = accept
        customer = await caller.call("2000", from_user="+442079461002")
        ringing = await mia.phone.rung()
        await ringing.wait("up")
        await customer.hears(AGENT_HZ)
        await mia.console.until(lambda: any(c["state"] == "active" for c in mia.console.contacts.values()))
        [contact_id] = mia.console.contacts
        customer.hang_up()
        await ringing.wait("ended")
        await finish(mia, contact_id)


async def test_hold_and_back(call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent) -> None:
    async with at_work(call_centre, asterisk, "mia", tone_hz=AGENT_HZ) as mia:
        customer, ringing, contact_id = await talking(caller, mia, "+442079461003")
        console = mia.console
        await customer.hears(AGENT_HZ)
        await console.post(f"/api/contacts/{contact_id}/hold")
        await console.until(lambda: console.contacts[contact_id]["held"])
        await customer.hears(MUSIC_HZ)
        await console.post(f"/api/contacts/{contact_id}/unhold")
        await console.until(lambda: not console.contacts[contact_id]["held"])
        customer.media.forget()
        await customer.hears(AGENT_HZ)
        ringing.hang_up()
        await customer.wait("ended")
        await finish(mia, contact_id)


async def test_a_caller_leaves_the_menu(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    number = "+442079461004"
    customer = await caller.call("1000", from_user=number)
    story = "select state, disposition from interactions where address = ?"
    await until_rows(call_centre, [("open", "")], story, number)
    customer.hang_up()
    await until_rows(call_centre, [("closed", "abandoned_in_ivr")], story, number)


async def test_a_caller_leaves_the_line(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    number = "+442079461005"
    customer = await caller.call("2000", from_user=number)
    await until_rows(call_centre, [("queued", "")], *state_of(number))
    await customer.hears(MUSIC_HZ)
    customer.hang_up()
    await until_rows(call_centre, [("abandoned", "caller left (waiting)")], *state_of(number))


async def test_a_caller_leaves_while_it_rings(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    number = "+442079461006"
    async with at_work(call_centre, asterisk, "mia") as mia:
        customer = await caller.call("2000", from_user=number)
        ringing = await mia.phone.rung()
        await mia.console.offered()
        customer.hang_up()
        stopped_s = await ringing.wait("cancelled") - customer.times["ended"]
        assert stopped_s < RING_STOPS_S
        await mia.console.until(lambda: not mia.console.offers)
        await until_rows(call_centre, [("abandoned", "caller left (waiting)")], *state_of(number))
        await mia.console.until(lambda: mia.console.presence["load_units"] == 0)
        assert mia.console.presence["presence"] == "available"


async def test_nobody_answers_so_the_next_agent_is_rung(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """The first agent is asked for nothing more; the caller hears music all the while."""
    async with at_work(call_centre, asterisk, "mia") as mia:
        customer = await caller.call("2000", from_user="+442079461007")
        unanswered = await mia.phone.rung()
        async with at_work(call_centre, asterisk, "noah", tone_hz=AGENT_HZ) as noah:
            await customer.hears(MUSIC_HZ)
            await unanswered.wait("cancelled")
            ringing = await noah.phone.rung()
            customer.media.forget()
            await customer.hears(MUSIC_HZ)
            await mia.console.until(lambda: mia.console.presence["presence"] == "rona")
            assert not mia.console.offers
            offer = await noah.console.offered()
            ringing.answer()
            await customer.hears(AGENT_HZ)
            await noah.console.active(offer["contact"]["contact_id"])
            customer.hang_up()
            await finish(noah, offer["contact"]["contact_id"])
        assert mia.phone.incoming.empty()


@pytest.mark.parametrize("how", ["on the phone", "on the console"])
async def test_rejected_so_the_next_agent_is_rung(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent, how: str
) -> None:
    number = "+442079461008" if how == "on the phone" else "+442079461009"
    async with at_work(call_centre, asterisk, "mia") as mia:
        customer = await caller.call("2000", from_user=number)
        refused = await mia.phone.rung()
        offer = await mia.console.offered()
        async with at_work(call_centre, asterisk, "noah", tone_hz=AGENT_HZ) as noah:
            if how == "on the phone":
                refused.refuse()
            else:
                await mia.console.reject(offer["offer_id"])
                await refused.wait("cancelled", 1)
            ringing = await noah.phone.rung(3)
            await customer.hears(MUSIC_HZ)
            await mia.console.until(lambda: not mia.console.offers)
            ringing.answer()
            await customer.hears(AGENT_HZ)
            [contact_id] = noah.console.contacts or [offer["contact"]["contact_id"]]
            await noah.console.active(contact_id)
            customer.hang_up()
            await finish(noah, contact_id)
        assert mia.console.presence["presence"] == "available"
        assert len(mia.console.offers_seen) == 1


async def test_no_phone_no_calls(call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent) -> None:
    """Without a registered phone calls wait; with it they come; a phone lost while it rings is no answer."""
    number = "+442079461010"
    async with at_work(call_centre, asterisk, "mia") as mia:
        await mia.phone.register(expires_s=0)
        await mia.console.until(lambda: not mia.console.presence["phone_reachable"])
        customer = await caller.call("2000", from_user=number)
        await until_rows(call_centre, [("queued", "")], *state_of(number))
        assert not mia.console.offers_seen
        await mia.phone.register()
        await mia.console.offered()
        ringing = await mia.phone.rung()
        await mia.phone.register(expires_s=0)
        await ringing.wait("cancelled")
        await mia.console.until(lambda: not mia.console.offers)
        await until_rows(call_centre, [("queued", "")], *state_of(number))
        assert mia.console.presence["presence"] == "available"
        await mia.phone.register()
        ringing = await mia.phone.rung()
        ringing.answer()
        await mia.console.until(lambda: mia.console.contacts)
        [contact_id] = mia.console.contacts
        await mia.console.active(contact_id)
        customer.hang_up()
        await finish(mia, contact_id)


async def test_where_is_my_order(call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent) -> None:
    """The menu reads the order from the database and serves the caller without anybody's help."""
    margaret = PEOPLE["margaret"]
    customer = await caller.call("1000", from_user=margaret.phone)
    await press(customer, "1", "1", f"{margaret.order_no}#")
    await customer.wait("ended", 60)
    served = (
        "select state, disposition from interactions where address = ? and channel = 'voice'"
        " order by opened_at_ms desc limit 1"
    )
    await until_rows(call_centre, [("closed", "self_service")], served, margaret.phone)
    routed = "select contact_id from contacts join interactions using (interaction_id) where address = ?"
    assert rows(call_centre, routed, margaret.phone) == [], "nobody had to answer"


async def test_a_customer_number_says_who_calls(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """From an unknown telephone, after one mistyped number; who speaks Chinese is asked."""
    xiaoyun = PEOPLE["xiaoyun"]
    mistyped = str(int(xiaoyun.number) + 1)
    async with at_work(call_centre, asterisk, "noah"), at_work(call_centre, asterisk, "wei") as wei:
        customer = await caller.call("1000", from_user="+442079461012")
        await press(customer, "2", "4", f"{mistyped}#", f"{xiaoyun.number}#")
        offer = await wei.console.offered()
        card = offer["contact"]["card"]
        assert (card["customer_id"], card["name"], card["known"]) == ("demo-xiaoyun", "林晓芸", True)
        assert offer["contact"]["answers"]["customer"] == xiaoyun.number
        assert offer["contact"]["queue_id"] == "vip"
        customer.hang_up()
        await wei.console.until(lambda: not wei.console.offers)


async def test_the_agent_who_knows_the_caller_is_asked_first(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    """Twice for two callers, so that idle time or skill cannot explain it."""
    async with at_work(call_centre, asterisk, "mia") as mia:
        _, ringing, contact_id = await talking(caller, mia, "+442079461013")
        ringing.hang_up()
        await finish(mia, contact_id)
        async with at_work(call_centre, asterisk, "noah") as noah:
            await mia.console.post("/api/presence", {"presence": "offline"})
            _, ringing, contact_id = await talking(caller, noah, "+442079461014")
            ringing.hang_up()
            await finish(noah, contact_id)
            await mia.console.available()
            for number, worker in (("+442079461013", mia), ("+442079461014", noah)) * 2:
                _, ringing, contact_id = await talking(caller, worker, number)
                ringing.hang_up()
                await finish(worker, contact_id)


async def test_two_calls_and_one_agent(
    call_centre: HubProcess, asterisk: Asterisk, caller: UserAgent
) -> None:
    async with at_work(call_centre, asterisk, "mia") as mia, UserAgent("second", asterisk.sip_port) as second:
        _, ringing, contact_id = await talking(caller, mia, "+442079461015")
        waiting = await second.call("2000", from_user="+442079461016")
        await until_rows(call_centre, [("queued", "")], *state_of("+442079461016"))
        ringing.hang_up()
        await mia.console.in_state(contact_id, "wrap_up")
        assert mia.phone.incoming.empty()
        assert len(mia.console.offers_seen) == 1
        await mia.console.wrap_up(contact_id)
        (await mia.phone.rung()).answer()
        await mia.console.until(lambda: contact_id not in mia.console.contacts and mia.console.contacts)
        [contact_id] = mia.console.contacts
        waiting.hang_up()
        await finish(mia, contact_id)

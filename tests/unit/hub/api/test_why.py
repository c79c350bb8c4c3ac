"""Why a contact waits: for supervisors, only while it waits, with what would have to change."""

import pytest

from channels.base import Inbound, Kind
from routing.types import QueueId
from tests.unit.hub.api.serving import Browser, Served
from tests.unit.hub.api.test_layer import contact_of_mia
from tests.unit.hub.conftest import MovedClock, at_work


async def waiting_contact(site: Served) -> str:
    """A text that nobody can take: everybody is offline."""
    message = Inbound(Kind.SMS, "SM9", "+447700900129", "+447700900001", 1, "Anybody?")
    await site.hub.ports.intake.admit("sms", message)
    await site.settled()
    [contact] = site.hub.dispatcher.engine.waiting()
    return contact.contact


async def test_a_supervisor_is_told_why_and_what_would_have_to_change(
    site: Served, sue: Browser, clock: MovedClock
) -> None:
    contact_id = await waiting_contact(site)
    clock.move(5_000)
    status, told = await sue.get(f"/api/contacts/{contact_id}/why")
    assert status == 200
    assert (told["position"], told["waiting"], told["channel"], told["state"]) == (1, 1, "sms", "queued")
    assert told["queue_name"] == "General questions"
    why = told["why"]
    assert why["headline"] == {
        "en": "Nobody who could help is free: 2 offline.",
        "zh": "可服务的坐席均不空闲：2 位离线。",
    }
    facts = {fact["kind"]: fact["text"]["en"] for fact in why["facts"]}
    assert facts["lead"].startswith("Waited 5 s"), "the wait goes on while nothing happens"
    changes = [change["text"]["en"] for change in why["changes"]]
    assert "One of 2 agents (Mia, Wei) comes to work." in changes
    assert why["lead"]["bound_ms"] == site.hub.dispatcher.engine.bound_ms(QueueId("general"))


async def test_it_is_not_for_agents(site: Served, mia: Browser) -> None:
    contact_id = await waiting_contact(site)
    status, problem = await mia.get(f"/api/contacts/{contact_id}/why")
    assert (status, problem["code"]) == (403, "forbidden")


@pytest.mark.parametrize("contact_id", ["x", "%00", "a" * 300])
async def test_what_never_was_is_not_found(site: Served, sue: Browser, contact_id: str) -> None:
    status, problem = await sue.get(f"/api/contacts/{contact_id}/why")
    assert (status, problem["code"]) == (404, "not_found")


async def test_what_does_not_wait_says_what_it_is(site: Served, sue: Browser, mia: Browser) -> None:
    contact_id = await contact_of_mia(site)
    status, problem = await sue.get(f"/api/contacts/{contact_id}/why")
    assert (status, problem["code"]) == (409, "not_waiting")
    assert problem["detail"] == "This contact does not wait: it is active."
    await mia.post(f"/api/contacts/{contact_id}/end")
    await site.settled()
    _, problem = await sue.get(f"/api/contacts/{contact_id}/why")
    assert problem["detail"] == "This contact does not wait: it is wrap up."


async def test_a_contact_that_is_offered_is_not_called_waiting(site: Served, sue: Browser) -> None:
    contact_id = await waiting_contact(site)
    await at_work(site.hub, "agent-mia")
    await site.settled()
    status, problem = await sue.get(f"/api/contacts/{contact_id}/why")
    assert (status, problem["code"]) == (409, "not_waiting")


async def test_a_change_of_presence_may_wait_for_the_work_in_hand(
    site: Served, mia: Browser, sue: Browser
) -> None:
    contact_id = await contact_of_mia(site)
    later = {"presence": "aux", "code": "break", "after_work": True}
    assert (await mia.post("/api/presence", later))[0] == 200
    await site.settled()

    async def shown() -> dict[str, object]:
        _, board = await sue.get("/api/board")
        [row] = [agent for agent in board["agents"] if agent["agent_id"] == "agent-mia"]
        presence: dict[str, object] = row["presence"]
        return presence

    presence = await shown()
    assert (presence["presence"], presence["pending"], presence["pending_code"]) == (
        "available",
        "aux",
        "break",
    )
    await mia.post(f"/api/contacts/{contact_id}/end")
    await mia.post(f"/api/contacts/{contact_id}/wrap-up", {"disposition": "resolved"})
    presence = await shown()
    assert (presence["presence"], presence["code"], presence["pending"]) == ("aux", "break", None)

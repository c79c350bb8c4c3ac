"""The outbox against a carrier that behaves badly: sent once, or known to be unknown."""

import asyncio

import pytest
from sqlalchemy import Row, insert, select, update

from channels.base import (
    DeliveryReport,
    DeliveryState,
    Inbound,
    Kind,
    Outbound,
    Receipt,
    Rejected,
    Transient,
    Uncertain,
)
from hub import outbox as outboxes
from hub.bootstrap import Hub
from hub.outbox import Outbox
from hub.store.tables import messages, opt_outs, outbox
from routing.types import AgentId
from tests.unit.hub.conftest import MovedClock, at_work, until

MIA = AgentId("agent-mia")
CUSTOMER = "+447700900123"


class Carrier:
    """Answers as told; counts what it was given."""

    def __init__(self, *answers: Exception | Receipt) -> None:
        self.answers = list(answers)
        self.given: list[Outbound] = []

    async def send(self, message: Outbound) -> Receipt:
        self.given.append(message)
        answer = self.answers.pop(0) if self.answers else Receipt("ref-1")
        if isinstance(answer, Exception):
            raise answer
        return answer


async def reply(hub: Hub, carrier: Carrier) -> Outbox:
    """A customer wrote by SMS, the agent answered; the outbox with this carrier runs."""
    running = Outbox(hub.store, hub.clock, hub.executor, {"sms": carrier})
    hub.ports.outbox = running
    await running.start()
    await at_work(hub, MIA)
    await hub.ports.intake.admit("sms", Inbound(Kind.SMS, "SM1", CUSTOMER, "+447700900001", 1, "hello"))
    [offer] = hub.dispatcher.engine.live_offers()
    await hub.desk.delivered(MIA, offer.offer)
    await hub.desk.accept(MIA, offer.offer)
    await hub.executor.settled()
    await hub.desk.send(MIA, offer.contact, "c-1", "an answer", note=False)
    running.wake("sms")
    return running


async def message(hub: Hub) -> Row[tuple[object, ...]]:
    return await hub.store.read(
        lambda c: c.execute(select(messages).where(messages.c.author == "agent")).one()
    )


async def reaches(hub: Hub, delivery: str) -> None:
    found = ""

    async def look() -> None:
        nonlocal found
        while found != delivery:
            found = (await message(hub)).delivery
            await asyncio.sleep(0.01)

    try:
        await asyncio.wait_for(look(), 20)
    except TimeoutError:
        pytest.fail(f"the message is {found!r}, not {delivery!r}")


async def put_back(hub: Hub, attempts: int = 1) -> Row[tuple[object, ...]]:
    """The outbox row, once so many attempts have failed and it is queued again."""
    async with asyncio.timeout(20):
        while True:
            row = await hub.store.read(lambda c: c.execute(select(outbox)).one())
            if (row.state, row.attempts) == ("queued", attempts):
                return row
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("answer", "delivery"),
    [
        (Receipt("ref-1"), "sent"),
        (Receipt("ref-1", DeliveryState.QUEUED), "sent"),
        (Receipt("ref-1", DeliveryState.DELIVERED), "delivered"),
        (Rejected("no such number", "21211"), "failed"),
        (Uncertain("the line was cut after the last byte"), "unknown"),
    ],
)
async def test_each_answer_is_final_and_nothing_goes_out_twice(
    hub: Hub, answer: Exception | Receipt, delivery: str
) -> None:
    carrier = Carrier(answer)
    running = await reply(hub, carrier)
    await reaches(hub, delivery)
    running.wake("sms")
    await hub.store.write(lambda c: None)  # the outbox has looked by then: it queued before us
    assert len(carrier.given) == 1
    await running.close()


async def test_a_passing_failure_is_tried_again_later_and_not_before(hub: Hub, clock: MovedClock) -> None:
    carrier = Carrier(Transient("busy", retry_after_ms=30_000))
    running = await reply(hub, carrier)
    row = await put_back(hub)
    assert (await message(hub)).delivery == "queued"
    assert row.next_at_ms >= clock.at_ms + 30_000, "not before the carrier asked for it"
    clock.move(29_000)
    running.wake("sms")
    await hub.store.write(lambda c: None)
    assert len(carrier.given) == 1

    clock.move(60_000)
    running.wake("sms")
    await reaches(hub, "sent")
    assert len(carrier.given) == 2
    assert carrier.given[0].key == carrier.given[1].key
    await running.close()


async def test_what_a_dead_hub_was_sending_is_unknown_and_stays_unsent(hub: Hub) -> None:
    carrier = Carrier(Transient("down", retry_after_ms=3_600_000))
    running = await reply(hub, carrier)
    await put_back(hub)
    await running.close()
    await hub.store.write(lambda c: c.execute(update(outbox).values(state="sending")))

    second = Outbox(hub.store, hub.clock, hub.executor, {"sms": carrier})
    await second.start()
    await reaches(hub, "unknown")
    assert len(carrier.given) == 1
    await second.close()


async def test_what_was_being_sent_on_an_account_that_is_gone_is_unknown_too(hub: Hub) -> None:
    """Nobody serves the account any more, and still nothing is "sending" for ever."""
    running = await reply(hub, Carrier(Transient("down", retry_after_ms=3_600_000)))
    await put_back(hub)
    await running.close()
    await hub.store.write(lambda c: c.execute(update(outbox).values(state="sending")))

    second = Outbox(hub.store, hub.clock, hub.executor, {})
    await second.start()
    line = await message(hub)
    assert line.delivery == "unknown"
    assert "stopped while sending" in line.delivery_detail
    await second.close()


async def test_an_opted_out_customer_gets_nothing_more(hub: Hub) -> None:
    row = {"account": "sms", "address": CUSTOMER, "at_ms": 1}
    await hub.store.write(lambda c: c.execute(insert(opt_outs), row))
    carrier = Carrier()
    running = await reply(hub, carrier)
    await reaches(hub, "failed")
    assert carrier.given == []
    assert "STOP" in (await message(hub)).delivery_detail
    await running.close()


@pytest.mark.parametrize(("account", "address"), [("other", CUSTOMER), ("sms", "+447700900124")])
async def test_an_opt_out_holds_for_its_own_account_and_address(hub: Hub, account: str, address: str) -> None:
    row = {"account": account, "address": address, "at_ms": 1}
    await hub.store.write(lambda c: c.execute(insert(opt_outs), row))
    running = await reply(hub, Carrier())
    await reaches(hub, "sent")
    await running.close()


@pytest.mark.parametrize(
    "order",
    [
        (DeliveryState.SENT, DeliveryState.DELIVERED),
        (DeliveryState.DELIVERED, DeliveryState.SENT),
        (DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.QUEUED),
    ],
)
async def test_reports_in_any_order_end_at_the_furthest(hub: Hub, order: tuple[DeliveryState, ...]) -> None:
    running = await reply(hub, Carrier(Receipt("ref-7")))
    await reaches(hub, "sent")
    for state in order:
        await running.report("sms", DeliveryReport("ref-7", state, 5))
    await reaches(hub, "delivered")
    await running.close()


@pytest.mark.parametrize(("account", "delivery"), [("sms", "delivered"), ("other", "sent")])
async def test_a_report_that_overtakes_our_own_send_is_not_lost(
    hub: Hub, account: str, delivery: str
) -> None:
    """If it is of this account: another provider may give the same reference."""

    class Hasty(Carrier):
        async def send(self, message: Outbound) -> Receipt:
            for state in (DeliveryState.DELIVERED, DeliveryState.SENT):
                await running.report(account, DeliveryReport("ref-9", state, 5))
            return Receipt("ref-9")

    running = Outbox(hub.store, hub.clock, hub.executor, {})
    running = await reply(hub, Hasty())
    await reaches(hub, delivery)
    await running.close()


async def test_a_report_that_is_behind_the_carriers_answer_is_ignored(hub: Hub) -> None:
    running = await reply(hub, Carrier(Receipt("ref-1", DeliveryState.DELIVERED)))
    await reaches(hub, "delivered")
    await running.report("sms", DeliveryReport("ref-1", DeliveryState.SENT, 5))
    assert (await message(hub)).delivery == "delivered"
    await running.close()


async def test_it_is_given_up_after_the_last_attempt(
    hub: Hub, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "ATTEMPTS_MAX", 3)
    carrier = Carrier(Transient("busy"), Transient("busy"), Transient("busy"))
    running = await reply(hub, carrier)
    for attempts in (1, 2):
        await put_back(hub, attempts)
        clock.move(outboxes.RETRY_MAX_MS)
        running.wake("sms")
    await reaches(hub, "failed")
    assert "given up" in (await message(hub)).delivery_detail
    assert len(carrier.given) == 3
    await running.close()


async def test_a_senders_own_defect_leaves_the_message_unknown_and_unsent(hub: Hub) -> None:
    """Whether it left is not known; the queue behind it goes on."""
    carrier = Carrier(KeyError("a defect"))
    running = await reply(hub, carrier)
    await reaches(hub, "unknown")
    assert "broke off" in (await message(hub)).delivery_detail
    assert len(carrier.given) == 1
    await running.close()


async def test_no_answer_in_time_is_unknown(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Carrier):
        async def send(self, message: Outbound) -> Receipt:
            self.given.append(message)
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(outboxes, "SEND_DEADLINE_S", 0.05)
    carrier = Silent()
    running = await reply(hub, carrier)
    await reaches(hub, "unknown")
    assert (await message(hub)).delivery_detail == "no answer in time"
    assert len(carrier.given) == 1
    await running.close()


async def test_a_report_means_the_message_of_its_own_account(hub: Hub) -> None:
    """Two providers may give the same reference."""
    running = await reply(hub, Carrier(Receipt("ref-1")))
    await reaches(hub, "sent")
    await running.report("other", DeliveryReport("ref-1", DeliveryState.DELIVERED, 5))
    assert (await message(hub)).delivery == "sent"
    await running.report("sms", DeliveryReport("ref-1", DeliveryState.FAILED, 6, "no such number"))
    line = await message(hub)
    assert (line.delivery, line.delivery_detail) == ("failed", "no such number")
    await running.close()


async def test_recipients_that_were_refused_are_named(hub: Hub) -> None:
    running = await reply(hub, Carrier(Receipt("ref-1", refused=("boss@customer.example",))))
    await reaches(hub, "sent")
    assert "boss@customer.example" in (await message(hub)).delivery_detail
    await running.close()


async def test_what_waited_longest_goes_out_first(hub: Hub, clock: MovedClock) -> None:
    carrier = Carrier()
    running = await reply(hub, carrier)
    await reaches(hub, "sent")
    await running.close()
    [contact] = hub.dispatcher.engine.contacts()
    for number in range(3):
        clock.move(1)
        await hub.desk.send(MIA, contact.contact, f"c-later-{number}", str(number), note=False)

    stranger = Carrier()
    other = Outbox(hub.store, hub.clock, hub.executor, {"other": stranger})
    await other.start()
    for _ in range(5):
        await hub.store.write(lambda c: None)  # it settles, then looks: one write each
    assert stranger.given == [], "that is another account's"
    await other.close()

    second = Outbox(hub.store, hub.clock, hub.executor, {"sms": carrier})
    await second.start()
    await until(lambda: len(carrier.given) == 4)
    assert [outbound.text for outbound in carrier.given[1:]] == ["0", "1", "2"]
    await second.close()


async def test_accounts_do_not_touch_each_others_messages(hub: Hub) -> None:
    """One carrier is slow, the other breaks off in the middle: the slow one's message stays where it is."""

    class Slow(Carrier):
        async def send(self, message: Outbound) -> Receipt:
            self.given.append(message)
            await asyncio.Event().wait()
            raise AssertionError

    slow, broken = Slow(), Carrier(KeyError("a defect"))
    running = Outbox(hub.store, hub.clock, hub.executor, {"slow": slow, "sms": broken})
    hub.ports.outbox = running
    await running.start()
    await at_work(hub, MIA)
    for account in ("slow", "sms"):
        await hub.ports.intake.admit(account, Inbound(Kind.SMS, account, CUSTOMER, "+447700900001", 1, "hi"))
        [offer] = hub.dispatcher.engine.live_offers()
        await hub.desk.delivered(MIA, offer.offer)
        await hub.desk.accept(MIA, offer.offer)
        await hub.executor.settled()
        await hub.desk.send(MIA, offer.contact, "c-1", account, note=False)
        running.wake(account)
        await until(lambda account=account: {"slow": slow, "sms": broken}[account].given)  # type: ignore[misc]

    async def states() -> dict[str, str]:
        rows = await hub.store.read(lambda c: c.execute(select(outbox.c.account, outbox.c.state)).all())
        return {row.account: row.state for row in rows}

    async with asyncio.timeout(20):
        while (await states())["sms"] == "sending":
            await asyncio.sleep(0.01)
    assert await states() == {"slow": "sending", "sms": "unknown"}
    assert [outbound.text for outbound in (*slow.given, *broken.given)] == ["slow", "sms"]
    await running.close()

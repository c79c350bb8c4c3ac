"""Arrival: what a story's customer, words and history make of its contact."""

from typing import Any

from sqlalchemy import Row, select, update

from channels.base import Inbound, Kind
from hub import arrival, customers
from hub.bootstrap import Hub
from hub.intake import SMS_STORY_MS
from hub.store.tables import contacts, interactions, journal
from hub.store.tables import customers as customers_table
from routing.types import AgentId
from tests.unit.hub.conftest import MovedClock, at_work

PHONE = "+447700900123"
DAY_MS = 86_400_000
MIA = AgentId("agent-mia")
WEI = AgentId("agent-wei")


def sms(provider_id: str, sender: str = PHONE, **fields: Any) -> Inbound:
    return Inbound(Kind.SMS, provider_id, sender, "+447700900001", 1, "hello", **fields)


async def arrived(hub: Hub, inbound: Inbound) -> Row[Any]:
    admission = await hub.ports.intake.admit("sms", inbound)
    return await hub.store.read(
        lambda c: c.execute(
            select(contacts)
            .where(contacts.c.interaction_id == admission.interaction_id)
            .order_by(contacts.c.arrived_at_ms.desc())
            .limit(1)
        ).one()
    )


async def known_customer(hub: Hub, sender: str, margin_cents: int) -> str:
    """A customer with a purchase of yesterday."""
    now_ms = hub.clock.now_ms()

    def work(connection: Any) -> str:
        customer_id = customers.identify(connection, "phone", sender, now_ms)
        customers.record_purchase(
            connection,
            purchase_id=f"p-{sender}",
            customer_id=customer_id,
            at_ms=now_ms - DAY_MS,
            product="kettle",
            amount_cents=2 * margin_cents,
            margin_cents=margin_cents,
            now_ms=now_ms,
        )
        return customer_id

    return await hub.store.write(work)


async def test_a_stranger_has_no_head_start_and_the_default_queue(hub: Hub) -> None:
    row = await arrived(hub, sms("SM1"))
    assert (row.head_start_ms, row.queue_id, row.state) == (0, "general", "queued")
    assert row.rule_set == hub.dispatcher.engine.rule_set
    [contact] = hub.dispatcher.engine.contacts()
    assert contact.contact == row.contact_id
    assert all(step.agent is None for step in contact.plan.steps), "nobody to wait for has served it before"


async def test_the_best_customer_gets_a_head_start_within_the_cap(hub: Hub) -> None:
    for number in range(20):
        await known_customer(hub, f"+4477009001{number:02d}", 1_000 + number)
    await known_customer(hub, PHONE, 900_000)
    now_ms = hub.clock.now_ms()
    await hub.store.write(lambda c: customers.recompute(c, now_ms))
    best = await arrived(hub, sms("SM1"))
    worst = await arrived(hub, sms("SM2", "+447700900100"))
    assert 0 < best.head_start_ms <= 180_000
    assert best.value > worst.value
    assert worst.head_start_ms == 0
    [event] = await hub.store.read(
        lambda c: [r.body for r in c.execute(select(journal)).all() if best.contact_id in r.body]
    )
    assert f'"head_start_ms":{best.head_start_ms}' in event, "the engine is told what the row says"


async def test_what_the_customer_chose_routes_before_what_is_on_record(hub: Hub) -> None:
    """The IVR's language decides over the story's, and that over the customer's."""
    rules = hub.rulebook
    body = await hub.store.read(lambda c: rules.current(c).body)
    only = {
        **body,
        "rules": [
            {
                "id": "zh",
                "name": "Chinese",
                "when": {
                    "combinator": "and",
                    "rules": [{"field": "language", "operator": "=", "value": "zh"}],
                },
                "then": {"queue": "billing", "steps": [{}], "end": "hold"},
            }
        ],
    }
    await hub.dispatcher.transact(lambda c, now_ms: rules.publish(c, now_ms, only, "test", ""))
    by_answer = await arrived(hub, sms("SM1", "+447700900201", language="en", answers={"language": "zh"}))
    by_message = await arrived(hub, sms("SM2", "+447700900202", language="zh"))
    other = await arrived(hub, sms("SM3", "+447700900203", language="zh", answers={"language": "en"}))
    assert [row.queue_id for row in (by_answer, by_message, other)] == ["billing", "billing", "general"]

    await hub.ports.intake.admit("sms", sms("SM4", "+447700900204"))
    await hub.store.write(lambda c: c.execute(update(customers_table).values(language="zh")))
    on_record = await arrived(hub, sms("SM5", "+447700900205"))
    assert on_record.queue_id == "general", "a new customer has no language yet"
    old_ms = hub.clock.now_ms() - 100 * DAY_MS
    await hub.store.write(lambda c: c.execute(update(interactions).values(changed_at_ms=old_ms)))
    assert (await arrived(hub, sms("SM6", "+447700900204"))).queue_id == "billing"

    await hub.store.write(lambda c: c.execute(update(customers_table).values(language="en")))
    await hub.store.write(lambda c: c.execute(update(interactions).values(changed_at_ms=old_ms)))
    wrote_zh = await arrived(hub, sms("SM7", "+447700900204", language="zh"))
    assert wrote_zh.queue_id == "billing", "what was written last decides over what is on record"


async def test_who_served_the_customer_last_is_asked_first_also_in_a_new_story(
    hub: Hub, clock: MovedClock
) -> None:
    await at_work(hub, WEI)
    first = await arrived(hub, sms("SM1"))
    [offer] = hub.dispatcher.engine.live_offers()
    await hub.desk.delivered(WEI, offer.offer)
    await hub.desk.accept(WEI, offer.offer)
    await hub.executor.settled()
    clock.move(1_000)
    await at_work(hub, MIA)
    clock.move(1_000)
    await hub.desk.end(WEI, offer.contact)
    await hub.desk.wrap_up(WEI, offer.contact, "resolved", "")
    await hub.executor.settled()
    clock.move(SMS_STORY_MS + 1)

    again = await arrived(hub, sms("SM2"))
    stranger = await arrived(hub, sms("SM3", "+447700900999"))
    assert again.interaction_id != first.interaction_id
    asked = {offer.contact: offer.agent for offer in hub.dispatcher.engine.live_offers()}
    assert asked == {again.contact_id: WEI, stranger.contact_id: MIA}, "though Mia has been idle for longer"


async def test_nobody_waits_since_a_time_to_come(hub: Hub, clock: MovedClock) -> None:
    """A call counts from its entry into the line, which Asterisk's clock may put ahead of ours."""
    admission = await hub.ports.intake.admit("sms", sms("SM1"))
    since: dict[str, int] = {}
    for name, at_ms in (("c-past", clock.at_ms - 5_000), ("c-future", clock.at_ms + 5_000)):

        def work(connection: Any, now_ms: int, name: str = name, at_ms: int = at_ms) -> Any:
            event = arrival.route(
                connection, now_ms, hub.rulebook, admission.interaction_id, name, enqueued_at_ms=at_ms
            )
            return event.enqueued_at_ms, [event]

        since[name] = await hub.dispatcher.transact(work)
    assert since == {"c-past": clock.at_ms - 5_000, "c-future": clock.at_ms}
    rows = await hub.store.read(lambda c: c.execute(select(contacts)).all())
    assert since.items() <= {row.contact_id: row.enqueued_at_ms for row in rows}.items()

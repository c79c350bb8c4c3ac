"""Arrival: what a story's customer, words and history make of its contact."""

from typing import Any

from sqlalchemy import Row, insert, select, update

from channels.base import Inbound, Kind
from hub import arrival, customers
from hub.bootstrap import Hub, default_rules
from hub.intake import SMS_STORY_MS
from hub.journal import read as read_journal
from hub.store.tables import cases, contacts, interactions, journal
from hub.store.tables import customers as customers_table
from routing.events import ContactArrived
from routing.rules.ruleset import head_start_ms
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


async def decided_by(hub: Hub, **changes: Any) -> None:
    """Put the first rules in force, changed so."""
    body = {**default_rules(), "rules": [], **changes}
    await hub.dispatcher.transact(lambda c, now_ms: hub.rulebook.publish(c, now_ms, body, "test", ""))


async def told(hub: Hub, contact_id: str) -> ContactArrived:
    """What the engine was told of the contact."""
    events = await hub.store.read(lambda c: [event for _, event in read_journal(c, 0)])
    [event] = [e for e in events if isinstance(e, ContactArrived) and e.contact == contact_id]
    return event


async def test_what_the_hours_said_is_kept_with_the_contact(hub: Hub) -> None:
    body = default_rules()
    general = {**body["queues"][0], "calendar": "always", "when_closed": {"end": "hold"}}
    calendar = {
        "id": "always",
        "name": "Round the clock",
        "time_zone": "UTC",
        "open": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}],
    }
    queues = [general, *body["queues"][1:]]
    await decided_by(hub, queues=queues, calendars=[calendar])
    row = await arrived(hub, sms("SM1", "+447700900201"))
    assert (row.calendar_state, row.calendar_reason) == ("open", "")
    flood = {"from": "2026-01-01T00:00", "until": "2027-01-01T00:00", "reason": "Flood"}
    await decided_by(hub, queues=queues, calendars=[{**calendar, "emergencies": [flood]}])
    row = await arrived(hub, sms("SM2", "+447700900202"))
    assert (row.calendar_state, row.calendar_reason) == ("emergency", "Flood")
    assert (await told(hub, row.contact_id)).calendar == ("emergency", "Flood")


async def test_the_engine_is_told_who_the_customer_is(hub: Hub) -> None:
    for number in range(20):
        await known_customer(hub, f"+4477009001{number:02d}", 1_000 + number)
    customer_id = await known_customer(hub, PHONE, 900_000)
    row = await arrived(hub, sms("SM1"))
    event = await told(hub, row.contact_id)
    assert (event.customer, event.tier) == (customer_id, "platinum")


async def test_the_rules_say_what_loyalty_counts(hub: Hub) -> None:
    """The same customer, whose value is great and whose loyalty is not."""
    for number in range(20):
        await known_customer(hub, f"+4477009001{number:02d}", 1_000 + number)
    await known_customer(hub, PHONE, 900_000)
    bought = {}
    for name, weights in (("value", {"value": 1}), ("loyalty", {"value": 0, "loyalty": 1})):
        await decided_by(hub, weights=weights)
        row = await arrived(hub, sms(f"SM-{name}", PHONE))
        bought[name] = row.head_start_ms
        expected = head_start_ms(getattr(row, name), 120_000)
        assert row.head_start_ms == expected
        old_ms = hub.clock.now_ms() - 100 * DAY_MS
        await hub.store.write(lambda c, at=old_ms: c.execute(update(interactions).values(changed_at_ms=at)))  # type: ignore[misc]
    assert bought["loyalty"] < bought["value"]


async def test_the_owner_of_the_open_case_is_asked_before_who_served_last(
    hub: Hub, clock: MovedClock
) -> None:
    """The owner is who served the story in which the case was opened; a case that is closed has none."""
    await decided_by(
        hub, default={"queue": "general", "steps": [{"agent": "owner", "for_s": 20}, {}], "end": "hold"}
    )
    first = await arrived(hub, sms("SM1"))
    opened_ms = clock.at_ms

    def served(interaction_id: str, agent: AgentId, until_ms: int) -> Any:
        values = {
            "last_agent_id": agent,
            "closed_at_ms": until_ms,
            "changed_at_ms": opened_ms - SMS_STORY_MS - 1,
        }
        where = interactions.c.interaction_id == interaction_id
        return hub.store.write(lambda c: c.execute(update(interactions).where(where).values(values)) and None)

    await served(first.interaction_id, WEI, opened_ms + 1_000)
    case = {
        "case_id": "k-1",
        "customer_id": first.customer_id,
        "kind": "complaint",
        "title": "Broken kettle",
        "state": "open",
        "opened_at_ms": opened_ms + 500,
    }
    await hub.store.write(lambda c: c.execute(insert(cases), case) and None)
    clock.move(2_000)
    second = await arrived(hub, sms("SM2"))
    await served(second.interaction_id, MIA, clock.at_ms + 1_000)
    clock.move(2_000)
    third = await arrived(hub, sms("SM3"))
    assert (await told(hub, third.contact_id)).plan.steps[0].agent == WEI
    await served(third.interaction_id, MIA, clock.at_ms + 1_000)
    clock.move(2_000)
    await hub.store.write(lambda c: c.execute(update(cases).values(state="closed")) and None)
    fourth = await arrived(hub, sms("SM4"))
    assert [step.agent for step in (await told(hub, fourth.contact_id)).plan.steps] == [None]

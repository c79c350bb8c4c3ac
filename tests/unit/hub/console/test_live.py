"""What is on the board: bounds, expected waits, places, and explanations for the first in line only."""

from channels.base import Inbound, Kind
from hub import wire
from hub.bootstrap import Hub
from hub.console import live
from hub.console.live import WAITING_MAX, Live
from hub.console.why.answers import Waits
from routing.events import ContactParked
from routing.types import AgentId, ContactId, Presence
from tests.unit.hub.conftest import MovedClock, at_work


async def read(hub: Hub, clock: MovedClock) -> wire.Board:
    await hub.executor.settled()
    now = Live.of(hub.dispatcher.engine, frozenset(), clock.now_ms())
    return await hub.store.read(lambda c: live.board(c, now, 0))


async def arrive(hub: Hub, number: int) -> None:
    message = Inbound(Kind.SMS, f"SM{number}", f"+4477009{number:05}", "+447700900001", 1, "Anybody?")
    await hub.ports.intake.admit("sms", message)


async def test_a_queue_shows_its_bound_its_expected_wait_and_who_serves_it(
    hub: Hub, clock: MovedClock
) -> None:
    await at_work(hub, "agent-mia")
    board = await read(hub, clock)
    for queue in board.queues:
        assert queue.bound_ms == hub.dispatcher.engine.bound_ms(queue.queue_id)  # type: ignore[arg-type]
        assert queue.expected is None, "nobody has been served yet"
        assert (queue.agents_available, queue.agents_staffed) == (1, 1)
        assert queue.reserve == "none"


async def test_who_waits_is_shown_in_order_with_place_and_reason(hub: Hub, clock: MovedClock) -> None:
    await arrive(hub, 1)
    clock.move(1_000)
    await arrive(hub, 2)
    clock.move(2_000)
    board = await read(hub, clock)
    assert [row.position for row in board.waiting] == [1, 2]
    assert board.waiting[0].enqueued_at_ms < board.waiting[1].enqueued_at_ms
    assert board.waiting[0].why_not_yet["en"] == "Nobody who could help is free: 2 offline."
    [queue] = [queue for queue in board.queues if queue.waiting]
    assert (queue.waiting, queue.oldest_wait_ms) == (2, 3_000)


async def test_what_was_served_tells_how_long_those_who_wait_must_expect(hub: Hub, clock: MovedClock) -> None:
    """Four wait for Mia, who takes three of them, one each five seconds."""
    mia = AgentId("agent-mia")
    for number in range(4):
        await arrive(hub, number)
    await at_work(hub, mia)
    offers = hub.dispatcher.engine.live_offers()
    for offer in offers:
        await hub.desk.delivered(mia, offer.offer)
    for offer in offers:
        clock.move(5_000)
        await hub.desk.accept(mia, offer.offer)
        await hub.executor.settled()
    board = await read(hub, clock)
    [row] = board.waiting
    assert row.expected is not None
    assert row.expected.low_ms < row.expected.likely_ms < row.expected.high_ms
    assert row.why_not_yet["en"] == "Nobody who could help is free: 1 busy, 1 offline."
    [queue] = [queue for queue in board.queues if queue.waiting]
    assert queue.expected is not None
    assert queue.expected.likely_ms > row.expected.likely_ms, "who comes now is behind the one who waits"
    waits = Waits.of(hub.dispatcher.engine, row.contact_id, clock.now_ms())
    assert waits is not None
    told = await hub.store.read(waits.view)
    assert told.expected == row.expected
    [expected] = [fact.text["en"] for fact in told.why.facts if fact.kind == "expected"]
    assert expected == "Probably 0–12 s more (true in four of five cases)."


async def test_only_the_first_in_line_are_explained(hub: Hub, clock: MovedClock) -> None:
    for number in range(WAITING_MAX + 5):
        await arrive(hub, number)
    board = await read(hub, clock)
    assert len(board.waiting) == WAITING_MAX
    assert sum(queue.waiting for queue in board.queues) == WAITING_MAX + 5


async def test_a_parked_contact_is_shown_with_its_agent(hub: Hub, clock: MovedClock) -> None:
    mia = AgentId("agent-mia")
    await at_work(hub, mia)
    await arrive(hub, 1)
    [contact] = hub.dispatcher.engine.contacts()
    assert contact.offer is not None
    await hub.desk.accept(mia, contact.offer)
    await hub.executor.settled()
    await hub.dispatcher.transact(
        lambda _c, now_ms: (None, [ContactParked(now_ms, ContactId(contact.contact))])
    )
    clock.move(4_000)
    board = await read(hub, clock)
    [row] = [agent for agent in board.agents if agent.agent_id == mia]
    [work] = row.contacts
    assert (work.state, clock.now_ms() - work.since_at_ms) == ("parked", 4_000)
    assert row.presence.load_units == 0
    await hub.desk.set_presence(mia, Presence.OFFLINE, "")

"""The board's feed: at once to who asks, then once a second at most, only while somebody watches."""

from channels.base import Inbound, Kind
from tests.unit.hub.api.serving import Browser, Served, page
from tests.unit.hub.conftest import at_work, until


async def test_a_supervisor_gets_the_board_at_once_and_then_its_changes(
    site: Served, mia: Browser, sue: Browser
) -> None:
    async with page(site.url, sue.cookie) as board:
        assert await board.ask("board_watch", {"on": True}) == {"ok": True}
        await until(lambda: board.boards)
        assert not board.boards[0].waiting
        [row] = [agent for agent in board.boards[0].agents if agent.agent_id == "agent-mia"]
        assert (row.console_connected, row.presence.presence) == (False, "offline")

        message = Inbound(Kind.SMS, "SM1", "+447700900123", "+447700900001", 1, "Hi")
        await site.hub.ports.intake.admit("sms", message)
        await until(lambda: board.boards[-1].waiting)
        assert sum(queue.waiting for queue in board.boards[-1].queues) == 1

        async with page(site.url, mia.cookie) as console:
            await console.hello()
            await mia.post("/api/presence", {"presence": "available"})
            await until(lambda: console.offers)
            await until(lambda: sum(queue.offered for queue in board.boards[-1].queues) == 1)
            [row] = [agent for agent in board.boards[-1].agents if agent.agent_id == "agent-mia"]
            assert (row.console_connected, row.presence.presence) == (True, "available")
            [work] = row.contacts
            assert work.state == "offered"
            await mia.post(f"/api/offers/{console.offers[0].offer_id}/accept")
            await until(lambda: sum(queue.answered_today for queue in board.boards[-1].queues) == 1)
            [queue] = [queue for queue in board.boards[-1].queues if queue.answered_today]
            assert queue.service_level == 1.0


async def test_nothing_is_sent_when_nothing_changes_or_nobody_watches(site: Served, sue: Browser) -> None:
    async with page(site.url, sue.cookie) as board, page(site.url, sue.cookie) as other:
        await board.ask("board_watch", {"on": True})
        await other.ask("board_watch", {"on": True})
        await until(lambda: board.boards and other.boards)
        assert await other.ask("board_watch", {"on": False}) == {"ok": True}
        await at_work(site.hub, "agent-wei")
        await until(lambda: board.boards[-1].agents[1].presence.presence == "available")
        assert len(other.boards) == 1
        assert len({repr(shown) for shown in board.boards}) == len(board.boards)

"""Both sides speak while both sides are cut at random: all lines once, in order, on every screen."""

import asyncio
import contextlib
import random
from pathlib import Path

from tests.integration.webchat.chat_site import Site, serving, until
from tests.integration.webchat.visitor import Page, Visitor, new_token

LINES = 300
AGENT_PAUSE_S_MAX = 0.04
DEADLINE_S = 90


async def _cut_at_random(site: Site, visitor: Visitor, dice: random.Random) -> None:
    while True:
        await asyncio.sleep(dice.uniform(0.05, 0.25))
        if dice.random() < 0.5:
            await visitor.cut()
        else:
            site.cut_all()


async def _agent_speaks(site: Site, visitor_id: str, dice: random.Random) -> None:
    for number in range(LINES):
        site.host.agent_says(visitor_id, f"agent {number}", f"a{number}")
        await site.chat.changed(visitor_id)
        await asyncio.sleep(dice.uniform(0, AGENT_PAUSE_S_MAX))


async def _visitor_speaks(visitor: Visitor) -> list[int]:
    return [await visitor.say(f"client-id-{number}", f"visitor {number}") for number in range(LINES)]


async def test_300_and_300_lines_through_cuts_arrive_once_and_in_order(tmp_path: Path) -> None:
    dice = random.Random(7)
    async with serving(tmp_path / "chat.db") as site:
        site.host.step_ms = 600
        visitor = Visitor(site.url, await new_token(site.url))
        living = asyncio.ensure_future(visitor.live())
        await visitor.say("client-id-hello", "hello")
        (visitor_id,) = site.host.visitors()
        site.host.agent_joins(visitor_id, "Mia")
        cutting = asyncio.ensure_future(_cut_at_random(site, visitor, dice))
        try:
            async with asyncio.timeout(DEADLINE_S):
                seqs, _ = await asyncio.gather(
                    _visitor_speaks(visitor), _agent_speaks(site, visitor_id, dice)
                )
                await until(lambda: len(visitor.seen) == 2 * LINES + 1, DEADLINE_S)
        finally:
            for task in (cutting, living):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        assert visitor.seen == site.host.lines(visitor_id)
        assert [seq for seq, _, _ in visitor.seen] == list(range(1, 2 * LINES + 2))
        texts = [text for _, author, text in visitor.seen if author == "visitor"]
        assert texts == ["hello"] + [f"visitor {number}" for number in range(LINES)]
        texts = [text for _, author, text in visitor.seen if author == "agent"]
        assert texts == [f"agent {number}" for number in range(LINES)]
        assert seqs == sorted(set(seqs))
        assert visitor.connects > 10


async def test_a_restarted_hub_goes_on_with_the_same_visitor(tmp_path: Path) -> None:
    async with serving(tmp_path / "chat.db") as site:
        token = await new_token(site.url)
        async with Page(site.url, token) as page:
            await page.call("msg", {"client_id": "before-restart", "text": "before"})
    async with serving(tmp_path / "chat.db") as site, Page(site.url, token) as page:
        again = await page.call("msg", {"client_id": "before-restart", "text": "before"})
        assert again["seq"] == 1
        assert (await page.call("msg", {"client_id": "after-restart", "text": "after"}))["seq"] == 2
        items = (await page.call("sync", {"after": 0}))["items"]
        assert [item["text"] for item in items] == ["before", "after"]

"""A rule set on a running hub: from draft into force and back by the command line, the hub killed in between.

What decides is read where everybody reads it: over HTTP, from the next decision after each step.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from routing.rules.ruleset import content_hash
from tests.integration.hub.conftest import hub_of
from tests.integration.hub.peers import rows, until_rows, visitor
from tests.lab.agent import Agent
from tests.lab.hub_process import HubProcess

WEB = {"web": {"type": "webchat", "site_name": "Harbour & Vine", "languages": ["en", "zh"]}}
SHORT_DAY = {
    "name": "a short day",
    "streams": [
        {
            "id": "chats",
            "channel": "chat",
            "arrivals": [{"from": "09:00", "to": "10:00", "per_hour": 40}],
            "handle": {"kind": "exponential", "mean_s": 120},
        }
    ],
    "agents": [
        {
            "id": "team",
            "count": 2,
            "skills": {"english": 80},
            "capacity": {"units": 4, "caps": {"chat": 4}},
            "shifts": [{"from": "09:00", "to": "11:00"}],
        }
    ],
}


@pytest.fixture
async def hub(company: Path, tmp_path: Path) -> AsyncIterator[HubProcess]:
    breaks = [{"code": "break", "labels": {"en": "Break", "zh": "休息"}}]
    async with hub_of(company, tmp_path, accounts=WEB, aux_codes=breaks) as hub:
        yield hub


@asynccontextmanager
async def decided(hub: HubProcess, mia: Agent) -> AsyncIterator[dict[str, Any]]:
    """The decision about a new chat, as Mia is asked for it and the HTTP interface tells it afterwards."""
    async with visitor(hub) as guest:
        known = set(mia.contacts)
        await guest.say("client-0001", "Hello there")
        offer = await mia.offered()
        await mia.accept(offer["offer_id"])
        contact = await mia.active(offer["contact"]["contact_id"])
        assert contact["contact_id"] not in known
        told = await mia.get(f"/api/contacts/{contact['contact_id']}/decisions")
        yield told["items"][-1]
        await mia.end(contact["contact_id"])
        await mia.in_state(contact["contact_id"], "wrap_up")
        await mia.wrap_up(contact["contact_id"])
        await mia.until(lambda: contact["contact_id"] not in mia.contacts)


async def decider(hub: HubProcess, mia: Agent) -> str:
    """The hash that the next decision cites; both explanations name its beginning."""
    async with decided(hub, mia) as decision:
        cited: str = decision["trace"]["rule_set"]
        [rule] = [fact["text"] for fact in decision["why"]["facts"] if fact["kind"] == "rule"]
        assert all(cited[:8] in rule[language] for language in ("en", "zh")), rule
        return cited


async def killed(hub: HubProcess, mia: Agent) -> None:
    """SIGKILL and start again; the history of the rules is word for word what it was."""
    before = hub.run("rules", "show", "--history")
    await hub.kill()
    await hub.start()
    assert hub.run("rules", "show", "--history") == before
    await mia.until(lambda: mia.presence["presence"] == "available")


@pytest.mark.timeout(300)
async def test_a_draft_comes_into_force_and_goes_back_in_one_step(hub: HubProcess, tmp_path: Path) -> None:
    old = json.loads(hub.run("rules", "show"))
    queues = [{**queue, "head_start_max_s": 30} for queue in old["queues"]]
    changed = {**old, "name": "A smaller head start", "queues": queues}
    old_hash, new = content_hash(old), content_hash(changed)
    draft, day = tmp_path / "draft.json", tmp_path / "day.json"
    draft.write_text(json.dumps(changed), encoding="utf-8")
    day.write_text(json.dumps(SHORT_DAY), encoding="utf-8")

    async with Agent(hub.url, "mia") as mia:
        await mia.available()
        assert await decider(hub, mia) == old_hash

        assert f"saved {new}, which is draft" in hub.run("rules", "draft", str(draft))
        assert "greatest head start" in hub.run("rules", "diff", old_hash, new)
        with pytest.raises(AssertionError, match="has not been simulated yet"):
            hub.run("rules", "approve", new)
        seen = hub.run("simulate", "--for", new, "--from", str(day), "--seeds", "2", "--jobs", "1")
        assert "Service level" in seen
        assert rows(hub, "select state from rule_sets where hash = ?", new) == [("simulated",)]
        await killed(hub, mia)
        assert await decider(hub, mia) == old_hash, "what is simulated decides about nobody"

        hub.run("rules", "approve", new, "--note", "seen")
        assert await decider(hub, mia) == old_hash
        hub.run("rules", "stage", new, "--queue", "general")
        assert await decider(hub, mia) == new, "all chats fall to the trial"
        await killed(hub, mia)
        assert await decider(hub, mia) == new
        hub.run("rules", "unstage")
        assert await decider(hub, mia) == old_hash

        hub.run("rules", "publish", new, "--note", "the trial went well")
        assert await decider(hub, mia) == new
        await killed(hub, mia)
        assert await decider(hub, mia) == new
        assert f"rolled back to {old_hash}" in hub.run("rules", "rollback")
        assert await decider(hub, mia) == old_hash
        await killed(hub, mia)
        assert await decider(hub, mia) == old_hash

    states = dict(rows(hub, "select hash, state from rule_sets"))
    assert states == {old_hash: "published", new: "retired"}
    steps = rows(hub, "select state from rule_set_steps where hash = ? order by rowid", new)
    assert [state for (state,) in steps] == [
        *("draft", "simulated", "approved", "staged", "approved", "published", "retired")
    ]


async def test_a_contact_that_waits_says_what_would_have_to_change(hub: HubProcess) -> None:
    async with Agent(hub.url, "mia") as mia, Agent(hub.url, "sam") as sam, visitor(hub) as guest:
        await mia.available()
        await mia.post("/api/presence", {"presence": "aux", "code": "break"})
        await mia.until(lambda: mia.presence["presence"] == "aux")
        await guest.say("client-0001", "Hello there")
        [(contact,)] = rows(hub, "select contact_id from contacts where state = 'queued'")

        english = hub.run("why", contact)
        assert english.startswith("Nobody who could help is free: ")
        changes = english.partition("What would have to change:\n")[2].splitlines()
        assert any("Mia Turner comes back from being away" in change for change in changes), english
        assert any("its plan goes on" in change for change in changes), english
        chinese = hub.run("why", contact, "--language", "zh")
        assert chinese.startswith("可服务的坐席均不空闲：")
        assert "Mia Turner 结束小休" in chinese.partition("需要什么变化：\n")[2]
        told = (await sam.get(f"/api/contacts/{contact}/why"))["why"]
        assert told["headline"]["en"] in english
        assert told["headline"]["zh"] in chinese

        await hub.kill()
        await hub.start()
        assert told["headline"]["en"] in hub.run("why", contact)
        await mia.available()
        offer = await mia.offered()
        assert offer["contact"]["contact_id"] == contact
        await mia.accept(offer["offer_id"])
        await mia.active(contact)
        await until_rows(
            hub, [("active",)], "select state from contacts where contact_id = ?", contact, seconds=10
        )
        assert "First in line when the agent became free" in hub.run("why", contact)

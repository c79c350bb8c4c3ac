"""Rule sets over HTTP: who may look, approve and change; refusals with their places; into force and back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub import staff
from hub.bootstrap import default_rules
from tests.unit.hub.api.serving import PASSWORD, Browser, Served


@pytest.fixture
async def root(site: Served) -> AsyncIterator[Browser]:
    """An admin."""
    await site.hub.store.write(
        lambda c: staff.create_agent(c, username="root", name="Root", password=PASSWORD, roles=("admin",))
    )
    async with Browser(site.url) as browser:
        await browser.login("root")
        yield browser


def rules(name: str) -> dict[str, Any]:
    body = default_rules()
    return {**body, "name": name, "rules": body["rules"][1:]}


async def saved(root: Browser, name: str = "less") -> str:
    status, row = await root.post("/api/rules/draft", {"body": rules(name), "note": "shorter"})
    assert (status, row["state"], row["author"], row["note"]) == (200, "draft", "root", "shorter")
    found: str = row["hash"]
    return found


async def approved(site: Served, root: Browser, name: str = "less") -> str:
    wanted = await saved(root, name)
    await site.hub.dispatcher.transact(
        lambda c, at: site.hub.rulebook.record_simulation(c, at, wanted, {"sl": 0.8}, "sim")
    )
    status, row = await root.post(f"/api/rules/{wanted}/approve", {})
    assert (status, row["state"]) == (200, "approved")
    return wanted


async def test_from_draft_into_force_and_back(site: Served, root: Browser, sue: Browser) -> None:
    engine = site.hub.dispatcher.engine
    before, wanted = engine.rule_set, await saved(root)
    status, problem = await root.post(f"/api/rules/{wanted}/approve", {})
    assert (status, problem["code"]) == (409, "wrong_state")
    assert "simulated" in problem["detail"]
    await site.hub.dispatcher.transact(
        lambda c, at: site.hub.rulebook.record_simulation(c, at, wanted, {"sl": 0.8}, "sim")
    )
    status, problem = await root.post(f"/api/rules/{wanted}/publish", {})
    assert (status, problem["code"]) == (409, "wrong_state")
    status, row = await sue.post(f"/api/rules/{wanted[:12]}/approve", {"note": "fine"})
    assert (status, row["state"]) == (200, "approved"), "a supervisor may approve"
    status, row = await root.post(f"/api/rules/{wanted}/publish", {"note": "now"})
    assert (status, row["state"], engine.rule_set) == (200, "published", wanted)
    steps = [(step["state"], step["by"], step["note"], step["detail"]) for step in row["steps"]]
    assert steps == [
        ("draft", "root", "shorter", {}),
        ("simulated", "sim", "", {"summary": {"sl": 0.8}}),
        ("approved", "sue", "fine", {"own": False}),
        ("published", "root", "now", {}),
    ]
    status, row = await root.post("/api/rules/rollback", {})
    assert (status, row["hash"], row["state"], engine.rule_set) == (200, before, "published", before)
    status, listed = await sue.get("/api/rules")
    assert [(row["hash"], row["state"]) for row in listed["items"]] == [
        (before, "published"),
        (wanted, "retired"),
    ]


async def test_a_trial_begins_and_ends(site: Served, root: Browser) -> None:
    wanted = await approved(site, root)
    path = f"/api/rules/{wanted}/stage"
    status, problem = await root.post(path, {"percent": 0})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/percent")
    status, problem = await root.post(path, {"queues": ["general", "moon"]})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/queues/1")
    assert "moon" in problem["errors"][0]["detail"]
    status, row = await root.post(path, {"percent": 20, "queues": ["general"], "note": "carefully"})
    assert (status, row["state"]) == (200, "staged")
    assert row["trial"] == {"percent": 20, "queues": ["general"]}
    _, listed = await root.get("/api/rules")
    assert [row["state"] for row in listed["items"]] == ["published", "staged"]
    status, row = await root.post("/api/rules/unstage", {})
    assert (status, row["hash"], row["state"], row["trial"]) == (200, wanted, "approved", None)
    status, problem = await root.post("/api/rules/unstage", {})
    assert (status, problem["code"]) == (409, "wrong_state")


async def test_what_a_set_says_and_what_changes_is_told_in_words(site: Served, root: Browser) -> None:
    before, wanted = site.hub.dispatcher.engine.rule_set, await saved(root)
    status, document = await root.get(f"/api/rules/{wanted[:10]}")
    assert (status, document["body"], document["row"]["hash"]) == (200, rules("less"), wanted)
    assert len(document["words"]) == len(document["body"]["rules"]) + 1
    status, changed = await root.get(f"/api/rules/diff?from={before}&to={wanted[:8]}")
    assert (status, changed["from_hash"], changed["to_hash"]) == (200, before, wanted)
    assert any("is gone" in words for words in changed["words"])
    _, nothing = await root.get(f"/api/rules/diff?from={before}&to={before}")
    assert nothing["words"] == []


async def test_mistakes_are_pointed_at_and_nothing_is_saved(root: Browser) -> None:
    body = rules("bad")
    body["default"]["queue"] = "nowhere"
    body["queues"][0]["needs"] = [{"skill": "levitation"}]
    status, problem = await root.post("/api/rules/draft", {"body": body})
    assert (status, problem["code"]) == (422, "mistakes")
    assert {"/body/default/queue", "/body/queues/0/needs/0/skill"} <= {
        error["pointer"] for error in problem["errors"]
    }
    for nonsense in (None, [], "x", 1, {}):
        status, problem = await root.post("/api/rules/draft", {"body": nonsense})
        assert (status, problem["code"]) == (422, "mistakes")
        assert problem["errors"]
    status, problem = await root.post("/api/rules/draft", {"body": rules("long"), "note": "x" * 501})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/note")
    _, listed = await root.get("/api/rules")
    assert len(listed["items"]) == 1


async def test_unknown_hashes_are_not_found(root: Browser) -> None:
    for path in ("/api/rules/ffff", "/api/rules/diff?from=ffff&to=ffff", "/api/rules/%25"):
        status, problem = await root.get(path)
        assert (status, problem["code"]) == (404, "not_found"), path
    for path in ("/api/rules/ffff/approve", "/api/rules/ffff/publish", "/api/rules/ffff/stage"):
        assert (await root.post(path, {}))[0] == 404, path
    assert (await root.post("/api/rules/rollback", {"to": "ffff"}))[0] == 404
    for query in ("", "?from=ffff", "?from=ffff&to=" + "f" * 65):
        status, problem = await root.get(f"/api/rules/diff{query}")
        assert (status, problem["errors"][0]["pointer"]) == (422, "?to" if "from" in query else "?from")


async def test_agents_see_no_rules_and_supervisors_change_none(
    site: Served, root: Browser, sue: Browser, mia: Browser
) -> None:
    wanted = await saved(root)
    reads = ("/api/rules", f"/api/rules/{wanted}", f"/api/rules/diff?from={wanted}&to={wanted}")
    for path in reads:
        assert (await mia.get(path))[0] == 403, path
        assert (await sue.get(path))[0] == 200, path
    changes = (
        ("/api/rules/draft", {"body": rules("mine")}),
        (f"/api/rules/{wanted}/publish", {}),
        (f"/api/rules/{wanted}/stage", {"percent": 1}),
        ("/api/rules/unstage", {}),
        ("/api/rules/rollback", {}),
    )
    for path, body in changes:
        for browser in (mia, sue):
            status, problem = await browser.post(path, body)
            assert (status, problem["code"]) == (403, "forbidden"), path
    assert (await mia.post(f"/api/rules/{wanted}/approve", {}))[0] == 403
    _, document = await sue.get("/api/openapi.json")
    [one, two] = document["paths"]["/api/rules/diff"]["get"]["parameters"]
    assert [one["name"], two["name"]] == ["from", "to"]
    assert one["required"]
    assert one["schema"] == {"type": "string"}

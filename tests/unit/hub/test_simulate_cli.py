"""`rapport simulate` as an admin uses it: files, drafts of this hub, its own days, mistakes in words."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from channels.base import Inbound, Kind
from hub import lock
from hub.__main__ import main
from hub.bootstrap import Hub, default_rules
from hub.config import Config
from hub.control import do
from hub.control import serve as serve_control
from hub.rulebook import find, steps_of
from hub.store.database import Store
from routing.rules.ruleset import content_hash
from tests.unit.hub.conftest import MovedClock, at_work

CALLS = {
    "id": "calls",
    "channel": "voice",
    "arrivals": [{"from": "08:00", "to": "09:00", "per_hour": 80}],
    "customers": [
        {"share": 0.2, "tier": "gold", "value": 90},
        {"share": 0.8, "value": {"from": 0, "to": 60}},
    ],
    "handle": {"kind": "exponential", "mean_s": 150},
    "patience": {"kind": "exponential", "mean_s": 120},
}
TEAM = {
    "id": "team",
    "count": 3,
    "skills": {"english": 80, "vip": 60},
    "shifts": [{"from": "08:00", "to": "09:30"}],
}


@pytest.fixture
def folder(tmp_path: Path, config: Config) -> Path:
    """An installation with a database and a described hour."""
    settings = f"store: {{url: '{config.store.url}'}}\n"
    (tmp_path / "config.yaml").write_text(settings, encoding="utf-8")
    write(tmp_path / "hour.json", {"name": "An hour", "streams": [CALLS], "agents": [TEAM]})
    write(tmp_path / "new.json", changed())
    return tmp_path


def write(path: Path, body: Any) -> None:
    path.write_text(json.dumps(body), encoding="utf-8")


def changed() -> Any:
    """Another head start than the first rules."""
    body = default_rules()
    for queue in body["queues"]:
        queue["head_start_max_s"] = 0
    for rule in body["rules"]:
        rule["then"].pop("head_start_cap_s", None)
    return body


def simulate(folder: Path, *arguments: str) -> int:
    return main(["--config", str(folder / "config.yaml"), "simulate", *arguments])


def test_one_rule_set_on_a_described_day(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--rules", str(folder / "new.json"), "--from", str(folder / "hour.json"), "--seeds", "2"]
    assert simulate(folder, *asked, "--jobs", "1") == 0
    told = capsys.readouterr().out
    assert told.startswith("Simulation of An hour\n")
    assert "B - A" not in told
    assert simulate(folder, *asked, "--jobs", "1", "--language", "zh") == 0
    assert "服务水平" in capsys.readouterr().out


def test_processes_give_the_same_bytes_as_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also the rules in force are compared with those of the file, and advice comes with it."""
    asked = ["--rules", "published", "--rules", str(folder / "new.json"), "--from", str(folder / "hour.json")]
    asked += ["--seeds", "3", "--advice", "agent,skill,cap", "--json", "-"]
    printed = []
    for jobs in ("1", "2"):
        assert simulate(folder, *asked, "--jobs", jobs) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    found = json.loads(printed[0])
    assert found["rules"]["a"]["hash"] == content_hash(default_rules())
    assert found["rules"]["b"]["hash"] == content_hash(changed())
    assert found["seeds"] == [1, 2, 3]
    assert set(found["advice"]) == {"seeds", "agent", "skill", "cap"}
    assert found["rows"][0]["measures"]["offered"]["change"]["word"] == "same"


def test_the_report_is_written_and_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "report.json"
    asked = ["--from", str(folder / "hour.json"), "--seeds", "1", "--first-seed", "9", "--json", str(out)]
    assert simulate(folder, *asked) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["seeds"] == [9]
    assert "Service level" in capsys.readouterr().out
    assert simulate(folder, *asked[:-1], str(folder / "no" / "report.json")) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_every_mistake_of_a_scenario_is_told_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    team = {**TEAM, "count": "three", "skills": {"english": 200}}
    write(folder / "bad.json", {"streams": [{**CALLS, "channel": "fax"}], "agents": [team]})
    assert simulate(folder, "--from", str(folder / "bad.json")) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in told] == [
        "/streams/0/channel",
        "/agents/0/skills/english",
        "/agents/0/count",
    ]
    write(folder / "bad.json", {"streams": [CALLS], "agents": [{**TEAM, "skills": {"englisch": 1}}]})
    assert simulate(folder, "--from", str(folder / "bad.json")) == 2
    assert "No rule set knows the skill englisch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seeds", "0"], "--seeds: This must be from 1 to"),
        (["--jobs", "99"], "--jobs: This must be from 1 to"),
        (["--advice", "luck"], "no advice on 'luck'"),
        (["--rules", "new.json", "--rules", "new.json", "--rules", "new.json"], "At most two"),
        (["--rules", "missing.json"], "cannot be read"),
        (["--rules", "hour.json"], "/queues"),
    ],
)
def test_wrong_use_is_told_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    named = [str(folder / word) if word.endswith(".json") else word for word in arguments]
    assert simulate(folder, "--from", str(folder / "hour.json"), *named) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "nowhere.db"], "no such file"),
        (["--from", "config.yaml"], "is not a database of this version"),
        (["--from", "odd://somewhere"], "is not a database of this version"),
        (["--from", "live"], "no contact has ever come"),
        (["--from", "live", "--day", "2026-01-02"], "nobody came on 2026-01-02"),
        (["--from", "live", "--day", "Tuesday"], "is not a day"),
        (["--from", "hour.json", "--rules", "beef00"], "No rule set begins with 'beef00'"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    named = [str(folder / word) if "." in word else word for word in arguments]
    assert simulate(folder, *named) == 1
    assert words in capsys.readouterr().err


def test_what_comes_of_a_draft_is_recorded_with_it(
    folder: Path, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """No hub runs: the draft is simulated against the rules in force and may be approved then."""
    asked = {"body": changed(), "author": "ada", "note": ""}
    draft = asyncio.run(do(config, "rules/draft", asked))["hash"]
    hour = ["--from", str(folder / "hour.json"), "--seeds", "2", "--jobs", "1"]
    assert simulate(folder, *hour, "--for", draft[:12]) == 0
    assert f"recorded with {draft}" in capsys.readouterr().err

    async def recorded() -> tuple[str, Any]:
        store = await Store.open(config.store.url)
        try:
            row = await store.read(lambda c: find(c, draft))
            steps = await store.read(lambda c: steps_of(c, [draft]))
            return row.state, steps[-1].detail["summary"]
        finally:
            await store.close()

    state, summary = asyncio.run(recorded())
    assert state == "simulated"
    assert summary["rules"]["b"]["hash"] == draft
    assert summary["rows"][0]["measures"]["asa"]["change"]["word"] in ("better", "worse", "same")


async def test_a_running_hub_is_asked_about_its_own_day(
    hub: Hub, clock: MovedClock, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hub holds its database; it is read beside it, and the summary goes through the control socket."""
    await at_work(hub, "agent-mia")
    for number in range(6):
        text = Inbound(Kind.SMS, f"SM{number}", f"+4477009000{number:02d}", "+447700900001", 1, "hello")
        await hub.ports.intake.admit("sms", text)
        clock.move(1_000)
    held = lock.acquire(hub.config.store.url)
    runner = await serve_control(hub, lock.beside(hub.config.store.url, ".sock"))
    try:
        asked = {"body": changed(), "author": "ada", "note": ""}
        draft = (await do(hub.config, "rules/draft", asked))["hash"]
        arguments = ["--from", "live", "--for", draft, "--seeds", "2", "--jobs", "1"]
        assert await asyncio.to_thread(simulate, folder, *arguments) == 0
    finally:
        await runner.cleanup()
        held.close()
    told = capsys.readouterr()
    assert "recorded with" in told.err
    assert "Simulation of 2026-" in told.out
    assert (await hub.store.read(lambda c: find(c, draft))).state == "simulated"

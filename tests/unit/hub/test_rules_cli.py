"""`rapport rules` as an admin uses it: with and without a hub running on the database."""

import asyncio
import json
from pathlib import Path

import pytest

from hub import control, lock
from hub.__main__ import main
from hub.bootstrap import Hub, default_rules
from hub.config import Config
from hub.control import serve as serve_control


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(
        f"store: {{url: 'sqlite:///{tmp_path}/hub.db'}}\n", encoding="utf-8"
    )
    return tmp_path


def rules(installation: Path, *arguments: str) -> int:
    return main(["--config", str(installation / "config.yaml"), "rules", *arguments])


def changed(installation: Path) -> Path:
    """The first rules without their first rule."""
    body = default_rules()
    body["rules"] = body["rules"][1:]
    path = installation / "rules.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_publish_show_and_roll_back(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed(installation)
    original = installation / "original.json"
    original.write_text(json.dumps(default_rules()), encoding="utf-8")
    assert rules(installation, "publish", str(original), "--note", "start") == 0
    assert rules(installation, "publish", str(path), "--note", "without the first") == 0
    told = capsys.readouterr().out
    assert "is gone" in told, "the difference is told in words"

    assert rules(installation, "show") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(path.read_text(encoding="utf-8"))
    assert rules(installation, "rollback") == 0
    capsys.readouterr()
    assert rules(installation, "show") == 0
    assert json.loads(capsys.readouterr().out) == default_rules()
    assert rules(installation, "show", "--history") == 0
    sets = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert len(sets) == 2
    assert sum("published" in line for line in sets) == 1


def test_every_mistake_is_told_with_its_place_and_nothing_is_published(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = default_rules()
    body["rules"][0]["then"]["queue"] = "nowhere"
    body["queues"][0]["needs"] = [{"skill": "levitation", "min_level": 900}]
    path = installation / "bad.json"
    path.write_text(json.dumps(body), encoding="utf-8")

    assert rules(installation, "publish", str(path)) == 1
    words = capsys.readouterr().err
    for place in ("/rules/0/then/queue", "/queues/0/needs/0/skill", "/queues/0/needs/0/min_level"):
        assert place in words
    assert rules(installation, "show", "--history") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xff", b"[]", b'"x"', b"[" * 100_000])
def test_a_file_that_is_no_rule_set_is_refused_in_words(
    installation: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = installation / "bad.json"
    path.write_bytes(content)
    assert rules(installation, "check", str(path)) == 1
    assert "bad.json" in capsys.readouterr().err


def test_the_long_way_into_force_and_back(
    installation: Path, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """Draft, simulate, approve, stage, publish by hash, roll back; each step refuses to be the first."""

    def said(*arguments: str) -> str:
        assert rules(installation, *arguments) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    def refused(*arguments: str) -> str:
        assert rules(installation, *arguments) == 1
        return capsys.readouterr().err

    original = installation / "original.json"
    original.write_text(json.dumps(default_rules()), encoding="utf-8")
    said("publish", str(original))
    wanted = said("draft", str(changed(installation)), "--note", "less").split()[-4].rstrip(",")
    assert "not been simulated" in refused("approve", wanted)
    asked = {"hash": wanted, "summary": {"sl": 0.8}, "author": "sim"}
    asyncio.run(control.do(config, "rules/simulated", asked))
    assert "not been approved" in refused("publish", wanted)
    assert "wrote yourself" in said("approve", wanted[:12], "--note", "fine")
    assert "say who" in refused("stage", wanted).casefold()
    assert "/queues/0" in refused("stage", wanted, "--queue", "moon")
    assert "20 % of orders, billing" in said(
        "stage", wanted, "--percent", "20", "--queue", "orders", "--queue", "billing"
    )
    assert "20 % of orders, billing" in said("show", "--history")
    assert "approved" in said("unstage")
    assert "No rule set is on trial" in refused("unstage")
    assert wanted in said("publish", wanted[:8])
    assert json.loads(said("show", wanted[:8]))["rules"] == default_rules()["rules"][1:]
    history = said("show", "--history")
    for words in ("draft", "less", "simulated  sim", "fine (by its author)", "staged", "(never simulated"):
        assert words in history
    assert "rolled back to" in said("rollback")
    assert "(rolled back)" in said("show", "--history")
    assert json.loads(said("show")) == default_rules()
    assert "No rule set begins with 'ffffff'" in refused("publish", "ffffff")


def test_the_difference_of_two_sets_is_told_in_words(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    original = installation / "original.json"
    original.write_text(json.dumps(default_rules()), encoding="utf-8")
    path = changed(installation)
    assert rules(installation, "publish", str(original)) == 0
    published = capsys.readouterr().out.split()[-1]
    assert rules(installation, "diff", published[:10], str(path)) == 0
    assert "is gone" in capsys.readouterr().out
    assert rules(installation, "diff", str(path), str(original)) == 0
    assert "is new" in capsys.readouterr().out
    assert rules(installation, "diff", published, str(original)) == 0
    assert "Nothing that matters changes." in capsys.readouterr().out
    assert rules(installation, "diff", published, "ffffff") == 1
    assert "No rule set begins" in capsys.readouterr().err


def test_there_is_nothing_to_roll_back_to_at_first(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rules(installation, "rollback") == 1
    assert "no older rule set" in capsys.readouterr().err


async def test_a_running_hub_takes_the_new_rules_at_once(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command line finds the hub by its lock and asks it; the next decision cites the new hash."""
    url = hub.config.store.url
    (tmp_path / "config.yaml").write_text(f"store: {{url: '{url}'}}\n", encoding="utf-8")
    held = lock.acquire(url)
    control = await serve_control(hub, lock.beside(url, ".sock"))
    try:
        before = hub.dispatcher.engine.rule_set
        path = changed(tmp_path)
        assert await asyncio.to_thread(rules, tmp_path, "publish", str(path)) == 0
        after = hub.dispatcher.engine.rule_set
        assert after != before
        assert after in capsys.readouterr().out
        assert await asyncio.to_thread(rules, tmp_path, "rollback") == 0
        assert hub.dispatcher.engine.rule_set == before
    finally:
        await control.cleanup()
        held.close()

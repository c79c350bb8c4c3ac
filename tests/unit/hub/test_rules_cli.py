"""`rapport rules` as an admin uses it: with and without a hub running on the database."""

import asyncio
import json
from pathlib import Path

import pytest

from hub import lock
from hub.__main__ import main
from hub.bootstrap import Hub, default_rules
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

"""`rapport agents` as an operator uses it, with and without a hub running on the database."""

import asyncio
import io
import json
from pathlib import Path

import pytest

from hub import lock
from hub.__main__ import main
from hub.bootstrap import Hub
from hub.control import serve as serve_control


def agents(folder: Path, url: str, *arguments: str) -> int:
    path = folder / "config.yaml"
    path.write_text(f"store: {{url: '{url}'}}\n", encoding="utf-8")
    return main(["--config", str(path), "agents", *arguments])


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))


@pytest.mark.usefixtures("password")
def test_add_and_list_without_a_hub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    added = ["add", "kai", "--name", "Kai Berg", "--skill", "english=70", "--phone", "agent9"]
    assert agents(tmp_path, url, *added) == 0
    assert "added agent-kai" in capsys.readouterr().out
    assert agents(tmp_path, url, "list") == 0
    assert capsys.readouterr().out.split() == ["kai", "agent", "agent9", "english=70"]


@pytest.mark.usefixtures("password")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "Kai Berg", "--name", "Kai"], "username"),
        (["add", "kai", "--name", "Kai", "--skill", "english"], "english=80"),
        (["add", "kai", "--name", "Kai", "--skill", "english=900"], "english"),
    ],
)
def test_what_the_login_or_the_engine_could_not_use_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    assert agents(tmp_path, url, *arguments) == 1
    assert words in capsys.readouterr().err
    assert agents(tmp_path, url, "list") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("password")
def test_skills_and_capacity_are_changed_from_the_command_line_and_from_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    assert agents(tmp_path, url, "add", "kai", "--name", "Kai Berg", "--skill", "english=70") == 0
    work = tmp_path / "work.json"
    work.write_text(json.dumps({"capacity": {"units": 2, "caps": {"chat": 2}, "return_slots": 1}}))
    assert agents(tmp_path, url, "set", "kai", "--skill", "orders=40", "--work", str(work)) == 0
    assert "changed agent-kai" in capsys.readouterr().out
    assert agents(tmp_path, url, "list") == 0
    assert capsys.readouterr().out.split() == ["kai", "agent", "english=70", "orders=40"]
    for content, words in (
        ("[]", "an object"),
        ("{", "cannot be read"),
        ('{"capacity": {"units": 0}}', "units"),
    ):
        work.write_text(content)
        assert agents(tmp_path, url, "set", "kai", "--work", str(work)) == 1
        assert words in capsys.readouterr().err
    assert agents(tmp_path, url, "set", "kai") == 1
    assert agents(tmp_path, url, "set", "nobody", "--skill", "orders=40") == 1


@pytest.mark.usefixtures("password")
async def test_a_running_hub_knows_the_new_agent_at_once(hub: Hub, tmp_path: Path) -> None:
    url = hub.config.store.url
    held = lock.acquire(url)
    control = await serve_control(hub, lock.beside(url, ".sock"))
    try:
        added = ["add", "kai", "--name", "Kai", "--skill", "english=70"]
        assert await asyncio.to_thread(agents, tmp_path, url, *added) == 0
        assert "agent-kai" in {agent.agent for agent in hub.dispatcher.engine.agents()}
    finally:
        await control.cleanup()
        held.close()

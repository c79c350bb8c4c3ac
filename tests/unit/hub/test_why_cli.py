"""`rapport why` as a supervisor uses it: on a running hub, in both languages."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.base import Inbound, Kind
from hub import lock
from hub.__main__ import main
from hub.bootstrap import Hub
from hub.control import serve as serve_control
from routing.types import AgentId, ContactId
from tests.unit.hub.conftest import at_work


@pytest.fixture
async def running(hub: Hub) -> AsyncIterator[Hub]:
    """A hub that holds its lock and can be asked."""
    held = lock.acquire(hub.config.store.url)
    control = await serve_control(hub, lock.beside(hub.config.store.url, ".sock"))
    yield hub
    await control.cleanup()
    held.close()


async def arrive(hub: Hub) -> str:
    message = Inbound(Kind.SMS, "SM1", "+447700900123", "+447700900001", 1, "Anybody?")
    await hub.ports.intake.admit("sms", message)
    [contact] = hub.dispatcher.engine.contacts()
    return contact.contact


async def why(hub: Hub, folder: Path, *arguments: str) -> int:
    path = folder / "config.yaml"
    path.write_text(f"store: {{url: '{hub.config.store.url}'}}\n", encoding="utf-8")
    return await asyncio.to_thread(main, ["--config", str(path), "why", *arguments])


async def test_a_waiting_contact(running: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contact_id = await arrive(running)
    assert await why(running, tmp_path, contact_id) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Nobody who could help is free: 2 offline."
    assert "  Number 1 of 1 in General questions." in lines
    changes = lines[lines.index("What would have to change:") + 1 :]
    assert changes[0] == "  1. One of 2 agents (Mia, Wei) comes to work."


async def test_in_chinese(running: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contact_id = await arrive(running)
    assert await why(running, tmp_path, contact_id, "--language", "zh") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "可服务的坐席均不空闲：2 位离线。"
    assert lines[lines.index("需要什么变化：") + 1] == "  1. 2 位坐席（Mia、Wei）中有一位上线。"


async def test_the_last_decision_of_one_that_does_not_wait(
    running: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await at_work(running, "agent-mia")
    contact_id = await arrive(running)
    contact = running.dispatcher.engine.contact(ContactId(contact_id))
    assert contact is not None
    assert contact.offer is not None
    await running.desk.accept(AgentId("agent-mia"), contact.offer)
    await running.executor.settled()
    assert await why(running, tmp_path, contact_id) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2026-09-21 15:13:20  Mia (accepted)"
    assert lines[1].startswith("Best match of the free agents")
    assert lines[-2] == "Free agents compared:"
    assert lines[-1].startswith("  * Mia ")
    assert await why(running, tmp_path, contact_id, "--language", "zh") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2026-09-21 15:13:20  Mia (已接受)"
    assert "空闲坐席比较：" in lines


async def test_a_contact_that_never_was(
    running: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await why(running, tmp_path, "nobody") == 1
    assert capsys.readouterr().err == "no answer: there is no contact 'nobody'\n"

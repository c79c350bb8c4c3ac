"""`make run` on a machine with Asterisk: calls from the demo page, with nothing configured."""

import asyncio
import json
import os
import shlex
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab import asterisk_rootfs
from tests.lab.agent import Agent
from tests.lab.hub_process import ROOT, HubProcess


@pytest.fixture
def asterisk_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real Asterisk laid out as packages do it: usr/sbin, usr/lib, usr/share."""
    build = asterisk_rootfs.build()
    prefix = tmp_path / "usr"
    for link, target in (("lib/asterisk/modules", build.modules_dir), ("share/asterisk", build.data_dir)):
        (prefix / link).parent.mkdir(parents=True)
        (prefix / link).symlink_to(target)
    binary = prefix / "sbin" / "asterisk"
    binary.parent.mkdir()
    binary.write_text(f'#!/bin/sh\nexec {shlex.join(build.launcher)} "$@"\n', encoding="utf-8")
    binary.chmod(0o755)
    monkeypatch.setenv("PATH", f"{binary.parent}:{os.environ['PATH']}")


def phone_of(hub: HubProcess) -> dict[str, Any]:
    with urllib.request.urlopen(f"{hub.url}/demo/api/phone", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@pytest.mark.usefixtures("asterisk_on_path")
async def test_the_demo_brings_its_own_asterisk_and_takes_it_away(tmp_path: Path) -> None:
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    async with HubProcess(tmp_path, document) as hub:
        phone = await asyncio.to_thread(phone_of, hub)
        async with Agent(hub.url, "mia") as mia:
            softphone = await mia.get("/api/phone")
        assert phone["ws_uri"] == softphone["ws_uri"]
        port = int(phone["ws_uri"].rpartition(":")[2].split("/")[0])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        assert "Asterisk cannot be reached" not in hub.tail()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)

"""A whole hub as a process, with the demo company's people and a real SMS gateway beside it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.hub import peers
from tests.lab.asterisk import Asterisk
from tests.lab.hub_process import ROOT, HubProcess
from tests.lab.sms_gateway import SmsGateway, sms_gateway

NUMBER = "+447700900001"


@pytest.fixture
def document() -> dict[str, Any]:
    """The shipped configuration: the demo company with mail, SMS and web chat."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
async def gateway() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


@pytest.fixture
async def hub(tmp_path: Path, document: dict[str, Any], gateway: SmsGateway) -> AsyncIterator[HubProcess]:
    document["accounts"]["sms"] |= {
        "api_url": gateway.url,
        "account_sid": gateway.account_sid,
        "auth_token": gateway.auth_token,
    }
    async with HubProcess(tmp_path, document) as hub:
        yield hub


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """One for all tests of calls, with phones for Mia, Wei, Emma and Noah."""
    server = Asterisk(agents=("agent1", "agent2", "agent4", "agent7"), announce_s=6)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


@pytest.fixture(scope="module")
def call_centre(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub on that Asterisk for a file of tests; phones ring for five seconds."""
    document: dict[str, Any] = {
        "demo": {"enabled": True},
        "dispositions": [{"code": "resolved", "labels": {"en": "Resolved", "zh": "已解决"}}],
        "voice": peers.voice_section(asterisk),
    }
    hub = HubProcess(tmp_path_factory.mktemp("hub"), document)
    asyncio.run(hub.start())
    peers.publish_short_rings(hub, 5)
    yield hub
    asyncio.run(hub.stop())

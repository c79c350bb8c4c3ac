"""A whole hub as a process, with the demo company's people and a real SMS gateway beside it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

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

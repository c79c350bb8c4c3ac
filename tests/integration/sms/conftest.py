"""The SMS adapter behind a real HTTP server, as the hub mounts it, and a provider to talk to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.sms.line import Line, sms_line
from tests.lab.sms_gateway import sms_gateway


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with sms_gateway() as gateway, sms_line(gateway, tmp_path) as line:
        yield line

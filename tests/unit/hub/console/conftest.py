"""The same served hub as the HTTP tests use."""

from dataclasses import replace

import pytest

from hub.config import Config, Console
from tests.unit.hub.api.conftest import mia, site, stranger, sue, wei


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, console=Console(grace_s=1))


__all__ = ["mia", "site", "stranger", "sue", "wei"]

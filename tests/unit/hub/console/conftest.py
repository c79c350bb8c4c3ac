"""The same served hub as the HTTP tests use."""

from dataclasses import replace

import pytest

from channels.webchat.settings import Settings as WebchatSettings
from hub.config import Account, Config, Console
from tests.unit.hub.api.conftest import mia, site, stranger, sue, wei

SHOP = "https://shop.example"


@pytest.fixture
def config(config: Config) -> Config:
    """A site with our chat widget may open sockets, but not consoles."""
    chat = Account("web", "webchat", WebchatSettings(allowed_origins=(SHOP,)))
    return replace(config, console=Console(grace_s=1), accounts={"web": chat})


__all__ = ["mia", "site", "stranger", "sue", "wei"]

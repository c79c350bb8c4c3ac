"""A whole hub as a process, with the demo company's people and a real SMS gateway beside it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.hub import peers
from tests.lab import dovecot, postfix
from tests.lab.asterisk import Asterisk
from tests.lab.hub_process import ROOT, HubProcess
from tests.lab.sms_gateway import SmsGateway, sms_gateway

NUMBER = "+447700900001"
RING_S = 8
MAILBOXES = [f"desk{number:02d}@harbour-vine.example" for number in range(1, 21)]
CUSTOMERS = [f"{name}@customer.example" for name in ("anna", "ben", "chen", "dora")]

_mailboxes = iter(MAILBOXES)


@dataclass(slots=True)
class Mailroom:
    """A hub and the mailbox that it reads."""

    hub: HubProcess
    mail: peers.Mail
    address: str


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


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a hub that has just been started for the first time: the demo company is in it."""
    hub = HubProcess(tmp_path_factory.mktemp("company"), {"demo": {"enabled": True}})
    asyncio.run(hub.start())
    asyncio.run(hub.stop())
    return hub.database


def hub_of(company: Path, folder: Path, **sections: Any) -> HubProcess:
    """A hub of that company with these sections of config.yaml, not started."""
    document = {
        "demo": {"enabled": True},
        "dispositions": [{"code": "resolved", "labels": {"en": "Resolved", "zh": "已解决"}}],
        **sections,
    }
    hub = HubProcess(folder, document)
    shutil.copy(company, hub.database)
    return hub


@pytest.fixture(scope="module")
def call_centre(
    asterisk: Asterisk, company: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HubProcess]:
    """A hub on that Asterisk for a file of tests; phones ring for RING_S."""
    hub = hub_of(company, tmp_path_factory.mktemp("hub"), voice=peers.voice_section(asterisk))
    asyncio.run(hub.start())
    peers.publish_ring_time(hub, RING_S)
    yield hub
    asyncio.run(hub.stop())


@pytest.fixture(scope="session")
def mail() -> Iterator[peers.Mail]:
    """One Postfix and one Dovecot, with a mailbox of the company's for each test."""
    lacking = dovecot.missing() + postfix.missing()
    assert not lacking, "; ".join(lacking)
    servers = peers.Mail([*MAILBOXES, *CUSTOMERS])
    servers.dovecot.start()
    servers.postfix.start()
    yield servers
    servers.postfix.stop()
    servers.dovecot.stop()


@pytest.fixture
async def mailroom(mail: peers.Mail, company: Path, tmp_path: Path) -> AsyncIterator[Mailroom]:
    """A hub that reads an empty mailbox."""
    address = next(_mailboxes)
    async with hub_of(company, tmp_path, accounts={"support-mail": mail.account(address)}) as hub:
        yield Mailroom(hub, mail, address)

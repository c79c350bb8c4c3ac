"""One real Dovecot and one real Postfix for all mail tests; each test has a mailbox of its own."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.email.desk import Desk, MailServers
from tests.lab import dovecot, postfix
from tests.lab.sqlite_host import SqliteHost

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    lacking = dovecot.missing() + postfix.missing()
    assert not lacking, "; ".join(lacking)
    servers = MailServers()
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def desk(mail_servers: MailServers, tmp_path: Path) -> Iterator[Desk]:
    """An empty support mailbox, its database and the servers around it."""
    host = SqliteHost(tmp_path / "hub.sqlite")
    desk = Desk(mail_servers, f"desk{next(_numbers):02d}@hub.example", host, tmp_path)
    yield desk
    desk.host.close()

"""SMS in the contract suite: the webhook on a real HTTP server, the provider on another."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from channels.base import Outbound
from channels.sms.adapter import SmsAdapter
from tests.contract.rig import PEER_TIMEOUT_S, Failure
from tests.integration.sms.line import Line, sms_line
from tests.lab.sms_gateway import Answer, sms_gateway
from tests.lab.sqlite_host import SqliteHost

SENDS = True

_ANSWERS: dict[Failure, Answer] = {
    "later": Answer(429, 20429, "Too Many Requests"),
    "never": Answer(400, 21610, "unsubscribed"),
    "cut": Answer(drop=True),
    "silence": Answer(silence_s=2 * PEER_TIMEOUT_S),
}


class SmsRig:
    """See tests/contract/rig.py."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.adapter: SmsAdapter = line.adapter
        self.host: SqliteHost = line.host

    async def deliver(self, text: str, reference: str) -> bool:
        status, _ = await self._line.receive(text, sid=reference)
        return 200 <= status < 300

    async def deliver_oversize(self) -> bool:
        return await self.deliver("x" * 100_000, "SMoversize")

    def message(self, text: str, key: str) -> Outbound:
        return self._line.message(text, key=key)

    def fail_next(self, failure: Failure) -> None:
        self._line.gateway.answers.append(_ANSWERS[failure])

    def seen(self) -> int:
        return len(self._line.gateway.sent)

    def taken(self) -> list[str]:
        return [message.body for message in self._line.gateway.sent]


@contextlib.asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[SmsRig]:
    async with sms_gateway() as gateway, sms_line(gateway, folder, PEER_TIMEOUT_S) as line:
        yield SmsRig(line)

"""A Twilio-shaped SMS provider on loopback: takes messages by REST, calls webhooks, signed.

It remembers all it was given and fails on demand (`answers`). The official SDK is its client in the tests and
signs for it (RequestValidator), so what it proves does not rest on our own code. Start at `sms_gateway`.
"""

import asyncio
import contextlib
import hmac
import itertools
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator


@dataclass(frozen=True)
class Answer:
    """What to do with one message instead of taking it.

    `status` answers with an error document of that status; `drop` cuts the line, before the message was taken
    or, with `taken`, after; `silence_s` waits that long first.
    """

    status: int = 0
    code: int = 0
    message: str = ""
    retry_after: str = ""
    drop: bool = False
    taken: bool = False
    silence_s: float = 0.0


@dataclass(frozen=True)
class SentMessage:
    """A message as we took it."""

    sid: str
    sender: str
    recipient: str
    body: str
    status_callback: str


@dataclass
class SmsGateway:
    """The provider's side of one account."""

    account_sid: str = "AC" + "0" * 32
    auth_token: str = "t0ken"
    url: str = ""
    sent: list[SentMessage] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def deliver(
        self, webhook_url: str, sender: str, recipient: str, body: str, *, sid: str = "", **fields: str
    ) -> tuple[int, str]:
        """A customer's message to `webhook_url`; (status, answer). The same `sid` again is a repeat."""
        sid = sid or self._sid()
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self.account_sid,
            "From": sender,
            "To": recipient,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            **fields,
        }
        return await self.call(webhook_url, form)

    async def report(self, message: SentMessage, state: str, **fields: str) -> tuple[int, str]:
        """News of a message that we took, to the address that came with it."""
        form = {"MessageSid": message.sid, "MessageStatus": state, "AccountSid": self.account_sid, **fields}
        return await self.call(message.status_callback, form)

    async def call(self, url: str, form: dict[str, str], *, signature: str | None = None) -> tuple[int, str]:
        """POST a signed form."""
        if signature is None:
            signature = RequestValidator(self.auth_token).compute_signature(url, form)
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=form, headers={"X-Twilio-Signature": signature}) as response,
        ):
            return response.status, await response.text()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self._create)
        app.router.add_get("/2010-04-01/Accounts/{account}/Messages/{sid}.json", self._fetch)
        return app

    def _sid(self) -> str:
        return f"SM{next(self._numbers):032x}"

    async def _create(self, request: web.Request) -> web.StreamResponse:
        problem = self._unauthorised(request)
        if problem is not None:
            return problem
        form = await request.post()
        answer = self.answers.popleft() if self.answers else Answer()
        message = SentMessage(
            self._sid(),
            *(str(form.get(name, "")) for name in ("From", "To", "Body", "StatusCallback")),
        )
        takes = not (answer.status or answer.drop) or answer.taken
        if takes:
            self.sent.append(message)
        await asyncio.sleep(answer.silence_s)
        if answer.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if answer.status:
            headers = {"Retry-After": answer.retry_after} if answer.retry_after else {}
            return _problem(answer.status, answer.code, answer.message, headers)
        if not message.recipient.startswith("+") and not message.recipient.isdecimal():
            return _problem(400, 21211, f"The 'To' number {message.recipient} is not a valid phone number.")
        return web.json_response(self._document(message, "queued"), status=201)

    async def _fetch(self, request: web.Request) -> web.StreamResponse:
        problem = self._unauthorised(request)
        if problem is not None:
            return problem
        for message in self.sent:
            if message.sid == request.match_info["sid"]:
                return web.json_response(self._document(message, "sent"))
        return _problem(404, 20404, "The requested resource was not found")

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "").encode()
        wanted = aiohttp.encode_basic_auth(self.account_sid, self.auth_token).encode()
        if hmac.compare_digest(given, wanted) and request.match_info["account"] == self.account_sid:
            return None
        return _problem(401, 20003, "Authenticate")

    def _document(self, message: SentMessage, status: str) -> dict[str, Any]:
        return {
            "sid": message.sid,
            "account_sid": self.account_sid,
            "from": message.sender,
            "to": message.recipient,
            "body": message.body,
            "status": status,
            "direction": "outbound-api",
            "api_version": "2010-04-01",
            "num_segments": "1",
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{message.sid}.json",
        }


def _problem(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    document = {"code": code, "message": message, "status": status, "more_info": ""}
    return web.json_response(document, status=status, headers=headers)


@contextlib.asynccontextmanager
async def sms_gateway(port: int = 0) -> AsyncIterator[SmsGateway]:
    """A gateway on 127.0.0.1 for the time of the block; port 0 takes a free one."""
    gateway = SmsGateway()
    async with served(gateway.application(), port) as url:
        gateway.url = url
        yield gateway


@contextlib.asynccontextmanager
async def served(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serve an application on 127.0.0.1; gives its base URL."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        yield f"http://{host}:{bound}"
    finally:
        await runner.cleanup()

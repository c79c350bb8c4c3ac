"""The demo's SMS provider: hands customers' texts to the hub's real webhook, takes what the hub sends.

Shaped like Twilio's interface, with its signature computed here and not by the adapter's code, so that the
two check each other. Every call goes over HTTP, as with a real provider.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from hub.clock import Clock
from hub.demo.threads import Item, Threads
from hub.supervise import jittered_ms, spawn

BODY_MAX_BYTES = 64 * 1024
TEXT_CHARS_MAX = 1600
REPORTS_MAX = 100
REPORT_TRIES = 4
DEADLINE_S = 15.0
_NUMBER = re.compile(r"\+\d{6,15}")

log = logging.getLogger(__name__)


class NotTakenError(Exception):
    """The hub, or we, do not take a message; the text is for the person at the page."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Line:
    """The hub's SMS account. `public_url` is what signatures are about, `local_url` where the hub listens."""

    account: str
    number: str
    account_sid: str
    auth_token: str = field(repr=False)
    public_url: str
    local_url: str


class Gateway:
    """One SMS account of the demo. Use within `start` and `stop`."""

    def __init__(self, line: Line, threads: Threads, clock: Clock) -> None:
        self._line = line
        self._threads = threads
        self._clock = clock
        self._http: aiohttp.ClientSession | None = None
        self._reports: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE_S))

    async def stop(self) -> None:
        for task in self._reports:
            task.cancel()
        await asyncio.gather(*self._reports, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    async def receive(self, number: str, text: str) -> Item:
        """A customer texts the company. Raises NotTakenError."""
        if not _NUMBER.fullmatch(number):
            raise NotTakenError(422, "The number must look like +442079460101.")
        if not text.strip() or len(text) > TEXT_CHARS_MAX:
            raise NotTakenError(422, f"A text has 1 to {TEXT_CHARS_MAX} characters.")
        sid = "SM" + secrets.token_hex(16)
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self._line.account_sid,
            "From": number,
            "To": self._line.number,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": "1",
            "ApiVersion": "2010-04-01",
        }
        try:
            status, said = await self._call(f"/channels/{self._line.account}/", form)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotTakenError(503, "The hub's SMS webhook does not answer.") from error
        if status >= 300:
            raise NotTakenError(422 if status < 500 else 503, f"The hub answered {status}: {said[:200]}")
        return self._threads.add("sms", "sent", number, self._line.number, text, self._clock.now_ms())

    async def messages(self, request: web.Request) -> web.Response:
        """POST /2010-04-01/Accounts/{sid}/Messages.json: the hub sends a text."""
        expected = aiohttp.encode_basic_auth(self._line.account_sid, self._line.auth_token)
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            return _refusal(401, 20003, "Authenticate")
        if request.match_info["sid"] != self._line.account_sid:
            return _refusal(404, 20404, "The requested resource was not found")
        body = await request.content.read(BODY_MAX_BYTES)
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100))
        recipient, text = form.get("To", ""), form.get("Body", "")
        if not _NUMBER.fullmatch(recipient):
            return _refusal(400, 21211, f"Invalid 'To' Phone Number: {recipient[:40]}")
        if not text or len(text) > TEXT_CHARS_MAX:
            return _refusal(400, 21617, "The message body must have 1 to 1600 characters")
        if len(self._reports) >= REPORTS_MAX:
            return _refusal(429, 20429, "Too Many Requests")
        sid = "SM" + secrets.token_hex(16)
        self._threads.add("sms", "received", recipient, self._line.number, text, self._clock.now_ms())
        self._report_later(sid, recipient, form.get("StatusCallback", ""))
        answer = {"sid": sid, "status": "queued", "to": recipient, "from": self._line.number, "body": text}
        return web.json_response(answer, status=201)

    def _report_later(self, sid: str, recipient: str, callback: str) -> None:
        # Only our own hub is called back, whatever address the request names.
        if callback.startswith(self._line.public_url + "/"):
            path = callback.removeprefix(self._line.public_url)
            task = spawn(self._report(path, sid, recipient), f"demo report {sid}")
            self._reports.add(task)
            task.add_done_callback(self._reports.discard)

    async def _report(self, path: str, sid: str, recipient: str) -> None:
        for status in ("sent", "delivered"):
            form = {
                "MessageSid": sid,
                "MessageStatus": status,
                "AccountSid": self._line.account_sid,
                "From": self._line.number,
                "To": recipient,
            }
            for attempt in range(REPORT_TRIES):
                try:
                    answered, _ = await self._call(path, form)
                except (aiohttp.ClientError, TimeoutError):
                    answered = 503
                if answered < 500:
                    break
                await asyncio.sleep(jittered_ms(attempt, 300, 3000) / 1000)
            else:
                log.warning("the hub did not take the report of a text", extra={"sid": sid})

    async def _call(self, path: str, form: Mapping[str, str]) -> tuple[int, str]:
        assert self._http is not None
        signature = signed(self._line.auth_token, self._line.public_url + path, form)
        headers = {"X-Twilio-Signature": signature}
        async with self._http.post(self._line.local_url + path, data=form, headers=headers) as response:
            said = await response.content.read(1000)
            return response.status, said.decode("utf-8", "replace")


def signed(token: str, url: str, form: Mapping[str, str]) -> str:
    """Twilio's signature of a form: base64(HMAC-SHA1(token, URL + names and values in order of names))."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _refusal(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "status": status}, status=status)

"""Hands one text message to the provider's REST interface and says exactly how that ended.

Each message has a connection of its own: on a kept one, a break could not be told from a provider that had
already closed it. Once the request is written, no answer means `Uncertain` (docs/adr/0006).
"""

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import msgspec

from channels.base import Outbound, Receipt, Rejected, Transient, Uncertain
from channels.sms.settings import Settings
from channels.sms.webhook import STATES

ANSWER_MAX_BYTES = 64 * 1024
RETRY_AFTER_MAX_MS = 3_600_000


class _Problem(msgspec.Struct):
    """Error document of the provider; every field may be missing."""

    code: int | None = None
    message: str = ""


class _Accepted(msgspec.Struct):
    sid: str
    status: str = "queued"


async def post_message(settings: Settings, message: Outbound, status_url: str) -> Receipt:
    """Send `message`. Raises Transient, Rejected or Uncertain."""
    url = f"{settings.api_url.rstrip('/')}/2010-04-01/Accounts/{settings.account_sid}/Messages.json"
    form = {
        "To": message.recipient,
        "From": message.sender or settings.number,
        "Body": message.text,
        "StatusCallback": status_url,
    }
    written = asyncio.Event()

    async def note_written(_session: aiohttp.ClientSession, _context: SimpleNamespace, _params: Any) -> None:
        written.set()

    trace = aiohttp.TraceConfig()
    # Headers go out in the same write as this small body; before them nothing can have been understood.
    trace.on_request_headers_sent.append(note_written)
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                headers={
                    "Authorization": aiohttp.encode_basic_auth(settings.account_sid, settings.auth_token)
                },
                timeout=aiohttp.ClientTimeout(total=settings.timeout_s),
                trace_configs=[trace],
            ) as session,
            session.post(url, data=form, allow_redirects=False) as response,
        ):
            status, headers = response.status, response.headers
            answer = await response.content.read(ANSWER_MAX_BYTES)
            while more := await response.content.read(ANSWER_MAX_BYTES - len(answer)):
                answer += more
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        said = f"{type(error).__name__}: {error}"[:300]
        if written.is_set():
            raise Uncertain(f"provider broke off before it answered: {said}") from error
        raise Transient(f"provider cannot be reached: {said}") from error
    if 200 <= status < 300:
        return _receipt(answer)
    raise _refusal(status, headers.get("Retry-After", ""), answer)


def _receipt(answer: bytes) -> Receipt:
    try:
        accepted = msgspec.json.decode(answer, type=_Accepted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Uncertain("provider took the message but its answer cannot be read") from error
    state = STATES.get(accepted.status)
    return Receipt(accepted.sid, state) if state is not None else Receipt(accepted.sid)


def _refusal(status: int, retry_after: str, answer: bytes) -> Transient | Rejected:
    try:
        problem = msgspec.json.decode(answer, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem()
    code = str(problem.code or status)
    said = f"{code} {problem.message}".strip()[:300]
    if status == 429 or status >= 500:
        wait_ms = min(int(retry_after) * 1000, RETRY_AFTER_MAX_MS) if retry_after.isdecimal() else None
        return Transient(said, wait_ms)
    if status in (401, 403) and not problem.code:
        return Transient(f"provider refused our credentials: {said}", 60_000)
    return Rejected(said, code)

"""What the provider tells us: messages of customers and news of ours.

Every call proves its origin before anything in it is believed, and is answered with 2xx only after the hub
has it; a repeated call gets the same answer and changes nothing. Start at `Webhook.routes`.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from channels.base import TEXT_MAX_CHARS, DeliveryReport, DeliveryState, Host, Inbound, Kind, Raw, Refused
from channels.sms.consent import consent_of
from channels.sms.numbers import normal_number
from channels.sms.settings import Settings
from channels.sms.signature import genuine

FIELDS_MAX = 200
MEDIA_MAX = 10
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
RETRY_AFTER_S = 5

STATES: Mapping[str, DeliveryState] = {
    "accepted": DeliveryState.QUEUED,
    "scheduled": DeliveryState.QUEUED,
    "queued": DeliveryState.QUEUED,
    "sending": DeliveryState.SENDING,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.DELIVERED,
    "undelivered": DeliveryState.UNDELIVERED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}

log = logging.getLogger(__name__)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class _CallError(Exception):
    """Ends a call with a status and one plain sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Webhook:
    """The two addresses that the provider calls for one account."""

    def __init__(self, settings: Settings, host: Host) -> None:
        self._settings = settings
        self._host = host

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/", self._inbound), web.post("/status", self._status)]

    async def _inbound(self, request: web.Request) -> web.Response:
        """A message of a customer."""
        try:
            raw, fields = await self._genuine_call(request)
            inbound = self._understood(raw, fields)
            await self._host.admit(inbound)
        except _CallError as answer:
            return web.Response(status=answer.status, text=str(answer))
        except Refused as refusal:
            return web.Response(status=422, text=refusal.reason)
        except Exception:  # whatever failed in the hub, the provider must call again
            log.exception("message could not be stored", extra={"account": self._host.account})
            return _try_again()
        return web.Response(text=EMPTY_TWIML, content_type="text/xml")

    async def _status(self, request: web.Request) -> web.Response:
        """News of a message that we sent. The hub orders them; any order and any repetition is fine."""
        try:
            _, fields = await self._genuine_call(request)
            reference = fields.get("MessageSid") or fields.get("SmsSid") or ""
            said = (fields.get("MessageStatus") or fields.get("SmsStatus") or "").lower()
            if not reference or len(reference) > 100:
                raise _CallError(400, "MessageSid is missing or too long.")
            state = STATES.get(said)
            if state is not None:  # a state that we do not know yet is no reason to be called again
                detail = " ".join(filter(None, (fields.get("ErrorCode"), fields.get("ErrorMessage"))))
                report = DeliveryReport(reference, state, self._host.now_ms(), _clean(detail)[:500])
                await self._host.report(report)
        except _CallError as answer:
            return web.Response(status=answer.status, text=str(answer))
        except Exception:  # as above
            log.exception("delivery report could not be stored", extra={"account": self._host.account})
            return _try_again()
        return web.Response(status=204)

    async def _genuine_call(self, request: web.Request) -> tuple[bytes, dict[str, str]]:
        """The body and its fields (the first of a repeated name), once size, form and signature are right."""
        body = await self._body(request)
        form = request.content_type == "application/x-www-form-urlencoded"
        pairs = _form(body) if form else []
        base = (self._settings.public_url or self._host.public_url).rstrip("/")
        given = request.headers.get("X-Twilio-Signature", "")
        if not genuine(
            self._settings.auth_token, base + request.raw_path, pairs, None if form else body, given
        ):
            log.warning("webhook call with a wrong signature", extra={"account": self._host.account})
            raise _CallError(403, "The signature does not match this address and account.")
        if not form:
            pairs = _json(body)
        fields: dict[str, str] = {}
        for name, value in pairs:
            fields.setdefault(name, value)
        return body, fields

    async def _body(self, request: web.Request) -> bytes:
        limit = self._settings.body_max_bytes
        too_long = _CallError(413, f"A call may carry at most {limit} bytes.")
        if (request.content_length or 0) > limit:
            raise too_long
        body = await request.content.read(limit + 1)
        while len(body) <= limit and (more := await request.content.read(limit + 1 - len(body))):
            body += more
        if len(body) > limit:
            raise too_long
        return body

    def _understood(self, raw: bytes, fields: Mapping[str, str]) -> Inbound:
        reference = fields.get("MessageSid") or fields.get("SmsSid") or fields.get("SmsMessageSid") or ""
        sender = normal_number(fields.get("From", ""), self._settings.region)
        if not reference or len(reference) > 100:
            raise _CallError(400, "MessageSid is missing or too long.")
        if not sender:
            raise _CallError(400, "From is missing.")
        recipient = normal_number(fields.get("To", ""), self._settings.region) or self._settings.number
        text = _clean(fields.get("Body", ""))[:TEXT_MAX_CHARS]
        now_ms = self._host.now_ms()
        return Inbound(
            kind=Kind.SMS,
            provider_id=reference,
            sender=sender,
            recipient=recipient,
            received_at_ms=now_ms,
            text="\n".join(filter(None, [text, *_media(fields)])),
            message_id=reference,
            consent=consent_of(text),
            # Our own number as sender is a loop at the provider: kept, but nobody has to answer it.
            automatic="auto_reply" if sender == normal_number(self._settings.number, "") else "",
            raw=Raw(reference, raw, now_ms),
        )


def _try_again() -> web.Response:
    return web.Response(
        status=503, headers={"Retry-After": str(RETRY_AFTER_S)}, text="Not stored, please call again."
    )


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise _CallError(400, f"A call may carry at most {FIELDS_MAX} fields.") from error


def _json(body: bytes) -> list[tuple[str, str]]:
    try:
        content = msgspec.json.decode(body, type=dict[str, str | int | float | bool | None])
    except (msgspec.DecodeError, RecursionError) as error:
        raise _CallError(400, "The body is neither a form nor a flat JSON object.") from error
    return [(name, "" if value is None else str(value)) for name, value in content.items()]


def _media(fields: Mapping[str, str]) -> list[str]:
    """Pictures come as links at the provider, one line each."""
    count = fields.get("NumMedia", "0")
    number = min(int(count), MEDIA_MAX) if count.isdecimal() and len(count) < 4 else 0
    links = []
    for index in range(number):
        url, kind = fields.get(f"MediaUrl{index}", ""), fields.get(f"MediaContentType{index}", "file")
        if url.startswith("https://"):
            links.append(f"[{_clean(kind)[:60]}] {_clean(url)[:500]}")
    return links


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))

"""Pure: what a visitor's page may say, checked, cleaned and typed; and the shape of every answer.

Every acknowledgement is an object with `ok`. Failures carry `code` (for programs), `detail` (for people) and,
when waiting helps, `retry_after_ms`. Codes: invalid, empty, too_long, unknown_event, not_connected,
rate_limited, busy, internal, the token codes of `tokens.py`, and whatever the host refuses with.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from channels.base import ChatItem, ChatView

SEQ_MAX = 2**53 - 1
SYNC_ITEMS_MAX = 200
ANSWERS_MAX = 10

ClientId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{8,64}\Z")]
AnswerName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z")]
AnswerValue = Annotated[str, msgspec.Meta(max_length=200)]


class ChatError(Exception):
    """A request that cannot be served; becomes the acknowledgement."""

    def __init__(self, code: str, detail: str, retry_after_ms: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after_ms = retry_after_ms

    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"ok": False, "code": self.code, "detail": self.detail}
        if self.retry_after_ms:
            answer["retry_after_ms"] = self.retry_after_ms
        return answer


class Msg(msgspec.Struct, frozen=True):
    """`msg`: say something. The same `client_id` is the same message, even with another text."""

    client_id: ClientId
    text: str
    answers: Annotated[dict[AnswerName, AnswerValue], msgspec.Meta(max_length=ANSWERS_MAX)] = {}


class Sync(msgspec.Struct, frozen=True):
    """`sync`: the lines after `after` of `conversation`, or all of the current one if that is another."""

    after: Annotated[int, msgspec.Meta(ge=0, le=SEQ_MAX)]
    conversation: Annotated[str, msgspec.Meta(max_length=100)] = ""


Request = TypeVar("Request", Msg, Sync)

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def parse(kind: type[Request], args: tuple[object, ...]) -> Request:
    """The single argument of an event as `kind`. Raises ChatError("invalid") that names what is wrong."""
    if len(args) != 1 or not isinstance(args[0], Mapping):
        raise ChatError("invalid", "The event takes one object.")
    try:
        return msgspec.convert(args[0], kind)
    except (msgspec.ValidationError, RecursionError, UnicodeError) as error:
        raise ChatError("invalid", clean(str(error))[:300]) from None


def clean(text: str) -> str:
    """Text that every database can hold: no lone surrogates, no controls but newline and tab."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _SURROGATES.sub("\ufffd", text)).strip()


def checked_text(text: str, chars_max: int) -> str:
    """`text` cleaned. Raises ChatError: too_long, or empty when nothing visible is left."""
    if len(text) > chars_max:
        raise ChatError(
            "too_long",
            f"The message has {len(text):,} characters; at most {chars_max:,} can be sent. Please split it.",
        )
    cleaned = clean(text)
    if not any(char.isprintable() and not char.isspace() for char in cleaned):
        raise ChatError("empty", "The message is empty.")
    return cleaned


def checked_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """Pre-chat answers with one-line, cleaned values; empty ones are left out."""
    cleaned = {name: " ".join(clean(value).split()) for name, value in answers.items()}
    return {name: value for name, value in cleaned.items() if value}


def synced(view: ChatView | None) -> dict[str, Any]:
    """The answer to `sync`."""
    items = view.items[:SYNC_ITEMS_MAX] if view else ()
    return {"ok": True, **standing(view), "items": [_item(item) for item in items]}


def standing(view: ChatView | None) -> dict[str, Any]:
    """Where the conversation stands; also the body of `wake`. No conversation yet is an open one at 0."""
    if view is None:
        return {"conversation": "", "state": "open", "agent_name": "", "last_seq": 0}
    return {
        "conversation": view.interaction_id,
        "state": view.state,
        "agent_name": view.agent_name,
        "last_seq": view.last_seq,
    }


def _item(item: ChatItem) -> dict[str, Any]:
    return {
        "seq": item.seq,
        "author": item.author,
        "name": item.name,
        "text": item.text,
        "at_ms": item.at_ms,
        "client_id": item.client_id,
    }


def raw_bytes(msg: Msg) -> bytes:
    """The message as it came, as JSON bytes to keep; what UTF-8 cannot hold is replaced."""
    tamed = Msg(
        msg.client_id,
        _SURROGATES.sub("\ufffd", msg.text),
        {k: _SURROGATES.sub("\ufffd", v) for k, v in msg.answers.items()},
    )
    return msgspec.json.encode(tamed)

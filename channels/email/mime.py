"""One mail, from raw bytes to a `Mail`. Pure, and total: `read` returns or raises `Malformed`.

Uses the standard library's old parser (policy compat32) for structure only; every header, transfer encoding
and character set is decoded by ours (text.py), because the modern policy raises on hostile input and the old
one corrupts 8-bit headers (docs/adr/0005). Runs in a process of its own: see reader.py for the deadline.
"""

import hashlib
import html as stdlib_html
import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parseaddr

from channels.base import ATTACHMENTS_MAX, TEXT_MAX_CHARS, Attachment, Malformed
from channels.email.automatic import Headers, automatic_reason
from channels.email.markup import rendered
from channels.email.text import (
    clean_line,
    decode,
    decoded_words,
    normal_address,
    raw_header,
    safe_filename,
    undo_transfer_encoding,
)

BOUNDARY_LINES_MAX = 4_000
PARTS_MAX = 1_000
DEPTH_MAX = 50
HEADERS_MAX = 2_000
REFERENCES_MAX = 50
ADDRESSES_MAX = 100

_MESSAGE_ID = re.compile(r"<[^<>@\s\[\]]{1,250}@(?:[^<>@\s\[\]]{1,250}|\[[^<>\s\[\]]{1,100}\])>")
_EXECUTABLE = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
_EXECUTABLE_NAME = re.compile(
    r"\.(exe|com|scr|pif|bat|cmd|msi|vbs|vbe|jse?|wsf|hta|lnk|jar|ps1|cpl|reg|dll|iso|img)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a bounce says: the Message-ID it is about (empty when it does not say) and why."""

    message_id: str
    action: str
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as we understood it. All text is clean; addresses are normal (text.normal_address)."""

    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    """Where it was delivered or addressed to, the most trustworthy first."""
    subject: str
    text: str
    html: str
    message_id: str
    references: tuple[str, ...]
    automatic: str
    attachments: tuple[Attachment, ...] = ()
    report: Report | None = None
    new_text: str = ""
    """Filled in by worker.py."""
    suspicious: tuple[str, ...] = ()


@dataclass(slots=True)
class _Body:
    """What the walk over the parts collects. A segment of body is (plain, html), either may be empty."""

    segments: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    delivery_status: str = ""
    original_headers: str = ""
    parts: int = 0


def read(raw: bytes, own_address: str, list_ids: tuple[str, ...] = ()) -> Mail:
    """Understand one mail. Raises Malformed when it is beyond our limits or names no sender."""
    _refuse_absurd(raw)
    try:
        message = message_from_bytes(raw, policy=compat32)
        return _understood(message, raw, own_address, list_ids)
    except RecursionError:
        raise Malformed("nested too deeply to be read") from None


def _refuse_absurd(raw: bytes) -> None:
    """Cheap look at the bytes: the parser itself takes quadratic time on some inputs."""
    if not raw.strip():
        raise Malformed("empty mail")
    if raw.count(b"\n--") > BOUNDARY_LINES_MAX or raw.lower().count(b"content-type:") > PARTS_MAX:
        raise Malformed(f"more than {PARTS_MAX} parts")


def _understood(message: Message, raw: bytes, own_address: str, list_ids: tuple[str, ...]) -> Mail:
    raw_items = [(name, raw_header(value)) for name, value in message.raw_items()][:HEADERS_MAX]
    headers = Headers([(name, decoded_words(value)) for name, value in raw_items])
    undecoded = Headers(raw_items)
    sender_name, sender = _sender(undecoded)
    if not sender:
        raise Malformed("no sender address")
    body = _Body()
    report_type = _report_type(message)
    _collect(message, body, depth=0)
    text, html = _text_and_html(body.segments)
    attachments = body.attachments
    if len(text) > TEXT_MAX_CHARS:
        attachments = [*attachments, Attachment("message.txt", "text/plain; charset=utf-8", text.encode())]
        text = text[: TEXT_MAX_CHARS - 1] + "…"
    return Mail(
        sender=sender,
        sender_name=sender_name,
        recipients=_recipients(undecoded),
        subject=clean_line(headers.first("subject"), 500),
        text=text,
        html=html if len(html) <= TEXT_MAX_CHARS else "",
        message_id=_message_id(undecoded, raw),
        references=_references(undecoded),
        automatic=automatic_reason(headers, sender, report_type, own_address, list_ids),
        attachments=tuple(attachments[:ATTACHMENTS_MAX]),
        report=_report(body) if report_type == "delivery-status" else None,
        suspicious=("several From headers",) if len(undecoded.all("from")) > 1 else (),
    )


# ---------------------------------------------------------------------------------------- headers


def _sender(headers: Headers) -> tuple[str, str]:
    """The display name and address of the first header that names one. Decoding comes after splitting:
    an encoded-word may hide angle brackets."""
    for name in ("from", "sender", "reply-to", "return-path"):
        for value in headers.all(name):
            address = normal_address(parseaddr(value)[1])
            if address:
                display = value.rpartition("<")[0].strip().strip('"')
                return decoded_words(display)[:200], address
    return "", ""


def _recipients(headers: Headers) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc"):
        for _, address in getaddresses(headers.all(name)[:ADDRESSES_MAX]):
            if normal_address(address):
                found[normal_address(address)] = None
    return tuple(found)[:ADDRESSES_MAX]


def _message_id(headers: Headers, raw: bytes) -> str:
    found = _MESSAGE_ID.search(headers.first("message-id"))
    return found.group() if found else f"<{hashlib.sha256(raw).hexdigest()[:40]}@sha256.invalid>"


def _references(headers: Headers) -> tuple[str, ...]:
    """Message-IDs of earlier mails, newest last, no more than `REFERENCES_MAX`."""
    said = " ".join([*headers.all("references")[:5], *headers.all("in-reply-to")[:5]])
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(said)[::-1]))[:REFERENCES_MAX][::-1]


def _parameter(part: Message, name: str, header: str = "content-type") -> str:
    """A parameter of a structured header, however it is encoded; empty when absent or broken."""
    try:
        value = part.get_param(name, header=header)
    except (LookupError, ValueError, TypeError, AttributeError):
        return ""
    if isinstance(value, tuple):  # RFC 2231: (charset, language, percent-decoded octets as latin-1)
        charset, _, octets = value
        return decode(str(octets).encode("latin-1", "replace"), charset or "utf-8")
    return decoded_words(raw_header(value)) if value else ""


def _content_type(part: Message) -> str:
    try:
        return clean_line(part.get_content_type(), 100).lower()
    except (LookupError, ValueError, TypeError, AttributeError):
        return "application/octet-stream"


def _report_type(message: Message) -> str:
    return _parameter(message, "report-type").lower() if _content_type(message) == "multipart/report" else ""


# ------------------------------------------------------------------------------------------- parts


def _collect(part: Message, body: _Body, depth: int) -> None:
    body.parts += 1
    if depth > DEPTH_MAX or body.parts > PARTS_MAX:
        raise Malformed(f"nested deeper than {DEPTH_MAX} or more than {PARTS_MAX} parts")
    kind = _content_type(part)
    children = part.get_payload() if part.is_multipart() else None
    if kind == "message/delivery-status" and isinstance(children, list):
        body.delivery_status += "\n".join(
            _header_block(child) for child in children if isinstance(child, Message)
        )
    elif kind.startswith("message/") and isinstance(children, list):
        _collect_forwarded(children, kind, body, depth)
    elif isinstance(children, list):
        messages = [child for child in children if isinstance(child, Message)]
        if kind == "multipart/alternative":
            _collect_alternative(messages, body, depth)
        else:
            for child in messages:
                _collect(child, body, depth + 1)
    else:
        _collect_leaf(part, kind, body)


def _collect_alternative(children: list[Message], body: _Body, depth: int) -> None:
    """Several forms of one text become one segment."""
    own = _Body(parts=body.parts)
    for child in children:
        _collect(child, own, depth + 1)
    body.parts = own.parts
    body.attachments += own.attachments
    plain = next((plain for plain, _ in own.segments if plain.strip()), "")
    html = next((html for _, html in reversed(own.segments) if html.strip()), "")
    body.segments.append((plain, html))


def _collect_forwarded(children: Sequence[object], kind: str, body: _Body, depth: int) -> None:
    """An attached mail is kept as a file; a bounce names there what did not arrive."""
    for child in children:
        if not isinstance(child, Message):
            continue
        _refuse_depth(child, depth + 1)
        if not body.original_headers:
            body.original_headers = _header_block(child)
        try:
            content = child.as_bytes()
        except (ValueError, LookupError, TypeError, AttributeError):
            content = b"(unreadable)"
        body.attachments.append(Attachment(f"message-{len(body.attachments) + 1}.eml", kind, content))


def _refuse_depth(part: Message, depth: int) -> None:
    children = part.get_payload() if part.is_multipart() else ()
    if depth > DEPTH_MAX:
        raise Malformed(f"nested deeper than {DEPTH_MAX}")
    for child in children if isinstance(children, list) else ():
        if isinstance(child, Message):
            _refuse_depth(child, depth + 1)


def _header_block(part: Message) -> str:
    return "\n".join(f"{name}: {clean_line(raw_header(value))}" for name, value in part.raw_items())[:50_000]


def _collect_leaf(part: Message, kind: str, body: _Body) -> None:
    encoding = raw_header(part.get("Content-Transfer-Encoding", ""))
    del part["Content-Transfer-Encoding"]  # so that the parser hands out the octets and we decode them
    payload = part.get_payload(decode=True)
    content = undo_transfer_encoding(payload if isinstance(payload, bytes) else b"", encoding)
    name = _parameter(part, "filename", "content-disposition") or _parameter(part, "name")
    attached = raw_header(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")
    if kind == "text/rfc822-headers":
        body.original_headers = body.original_headers or decode(content, "utf-8")[:50_000]
    elif kind.startswith("multipart/"):  # no boundary to divide it: show it as it is
        body.segments.append((decode(content, _parameter(part, "charset")), ""))
    elif kind in ("text/plain", "text/html") and not attached and not name:
        text = decode(content, _parameter(part, "charset"))
        body.segments.append(("", text) if kind == "text/html" else (text, ""))
    elif kind != "message/disposition-notification":
        body.attachments.append(_attachment(part, kind, name, content, len(body.attachments) + 1))


def _attachment(part: Message, kind: str, name: str, content: bytes, number: int) -> Attachment:
    filename = safe_filename(name, f"attachment-{number}{mimetypes.guess_extension(kind) or ''}")
    content_id = clean_line(raw_header(part.get("Content-ID", "")), 250).strip("<>")
    blocked = ""
    if content.startswith(_EXECUTABLE) or _EXECUTABLE_NAME.search(filename):
        blocked, kind = "executable", "application/octet-stream"
    return Attachment(filename, kind, content, content_id, blocked)


# -------------------------------------------------------------------------------------------- body


def _text_and_html(segments: list[tuple[str, str]]) -> tuple[str, str]:
    texts, htmls = [], []
    for plain, html in segments:
        safe, text = rendered(html, with_text=not plain.strip()) if html else ("", "")
        texts.append(plain if plain.strip() else text)
        htmls.append(safe if html else f"<p>{_escaped(plain)}</p>")
    text = "\n\n".join(piece.strip("\n") for piece in texts if piece.strip()).strip()
    if not any(html for _, html in segments):
        return text, ""
    return text, "\n".join(piece for piece in htmls if piece)


def _escaped(plain: str) -> str:
    return stdlib_html.escape(plain.strip()).replace("\n", "<br>")


def _report(body: _Body) -> Report:
    """The first recipient's fate in a delivery report (RFC 3464)."""
    fields: dict[str, str] = {}
    for line in body.delivery_status.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    lines = [line for line in body.original_headers.splitlines() if line.lower().startswith("message-id:")]
    original = _MESSAGE_ID.search("".join(lines[:1]))
    return Report(
        message_id=original.group() if original else "",
        action=fields.get("action", "").lower()[:50],
        status=fields.get("status", "")[:50],
        detail=fields.get("diagnostic-code", "")[:500],
    )

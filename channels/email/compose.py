"""The bytes of an outgoing mail. Pure.

Header values are built here and nowhere else, and the finished bytes are checked: a customer's subject may
hold line breaks, encoded-words, or text that decodes into one, and must never become another header. The
standard library's modern header writer is kept away from customers' text for that reason.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from channels.base import Outbound, Rejected
from channels.email.text import clean, clean_line, safe_filename
from channels.email.threads import reply_address, signed_reference

REFERENCES_SENT_MAX = 20

_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,500}>")
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)


def composed(
    message: Outbound, *, address: str, display_name: str, secret: bytes, plus_addressing: bool, at_ms: int
) -> bytes:
    """Serialise `message` as from `address`. Raises Rejected when an address cannot be written."""
    headers = _headers(message, address, display_name, secret, plus_addressing, at_ms)
    body = _body(message)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")
    content = head + body
    body_head = body.partition(b"\r\n\r\n")[0]
    expected = [name for name, _ in headers] + _names(body_head)
    if _names(content.partition(b"\r\n\r\n")[0]) != expected or set(_names(body_head)) - _BODY_HEADERS:
        raise Rejected("a header would carry more than its text", "header")
    return content


_BODY_HEADERS = {"content-type", "content-transfer-encoding", "mime-version"}


def _names(head: bytes) -> list[str]:
    """Header names in order, lower case where they are the body's own."""
    names = []
    for line in re.split(rb"\r\n|\r|\n", head):
        if line[:1] not in (b" ", b"\t"):
            name = line.partition(b":")[0].decode("ascii", "replace")
            names.append(name.lower() if name.lower() in _BODY_HEADERS else name)
    return names


def _headers(
    message: Outbound, address: str, display_name: str, secret: bytes, plus_addressing: bool, at_ms: int
) -> list[tuple[str, str]]:
    to_reply = address
    if message.thread_token and plus_addressing:
        to_reply = reply_address(address, message.thread_token, secret)
    recipients = recipients_of(message.recipient)
    name = message.agent_name or display_name
    headers = [
        ("Date", format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC))),
        ("From", mailbox(name, address)),
        ("To", ",\r\n ".join(ascii_address(recipient) for recipient in recipients)),
        ("Subject", text_header(neutral(message.subject) or "(no subject)", "Subject")),
        ("Message-ID", _required_id(message.message_id)),
    ]
    if to_reply != address:
        headers.append(("Reply-To", mailbox(name, to_reply)))
    in_reply_to = _ids([message.in_reply_to])
    if in_reply_to:
        headers.append(("In-Reply-To", in_reply_to[0]))
    references = _ids([*message.references, message.in_reply_to])[-REFERENCES_SENT_MAX:]
    if message.thread_token and len(recipients) == 1:
        # First in line: clients that shorten References keep the first and the last entries.
        references.insert(0, signed_reference(address, message.thread_token, recipients[0], secret))
    if references:
        headers.append(("References", "\r\n ".join(references)))
    if message.automatic:
        headers += [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")]
    return headers


def _body(message: Outbound) -> bytes:
    body = EmailMessage(policy=_POLICY)
    body.set_content(clean(message.text) + "\n", cte="quoted-printable")
    for number, attachment in enumerate(message.attachments, 1):
        major, _, minor = attachment.content_type.partition(";")[0].partition("/")
        if major not in ("text", "image", "audio", "video", "application") or not re.fullmatch(
            r"[\w.+-]+", minor
        ):
            major, minor = "application", "octet-stream"
        filename = neutral(safe_filename(attachment.filename, f"attachment-{number}"))
        body.add_attachment(attachment.content, maintype=major, subtype=minor, filename=filename)
    return body.as_bytes()


def neutral(text: str) -> str:
    """One clean line that no mail reader takes for an encoded-word."""
    return clean_line(text).replace("=?", "=\u200b?")


def text_header(text: str, name: str) -> str:
    """Free text as a header value, folded; ASCII."""
    line = neutral(text)
    if line.isascii() and len(line) + len(name) < 70:
        return line
    return Header(line, "utf-8", header_name=name).encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    """`"Name" <address>`, ASCII."""
    written = ascii_address(address)
    line = neutral(name)
    if not line:
        return written
    if line.isascii() and len(line) < 60:
        return '"' + line.replace("\\", "").replace('"', "'") + f'" <{written}>'
    return f"{Header(line, 'utf-8', header_name='From').encode(linesep=chr(13) + chr(10))}\r\n <{written}>"


def ascii_address(address: str) -> str:
    """An address with its domain in IDNA. Raises Rejected when it is none or its local part is not ASCII."""
    local, at, domain = address.strip().rpartition("@")
    try:
        written = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        written = ""
    if not (local and at and domain and written.isascii()):
        raise Rejected(f"{address!r} cannot be reached: the address needs SMTPUTF8 or is none", "address")
    if re.search(r"[\x00-\x20<>(),;:\\\"\[\]\x7f]", written):
        raise Rejected(f"{address!r} is not a mail address", "address")
    return written


def recipients_of(recipient: str) -> list[str]:
    """The addresses in a comma-separated list, in order, once each."""
    return list(dict.fromkeys(part.strip() for part in recipient.split(",") if part.strip()))


def _ids(candidates: Sequence[str]) -> list[str]:
    found = [one for candidate in candidates for one in _MESSAGE_ID.findall(candidate)]
    return list(dict.fromkeys(found))


def _required_id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Rejected("the message has no valid Message-ID", "message_id")
    return message_id

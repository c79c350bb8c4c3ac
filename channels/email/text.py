"""From bytes of unknown quality to clean text. Pure.

Every function returns valid UTF-8 without NUL, other C0/C1 controls or lone surrogates, whatever came in:
databases and JSON refuse those. Headers are decoded here too, because the standard library's modern header
parser raises on hostile input (docs/adr/0005).
"""

import base64
import binascii
import codecs
import quopri
import re
import unicodedata

FILENAME_MAX_CHARS = 150
HEADER_MAX_CHARS = 2_000

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"[\r\n\t\x0b\x0c\x85\u2028\u2029]+")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

# Text codecs that are not character sets of mail, or that can be made slow on purpose.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
# What senders say and what they mean differ; the right side is a superset of the left.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}


def clean(text: str) -> str:
    """Body text: line ends become LF; controls and lone surrogates go."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str, max_chars: int = HEADER_MAX_CHARS) -> str:
    """Header text: one line, at most `max_chars`."""
    return _CONTROLS.sub("", _BREAKS.sub(" ", text)).strip()[:max_chars]


def decode(content: bytes, charset: str | None) -> str:
    """Clean text by the declared charset, else UTF-8, else Windows-1252. Never raises."""
    name = _charset(charset or "")
    for candidate in (name, "utf-8"):
        if candidate:
            try:
                return clean(content.decode(candidate))
            except (UnicodeError, ValueError):
                continue
    if name and name not in ("utf-8", "utf-7"):
        return clean(content.decode(name, "replace"))
    return clean(content.decode("cp1252", "replace"))


def _charset(name: str) -> str:
    """The codec for a declared charset; empty when there is none worth trying."""
    try:
        codec = codecs.lookup(name.strip().strip("'\"")).name
        b"  ".decode(
            codec, "replace"
        )  # binary transforms such as hex register as codecs too; this refuses them
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if codec.replace("-", "_") in _NOT_CHARSETS else _MEANT.get(codec, codec)


def undo_transfer_encoding(content: bytes, encoding: str) -> bytes:
    """Decode base64 or quoted-printable, saving what can be saved of damaged input."""
    match encoding.strip().lower():
        case "base64":
            return base64_salvaged(content)
        case "quoted-printable":
            return quopri.decodestring(content)
        case _:
            return content


def base64_salvaged(content: bytes) -> bytes:
    """Decode base64, ignoring foreign characters and an incomplete end."""
    letters = _NOT_BASE64.sub(b"", content)
    rest = len(letters) % 4
    if rest == 1:
        letters = letters[:-1]
    elif rest:
        letters += b"=" * (4 - rest)
    try:
        return base64.b64decode(letters)
    except binascii.Error:  # cannot happen after the padding above; a body is not worth a crash
        return content


def raw_header(value: object) -> str:
    """A header as it stood in the mail, 8-bit bytes read as UTF-8 or else Windows-1252. Not yet decoded."""
    content = str(value).encode("utf-8", "surrogateescape")[: HEADER_MAX_CHARS * 50]
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def decoded_words(value: str) -> str:
    """Decode the encoded-words of RFC 2047 in a raw header; those that make no sense stay as they are.

    Neighbouring words of one charset are joined as bytes first: senders split characters between them.
    The result is clean and one line, but may itself look like an encoded-word: whoever writes it into
    a header again must neutralise it.
    """
    parts: list[str] = []
    pending = b""
    pending_charset = ""
    end = 0
    for found in _WORD.finditer(value):
        charset, encoding, payload = found.groups()
        between = value[end : found.start()]
        content = _word_bytes(encoding, payload) if _charset(charset.partition("*")[0]) else None
        joins = content is not None and charset.lower() == pending_charset and not between.strip()
        if not joins:
            if pending_charset:
                parts.append(decode(pending, pending_charset.partition("*")[0]))
            if between.strip() or not pending_charset or content is None:
                parts.append(between)
            pending, pending_charset = b"", ""
        if content is None:
            parts.append(found.group())
        else:
            pending, pending_charset = pending + content, charset.lower()
        end = found.end()
    if pending_charset:
        parts.append(decode(pending, pending_charset.partition("*")[0]))
    parts.append(value[end:])
    return clean_line("".join(parts))


def _word_bytes(encoding: str, payload: str) -> bytes | None:
    content = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return base64_salvaged(content) or None
    return quopri.decodestring(content, header=True)


def safe_filename(name: str, fallback: str) -> str:
    """The last path part of a file name, without controls, direction marks or characters that shells know."""
    name = _BIDI.sub("", clean_line(name, 20_000)).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    if len(name) > FILENAME_MAX_CHARS:
        stem, dot, extension = name.rpartition(".")
        extension = extension[:10] if dot else ""
        name = (stem or name)[: FILENAME_MAX_CHARS - 1 - len(extension)] + (
            "." + extension if extension else ""
        )
    return name or fallback


def normal_address(address: str) -> str:
    """A mail address for comparison: NFC, lower case, no blanks; empty when it is none."""
    address = unicodedata.normalize("NFC", _BIDI.sub("", clean_line(address, 320))).lower()
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or re.search(r"[\s<>,;()\[\]\\]", address) or "@" in local:
        return ""
    return address

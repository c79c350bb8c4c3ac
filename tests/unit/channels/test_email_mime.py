"""Reading mail: the golden collection of hostile mails, what must become of each, and mutations of them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import ATTACHMENTS_MAX, TEXT_MAX_CHARS, Malformed, Outbound
from channels.base import Kind as ChannelKind
from channels.email.compose import composed
from channels.email.mime import Mail, read
from channels.email.quotes import new_text
from channels.email.text import clean_line
from channels.email.threads import recognise

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "mail"
MANIFEST = json.loads((GOLDEN / "manifest.json").read_text(encoding="utf-8"))["files"]
OURS = "support@hub.example"
SECRET = b"s" * 32
AUTOMATIC = {"auto_reply", "bulk", "bounce", "read_receipt"}


def storable(text: str) -> bool:
    """What a database and JSON accept: no lone surrogates, no NUL."""
    text.encode()
    return "\0" not in text


def check_clean(mail: Mail) -> None:
    for text in (mail.sender, mail.sender_name, mail.subject, mail.text, mail.html):
        assert storable(text)
    assert not set("\r\n") & set(mail.sender + mail.sender_name + mail.subject + mail.message_id)
    assert len(mail.text) <= TEXT_MAX_CHARS
    assert len(mail.attachments) <= ATTACHMENTS_MAX
    assert len(mail.references) <= 50
    for attachment in mail.attachments:
        assert storable(attachment.filename)
        assert attachment.filename
        assert len(attachment.filename) <= 150
        assert not set("/\\\r\n\0") & set(attachment.filename)
        assert not any("\u202a" <= character <= "\u202e" for character in attachment.filename)


@pytest.mark.parametrize("entry", MANIFEST, ids=[entry["file"] for entry in MANIFEST])
def test_each_golden_mail_becomes_what_the_manifest_says(entry: dict[str, Any]) -> None:
    """Outcome, sender, text, HTML, files and fitness for a reply, each as the manifest has it."""
    raw = (GOLDEN / entry["file"]).read_bytes()
    expect = entry["expect"]
    began = time.process_time()
    if expect["outcome"] == "quarantine":
        with pytest.raises(Malformed):
            read(raw, OURS)
        assert time.process_time() - began < 1
        return
    mail = read(raw, OURS)
    assert time.process_time() - began < 5
    check_clean(mail)
    check_outcome(mail, expect["outcome"])
    check_content(mail, new_text(mail.text), expect)
    check_files(mail, expect)
    check_reply(mail, expect.get("reply_headers_must_not_contain", []))


def check_outcome(mail: Mail, outcome: str) -> None:
    thread = recognise(mail.recipients, mail.references, mail.sender, OURS, SECRET)
    if outcome == "ignore":  # a bounce that nobody signed: kept, believed in nothing
        assert mail.automatic == "bounce"
        assert not thread.by_address
    else:
        assert mail.automatic == (outcome if outcome in AUTOMATIC else "")
    assert thread.interaction_id == "", "no golden mail was signed with this key"
    if outcome == "third_party":
        assert not thread.verified
    elif outcome in ("new_message", "append_or_new", "append_by_token"):
        assert thread.verified


def check_content(mail: Mail, new: str, expect: dict[str, Any]) -> None:
    assert mail.sender == expect.get("sender", mail.sender)
    assert mail.text == expect.get("text", mail.text)
    assert expect.get("text_contains", "") in mail.text
    assert expect.get("subject_contains", "") in mail.subject
    assert expect.get("reply_text", "") in new
    for wanted in expect.get("reply_contains", []):
        assert wanted in (new or mail.text)
    for forbidden in expect.get("html_must_not_contain", []):
        assert forbidden.lower() not in mail.html.lower()
    if "reply_text" in expect:
        assert len(new) < len(mail.text), "the quote is not folded"
    assert bool(mail.suspicious) == ("suspicious" in expect.get("flags", []))


def check_files(mail: Mail, expect: dict[str, Any]) -> None:
    names = [attachment.filename for attachment in mail.attachments]
    if "attachments" in expect:
        assert len(names) == expect["attachments"]
    blocked = [attachment.filename for attachment in mail.attachments if attachment.blocked]
    for name in expect.get("blocked", []) + expect.get("quarantined_attachments", []):
        assert name in blocked
    if "tnef_inner" in expect:
        assert names == ["winmail.dat"]


def check_reply(mail: Mail, forbidden: list[str]) -> None:
    """Whatever came, an answer to it has just our headers."""
    if mail.sender.isascii():
        content = reply_bytes(
            subject=f"Re: {mail.subject}", agent_name=mail.sender_name, recipient=mail.sender
        )
        assert header_names(content) == REPLY_HEADERS
    assert not set(forbidden) & set(REPLY_HEADERS)


REPLY_HEADERS = [
    *("Date", "From", "To", "Subject", "Message-ID", "Reply-To", "References"),
    *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
]


def reply_bytes(**fields: str) -> bytes:
    message = Outbound(
        key="k",
        kind=ChannelKind.EMAIL,
        interaction_id="i1",
        sender=OURS,
        text="hello",
        message_id="<k@hub.example>",
        thread_token="i1",
        **{"recipient": "kim@customer.example", "subject": "x", **fields},
    )
    return composed(message, address=OURS, display_name="", secret=SECRET, plus_addressing=True, at_ms=0)


def header_names(content: bytes) -> list[str]:
    """As a strict reader sees them: every line that is no continuation is a header."""
    lines = content.partition(b"\r\n\r\n")[0].replace(b"\r", b"\n").split(b"\n")
    return [line.partition(b":")[0].decode() for line in lines if line and line[:1] not in b" \t"]


@pytest.mark.parametrize(
    "subject",
    [
        "x\r\nBcc: victim@other.example",
        "=?utf-8?q?x=0d=0aBcc:_v@o?=",
        "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3D0d=3D0aBcc=3A_victim=40other=2Eexample=3F=3D?=",
        "x\u2028Bcc: v@o",
        "x\x85Bcc: v@o",
        "=\u200b?utf-8?q?x?= =?",
        "长" * 400,
        "\x00\x0b\x0c",
    ],
)
def test_no_subject_becomes_another_header(subject: str) -> None:
    """Line breaks, encoded-words and words that decode into such: one Subject comes out, read as it was."""
    content = reply_bytes(subject=subject, agent_name=subject)
    assert header_names(content) == REPLY_HEADERS
    read_back = read(content, OURS).subject
    wanted = clean_line(subject)[:500].replace("=?", "=\u200b?") or "(no subject)"
    assert " ".join(read_back.split()) == " ".join(wanted.split())


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_at_all_becomes_another_header(text: str) -> None:
    """The same for anything that Unicode has."""
    assert header_names(reply_bytes(subject=text, agent_name=text)) == REPLY_HEADERS


SMALL = [path for path in sorted(GOLDEN.glob("*.eml")) if path.stat().st_size < 10_000]


@given(st.sampled_from(SMALL), st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_mails_are_read_or_refused(path: Path, data: st.DataObject) -> None:
    """Bytes changed, cut and inserted anywhere: a clean mail or Malformed, nothing else."""
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 30)))
        raw[start:end] = data.draw(
            st.one_of(
                st.binary(max_size=12), st.sampled_from([b'"', b"=?", b"<", b"\n\n", b"\0", b":;", b"--q--"])
            )
        )
    try:
        mail = read(bytes(raw), OURS)
    except Malformed:
        return
    check_clean(mail)


def test_a_text_over_the_limit_is_cut_and_kept_whole_as_a_file() -> None:
    """Nothing is lost: the cut text comes with the full one attached."""
    text = "lorem " * 50_000
    mail = read(b"From: kim@customer.example\r\n\r\n" + text.encode(), OURS)
    assert len(mail.text) == TEXT_MAX_CHARS
    assert mail.attachments[0].content == text.strip().encode()


def test_html_beside_plain_parts_loses_no_text() -> None:
    """Mixed plain and HTML parts, as some mail programs write around a picture, are all read."""
    raw = (
        b"From: kim@customer.example\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
        b"--q\r\nContent-Type: text/plain\r\n\r\nabove\r\n"
        b"--q\r\nContent-Type: image/png\r\nContent-ID: <p1>\r\n\r\nx\r\n"
        b"--q\r\nContent-Type: text/html\r\n\r\n<b>below</b>\r\n--q--\r\n"
    )
    mail = read(raw, OURS)
    assert mail.text == "above\n\nbelow"
    assert "<b>below</b>" in mail.html
    assert (mail.attachments[0].filename, mail.attachments[0].content_id) == ("attachment-1.png", "p1")


@pytest.mark.parametrize("depth", [500, 30_000])
def test_absurdly_nested_html_is_read_quickly_as_text(depth: int) -> None:
    """The sanitiser is quadratic in depth: it is left out, the text stays."""
    html = "<div>" * depth + "the point" + "<a><b>" * depth
    began = time.process_time()
    mail = read(b"From: kim@customer.example\r\nContent-Type: text/html\r\n\r\n" + html.encode(), OURS)
    assert "the point" in mail.text
    assert mail.html == ""
    assert time.process_time() - began < 2

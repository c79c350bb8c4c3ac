"""What a visitor's page may say: every bad shape gets a typed error, good text arrives clean."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import ChatItem, ChatView
from channels.webchat import protocol
from channels.webchat.protocol import ChatError, Msg, Sync

CLIENT_ID = "abcdefgh"


@pytest.mark.parametrize(
    "args",
    [
        (),
        (None,),
        (5,),
        ("text",),
        ([],),
        ({},),
        (b"\x00",),
        ({"client_id": CLIENT_ID},),
        ({"client_id": CLIENT_ID, "text": None},),
        ({"client_id": CLIENT_ID, "text": 7},),
        ({"client_id": CLIENT_ID, "text": {"a": 1}},),
        ({"client_id": CLIENT_ID, "text": b"bytes"},),
        ({"client_id": "short", "text": "hi"},),
        ({"client_id": "x" * 65, "text": "hi"},),
        ({"client_id": "abc def gh", "text": "hi"},),
        ({"client_id": "abcdefgh\n", "text": "hi"},),
        ({"client_id": 12345678, "text": "hi"},),
        ({"client_id": CLIENT_ID, "text": "hi", "answers": "no"},),
        ({"client_id": CLIENT_ID, "text": "hi", "answers": {"Name": "x"}},),
        ({"client_id": CLIENT_ID, "text": "hi", "answers": {"name": "x" * 201}},),
        ({"client_id": CLIENT_ID, "text": "hi", "answers": {f"a{n}": "" for n in range(11)}},),
        ({"client_id": CLIENT_ID, "text": "hi"}, "more"),
    ],
)
def test_a_malformed_message_is_refused_as_invalid(args: tuple[Any, ...]) -> None:
    with pytest.raises(ChatError) as refused:
        protocol.parse(Msg, args)
    assert refused.value.code == "invalid"
    assert refused.value.detail


@pytest.mark.parametrize("after", [-1, 2**53, 10**40, "x", "1", None, 1.5, math.nan, True, [], {}])
def test_sync_takes_only_a_sequence_number(after: object) -> None:
    with pytest.raises(ChatError) as refused:
        protocol.parse(Sync, ({"after": after},))
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("after", [0, 1, 2**53 - 1])
def test_sync_takes_every_sequence_number(after: int) -> None:
    assert protocol.parse(Sync, ({"after": after},)).after == after


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  hello \r\nthere\r", "hello \nthere"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("lone \ud800 and \udfff", "lone \ufffd and \ufffd"),
        ("tab\tstays", "tab\tstays"),
        ("שלום 你好 👩‍👩‍👧", "שלום 你好 👩‍👩‍👧"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ],
)
def test_text_is_cleaned_not_changed(sent: str, kept: str) -> None:
    assert protocol.checked_text(sent, 4000) == kept


@pytest.mark.parametrize("text", ["", "   \n\t", "\x00\x01", "\u200b\u200d", "\u2060"])
def test_a_message_with_nothing_to_see_is_empty(text: str) -> None:
    with pytest.raises(ChatError, match="empty"):
        protocol.checked_text(text, 4000)


def test_4000_characters_pass_and_one_more_is_refused_with_the_reason() -> None:
    assert len(protocol.checked_text("界" * 4000, 4000)) == 4000
    with pytest.raises(ChatError) as refused:
        protocol.checked_text("界" * 4001, 4000)
    assert refused.value.code == "too_long"
    assert "4,001" in refused.value.detail
    assert "4,000" in refused.value.detail


@given(st.text(alphabet=st.characters(), max_size=200))
def test_whatever_is_sent_the_kept_text_is_plain_utf8(text: str) -> None:
    kept = protocol.clean(text)
    kept.encode()
    assert not any(ord(char) < 32 and char not in "\n\t" for char in kept)
    assert protocol.clean(kept) == kept


@given(st.text(alphabet=st.characters(), max_size=50))
def test_raw_bytes_hold_any_text(text: str) -> None:
    assert (
        msgspec.json.decode(protocol.raw_bytes(Msg(CLIENT_ID, text, {"name": text})))["client_id"]
        == CLIENT_ID
    )


def test_answers_become_single_clean_lines() -> None:
    assert protocol.checked_answers({"name": " Ada\nLove\x00lace ", "topic": "  "}) == {
        "name": "Ada Lovelace"
    }


def test_no_conversation_yet_is_an_open_one_at_zero() -> None:
    assert protocol.synced(None) == {
        "ok": True, "conversation": "", "state": "open", "agent_name": "", "last_seq": 0, "items": []
    }  # fmt: skip


def test_one_sync_carries_at_most_200_items() -> None:
    items = tuple(ChatItem(seq, "agent", "Mia", "hi", 1) for seq in range(1, 301))
    answer = protocol.synced(ChatView("i1", "active", "Mia", items, 300))
    assert [item["seq"] for item in answer["items"]] == list(range(1, 201))
    assert answer["last_seq"] == 300

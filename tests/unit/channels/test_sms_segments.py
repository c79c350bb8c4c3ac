"""How texts are divided into SMS parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms import segmented


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "lengths"),
    [
        ("", "gsm7", 0, [0]),
        ("a" * 160, "gsm7", 160, [160]),
        ("a" * 161, "gsm7", 161, [153, 8]),
        ("€" * 80, "gsm7", 160, [80]),
        ("€" * 81, "gsm7", 162, [76, 5]),
        ("`", "ucs2", 1, [1]),
        ("ç", "ucs2", 1, [1]),
        ("你" * 70, "ucs2", 70, [70]),
        ("你" * 71, "ucs2", 71, [67, 4]),
        ("😀" * 35, "ucs2", 70, [35]),
        ("😀" * 36, "ucs2", 72, [33, 3]),
        ("x" * 66 + "😀" + "y" * 10, "ucs2", 78, [66, 11]),
    ],
)
def test_borders(text: str, alphabet: str, units: int, lengths: list[int]) -> None:
    """One part is 160 septets or 70 units, each of several 153 or 67; no character is divided.

    81 euro signs as 76 and 5 is what a foreign SMS gateway (Kannel) makes of them.
    """
    result = segmented(text)
    assert (result.alphabet, result.units) == (alphabet, units)
    assert [len(part) for part in result.parts] == lengths


@given(st.text(max_size=700))
def test_parts_are_the_text_and_fit(text: str) -> None:
    """Joined they are the text again; each fits its frame."""
    result = segmented(text)
    assert "".join(result.parts) == text
    several = len(result.parts) > 1
    for part in result.parts:
        own = segmented(part)
        if result.alphabet == "gsm7":
            assert own.units <= (153 if several else 160)
        else:
            assert len(part.encode("utf-16-be", "surrogatepass")) // 2 <= (67 if several else 70)

"""How many parts a text message takes, and so what it costs. Pure.

One part carries 140 octets: 160 septets of the GSM alphabet or 70 UTF-16 units; in a longer message each part
gives 7 (3) of them to the concatenation header. A character of two septets or a surrogate pair is never
divided. (3GPP TS 23.038 section 6.2.1, TS 23.040 section 9.2.3.24.)
"""

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Segmentation:
    """`alphabet`: "gsm7" or "ucs2"; `units`: septets or UTF-16 units; `parts`: the text as divided."""

    alphabet: str
    units: int
    parts: tuple[str, ...]


def segmented(text: str) -> Segmentation:
    """Divide `text` as an SMS centre would. The empty text is one empty part."""
    gsm = all(character in _BASIC or character in _EXTENDED for character in text)
    single, each = (160, 153) if gsm else (70, 67)
    widths = [_width(character, gsm) for character in text]
    units = sum(widths)
    alphabet = "gsm7" if gsm else "ucs2"
    if units <= single:
        return Segmentation(alphabet, units, (text,))
    parts: list[str] = []
    start = used = 0
    for index, width in enumerate(widths):
        if used + width > each:
            parts.append(text[start:index])
            start, used = index, 0
        used += width
    parts.append(text[start:])
    return Segmentation(alphabet, units, tuple(parts))


def _width(character: str, gsm: bool) -> int:
    if gsm:
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1

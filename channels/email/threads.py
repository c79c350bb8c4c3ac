"""Signed names that bring an answer back to its interaction. Pure.

Two of them travel with each mail that we send. The reply address `support+<interaction>.<mac>@...` proves
that the sender of an answer was given this address. The signed reference, one entry in References, proves
besides that the mail had gone to *this* sender, so a stranger who only knows a Message-ID proves nothing.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LOCAL_PART_MAX = 64
"""RFC 5321 section 4.5.3.1.1."""
_MAC_CHARS = 16
_PLAIN = re.compile(r"[a-z0-9_-]{1,40}")
_REFERENCE = re.compile(r"<ref\.([a-z0-9_.=-]{1,90})@([^<>@\s]+)>", re.IGNORECASE)


def reply_address(address: str, interaction_id: str, secret: bytes) -> str:
    """`local+<token>@domain` for an `address` of ours; `address` itself where that gets too long for mail."""
    local, _, domain = address.rpartition("@")
    signed = f"{local}+{_signed(interaction_id, b'address', secret)}"
    return f"{signed}@{domain}" if len(signed) <= LOCAL_PART_MAX else address


def interaction_of_address(addresses: Iterable[str], address: str, secret: bytes) -> str:
    """The interaction named by the first address with a valid token of ours; empty when there is none."""
    local, _, domain = address.lower().rpartition("@")
    for candidate in addresses:
        candidate_local, _, candidate_domain = candidate.lower().rpartition("@")
        base, plus, token = candidate_local.partition("+")
        if plus and base == local and candidate_domain == domain:
            interaction_id = _verified(token, b"address", secret)
            if interaction_id:
                return interaction_id
    return ""


def signed_reference(address: str, interaction_id: str, recipient: str, secret: bytes) -> str:
    """A Message-ID-shaped entry for References that only an answer of `recipient` can use."""
    domain = address.rpartition("@")[2]
    return f"<ref.{_signed(interaction_id, _recipient(recipient), secret)}@{domain}>"


def interaction_of_references(references: Iterable[str], sender: str, secret: bytes) -> str:
    """The interaction of the newest signed reference that was given to `sender`; empty when there is none."""
    for reference in reversed(list(references)):
        found = _REFERENCE.fullmatch(reference)
        if found:
            interaction_id = _verified(found.group(1), _recipient(sender), secret)
            if interaction_id:
                return interaction_id
    return ""


def claims_our_thread(references: Iterable[str], address: str) -> bool:
    """Whether a mail says that it answers one of ours (by the domain of a Message-ID)."""
    ending = "@" + address.lower().rpartition("@")[2] + ">"
    return any(reference.lower().endswith(ending) for reference in references)


def _recipient(address: str) -> bytes:
    return b"reference\0" + address.lower().encode()


def _signed(interaction_id: str, purpose: bytes, secret: bytes) -> str:
    """Case-insensitive token: mail systems may change the case of an address."""
    if _PLAIN.fullmatch(interaction_id):
        name = interaction_id
    else:
        name = "=" + base64.b32encode(interaction_id.encode()).decode().rstrip("=").lower()
    return f"{name}.{_mac(name, purpose, secret)}"


def _verified(token: str, purpose: bytes, secret: bytes) -> str:
    name, dot, mac = token.lower().rpartition(".")
    if not dot or not hmac.compare_digest(mac.encode(), _mac(name, purpose, secret).encode()):
        return ""
    if not name.startswith("="):
        return name
    letters = name[1:].upper()
    return base64.b32decode(letters + "=" * (-len(letters) % 8)).decode()


def _mac(name: str, purpose: bytes, secret: bytes) -> str:
    digest = hmac.new(secret, purpose + b"\0" + name.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:_MAC_CHARS]


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail belongs. `verified`: it claims no conversation that its sender was not part of."""

    interaction_id: str
    verified: bool
    by_address: bool


def recognise(
    recipients: Iterable[str], references: Sequence[str], sender: str, address: str, secret: bytes
) -> Thread:
    """Recognise a mail by the address it came to, else by a signed reference given to its sender.

    Unverified is a mail that refers to ours without proof: with a reference signed for somebody else, or with
    none and no signed address either (any Message-ID can be learnt from a forwarded mail).
    """
    by_address = interaction_of_address(recipients, address, secret)
    by_reference = interaction_of_references(references, sender, secret)
    claims = claims_our_thread(references, address)
    signed_for_another = not by_reference and any(map(_REFERENCE.fullmatch, references))
    verified = bool(by_reference) or not claims or (bool(by_address) and not signed_for_another)
    return Thread(by_address or by_reference, verified, bool(by_address))

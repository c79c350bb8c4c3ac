"""Proof that a webhook call comes from the provider. Pure.

Twilio's scheme: base64(HMAC-SHA1(auth token, public URL + each form field's name and value, by name)); for
other bodies the URL alone, which then carries the body's SHA-256 as `bodySHA256`.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}


def signature(token: str, url: str, fields: Sequence[tuple[str, str]] = ()) -> str:
    """The header value for a call to `url`. Names in `fields` may repeat; a repeated pair counts once."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(token.encode(), signed.encode("utf-8", "replace"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def genuine(token: str, url: str, fields: Sequence[tuple[str, str]], body: bytes | None, given: str) -> bool:
    """Whether `given` signs this call. `body` is given for calls that are not forms.

    The provider may write the URL with or without its default port; both are accepted. Constant time.
    """
    if body is not None:
        claimed = dict(parse_qsl(urlsplit(url).query)).get("bodySHA256", "")
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), claimed.lower().encode()):
            return False
    candidates = [signature(token, one, fields).encode() for one in _spellings(url)]
    sent = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(candidate, sent) for candidate in candidates)


def _spellings(url: str) -> list[str]:
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    host = parts.netloc.rpartition("@")[2]
    if default is None or not host:
        return [url]
    if host.endswith(f":{default}"):
        return [url, urlunsplit(parts._replace(netloc=parts.netloc.removesuffix(f":{default}")))]
    if parts.port is None:
        return [url, urlunsplit(parts._replace(netloc=f"{parts.netloc}:{default}"))]
    return [url]

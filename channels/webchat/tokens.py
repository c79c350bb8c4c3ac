"""The visitor's token: the only proof of who a visitor is.

A JWT (HS256, key = the account's secret) with `sub` visitor id, `aud` chat, `account`, `iat` and `exp`.
Time comes from the caller, so that the whole adapter lives by one clock.
There is no revocation: a token ends by expiry.
"""

import re
import secrets
from dataclasses import dataclass

import jwt

LIFETIME_MS = 30 * 24 * 3600 * 1000
CLOCK_SKEW_MS = 60_000
TOKEN_CHARS_MAX = 2048
_ALGORITHM = "HS256"
_AUDIENCE = "chat"
_VISITOR_ID = re.compile(r"v[A-Za-z0-9_-]{22}")


class TokenError(Exception):
    """The token proves nothing. `code`: token_missing, token_invalid, token_expired, token_other_site."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Visitor:
    visitor_id: str
    expires_at_ms: int


def new_visitor_id() -> str:
    """128 random bits: an id nobody can guess, though it alone opens nothing."""
    return "v" + secrets.token_urlsafe(16)


def issue(secret: bytes, account: str, visitor_id: str, now_ms: int) -> tuple[str, Visitor]:
    """A fresh token of `visitor_id`, good for 30 days from now."""
    issued_s = now_ms // 1000
    expires_s = issued_s + LIFETIME_MS // 1000
    claims = {"sub": visitor_id, "aud": _AUDIENCE, "account": account, "iat": issued_s, "exp": expires_s}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM), Visitor(visitor_id, expires_s * 1000)


def verify(secret: bytes, account: str, token: object, now_ms: int) -> Visitor:
    """Who holds `token`. Raises TokenError; never anything else, whatever `token` is."""
    if token is None or token == "":
        raise TokenError(
            "token_missing", "A visitor token is needed: ask for one at the session address first."
        )
    invalid = TokenError("token_invalid", "The visitor token is not valid: ask for a new one.")
    if not isinstance(token, str) or len(token) > TOKEN_CHARS_MAX:
        raise invalid
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "aud", "exp", "iat"], "verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, UnicodeError, ValueError):
        raise invalid from None
    if claims.get("account") != account:
        raise TokenError("token_other_site", "The visitor token belongs to another site.")
    expires_s, issued_s, visitor_id = claims["exp"], claims["iat"], claims["sub"]
    if type(expires_s) is not int or type(issued_s) is not int or not _VISITOR_ID.fullmatch(str(visitor_id)):
        raise invalid
    if issued_s * 1000 > now_ms + CLOCK_SKEW_MS:
        raise invalid
    if expires_s * 1000 <= now_ms:
        raise TokenError("token_expired", "The visitor token has expired: ask for a new one.")
    return Visitor(visitor_id, expires_s * 1000)

"""Only a token that this account issued, unexpired and unaltered, names a visitor."""

import base64
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.webchat import tokens

SECRET = b"k" * 32
NOW_MS = 1_790_000_000_000
VISITOR = tokens.new_visitor_id()


def signed(key: bytes = SECRET, algorithm: str = "HS256", **changes: object) -> str:
    claims: dict[str, object] = {
        "sub": VISITOR, "aud": "chat", "account": "web", "iat": NOW_MS // 1000, "exp": NOW_MS // 1000 + 60
    }  # fmt: skip
    claims.update(changes)
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, algorithm=algorithm)


def refusal(token: object, now_ms: int = NOW_MS) -> str:
    with pytest.raises(tokens.TokenError) as refused:
        tokens.verify(SECRET, "web", token, now_ms)
    assert refused.value.detail.endswith(".")
    return refused.value.code


def test_an_issued_token_names_its_visitor_for_30_days() -> None:
    token, visitor = tokens.issue(SECRET, "web", VISITOR, NOW_MS)
    assert tokens.verify(SECRET, "web", token, NOW_MS + tokens.LIFETIME_MS - 1000) == visitor
    assert refusal(token, NOW_MS + tokens.LIFETIME_MS) == "token_expired"


def test_visitor_ids_are_never_the_same() -> None:
    assert len({tokens.new_visitor_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("token", [None, ""])
def test_no_token(token: object) -> None:
    assert refusal(token) == "token_missing"


def _unsigned() -> str:
    def part(body: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(body).encode()).rstrip(b"=").decode()

    claims = {"sub": VISITOR, "aud": "chat", "account": "web", "iat": 1, "exp": NOW_MS}
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


@pytest.mark.parametrize(
    "token",
    [
        signed(key=b"x" * 32),
        signed(algorithm="HS512", key=b"k" * 64),
        _unsigned(),
        signed()[:-2],
        signed(aud="console"),
        signed(aud=None),
        signed(sub=None),
        signed(sub="v-short"),
        signed(exp=None),
        signed(exp=1e12),
        signed(iat=NOW_MS // 1000 + 3600),
        jwt.encode({"sub": VISITOR}, SECRET, algorithm="HS256", headers={"kid": "../../etc/passwd"}),
        "x" * 5000,
        "a.b.c",
        "\ud800.\ud800.\ud800",
        7,
        {"token": "x"},
        ["x"],
        b"bytes",
    ],
)
def test_anything_else_is_invalid(token: object) -> None:
    assert refusal(token) == "token_invalid"


def test_a_token_of_another_site_is_refused_even_with_the_same_key() -> None:
    assert refusal(signed(account="shop-2")) == "token_other_site"


@given(st.text(alphabet=st.characters(), max_size=100))
def test_no_text_makes_verification_crash(token: str) -> None:
    with pytest.raises(tokens.TokenError):
        tokens.verify(SECRET, "web", token, NOW_MS)

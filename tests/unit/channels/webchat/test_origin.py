"""Which pages may use the chat, and which address a visitor has behind proxies."""

import pytest
from aiohttp.test_utils import make_mocked_request

from channels.webchat import Settings, origin

PUBLIC = "https://hub.example"


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (None, True),
        ("https://shop.example", True),
        ("http://10.0.0.5:8080", True),
        ("https://hub.example", True),
        ("http://hub.example", False),
        ("https://shop.example:444", False),
        ("https://shop.example.evil.example", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
        ("http://[", False),
        ("file://10.0.0.5:8080", False),
    ],
)
def test_own_pages_and_listed_sites_are_allowed(asked: str | None, allowed: bool) -> None:
    headers = {"Host": "10.0.0.5:8080"} | ({"Origin": asked} if asked is not None else {})
    request = make_mocked_request("POST", "/session", headers=headers)
    settings = Settings(allowed_origins=("https://shop.example",))
    assert origin.allowed(settings, PUBLIC, request) is allowed


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "unknown"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "unknown"),
        (1, " , ,", "unknown"),
        (1, "x" * 500, "x" * 64),
    ],
)
def test_only_what_trusted_proxies_appended_counts(proxies: int, forwarded: str, address: str) -> None:
    request = make_mocked_request("POST", "/session", headers={"X-Forwarded-For": forwarded})
    request = request.clone(remote="unknown")
    assert origin.address(Settings(trusted_proxies=proxies), request) == address

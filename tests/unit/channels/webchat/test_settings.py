"""Mistakes in the settings are named by field."""

from typing import Any

import pytest

from channels.webchat import Settings


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"languages": ()}, "languages"),
        ({"text_chars_max": 0}, "text_chars_max"),
        ({"text_chars_max": 4001}, "text_chars_max"),
        ({"trusted_proxies": 6}, "trusted_proxies"),
        ({"allowed_origins": ("shop.example",)}, "allowed_origins"),
        ({"allowed_origins": ("https://shop.example/",)}, "allowed_origins"),
        ({"allowed_origins": ("*",)}, "allowed_origins"),
        ({"allowed_origins": ("https://[::1",)}, "allowed_origins"),
        ({"greeting": {"fr": "Bonjour"}}, "greeting"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        Settings(**wrong)


def test_origins_with_ports_are_fine() -> None:
    assert Settings(allowed_origins=("https://shop.example", "http://127.0.0.1:8080")).allowed_origins

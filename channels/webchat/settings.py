"""What an operator writes about one chat account in config.yaml."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

TEXT_CHARS_MAX = 4000


@dataclass(frozen=True, slots=True)
class Settings:
    """One site with the chat widget.

    `allowed_origins` lists foreign sites that embed the widget ("https://shop.example", no path); pages of
    the hub itself are always allowed. `greeting`, `hours` and `wait_text` map a language to the words that
    the panel shows; a missing language falls back to the first of `languages`. `trusted_proxies` counts the
    reverse proxies in front of the hub whose X-Forwarded-For is believed.

    Raises ValueError that names the wrong field.
    """

    site_name: str = ""
    allowed_origins: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en", "zh")
    greeting: dict[str, str] = field(default_factory=dict)
    hours: dict[str, str] = field(default_factory=dict)
    wait_text: dict[str, str] = field(default_factory=dict)
    ask_name: bool = True
    text_chars_max: int = TEXT_CHARS_MAX
    trusted_proxies: int = 0

    def __post_init__(self) -> None:
        if not self.languages:
            raise ValueError("languages: name at least one, such as en")
        if not 1 <= self.text_chars_max <= TEXT_CHARS_MAX:
            raise ValueError(f"text_chars_max: must be 1 to {TEXT_CHARS_MAX}")
        if not 0 <= self.trusted_proxies <= 5:
            raise ValueError("trusted_proxies: must be 0 to 5")
        for origin in self.allowed_origins:
            if not _is_origin(origin):
                raise ValueError(
                    f"allowed_origins: {origin!r} is not of the form https://host or https://host:port"
                )
        for name in ("greeting", "hours", "wait_text"):
            unknown = sorted(set(getattr(self, name)) - set(self.languages))
            if unknown:
                raise ValueError(f"{name}: {', '.join(unknown)} is not in languages")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and f"{parts.scheme}://{parts.netloc}" == text
        )
    except ValueError:
        return False

"""Settings of one SMS account, as they stand in its section of config.yaml. Start at `Settings`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """One number at a Twilio-shaped provider.

    `number` is ours, in E.164, or a short code. `region` (ISO 3166) reads numbers without country code.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    region: str = ""
    api_url: str = "https://api.twilio.com"
    """Base URL of the provider's REST interface, without trailing slash."""
    public_url: str = ""
    """Base URL under which the provider calls us, when it differs from the hub's own public URL."""
    body_max_bytes: int = 64 * 1024
    """Longest webhook call that is read; a longer one gets 413."""
    text_max_chars: int = 1_600
    """Longest outgoing text; the provider refuses more (its error 21617)."""
    timeout_s: float = 15.0

    def __post_init__(self) -> None:
        if not (self.account_sid and self.auth_token and self.number):
            raise ValueError("account_sid, auth_token and number must not be empty")
        for name in ("api_url", "public_url"):
            value = getattr(self, name)
            if value and not value.startswith(("http://", "https://")):
                raise ValueError(f"{name}: {value!r} is not an http(s) URL")

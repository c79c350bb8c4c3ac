"""config.yaml: what an installation is made of. Every mistake is found and reported together, with its path,
before a port opens; unknown keys are mistakes. Secrets come in as ${NAME} from the environment.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
import yaml
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from hub.typed_yaml import Mistake, read
from telephony.voice import Settings as VoiceSettings

FILE_MAX_BYTES = 1_000_000
DEPTH_MAX = 12

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class BadConfig(Exception):
    """The configuration has mistakes; `mistakes` lists all of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Http:
    """Where the hub listens. `public_url` is how the outside reaches it (webhook signatures depend on it);
    empty: http://host:port."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    origins: tuple[str, ...] = ()
    """Further origins (scheme://host:port) from which consoles may connect."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError("port must be from 0 to 65535")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`url`: SQLAlchemy style, e.g. sqlite:///var/rapport.db (relative to the working directory)."""

    url: str = "sqlite:///var/rapport.db"

    def __post_init__(self) -> None:
        try:
            make_url(self.url)
        except ArgumentError as error:
            raise ValueError("url is not a database URL like sqlite:///var/rapport.db") from error


@dataclass(frozen=True, slots=True)
class Company:
    """`time_zone` (IANA) is where rules are meant; `country` (ISO 3166) is how numbers are read."""

    name: str = "Demo Company"
    time_zone: str = "Europe/London"
    country: str = "GB"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                f"time_zone {self.time_zone!r} is not an IANA zone like Europe/London"
            ) from error
        if self.country not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"country {self.country!r} is not a two-letter code like GB")


@dataclass(frozen=True, slots=True)
class Console:
    """`session_h`: hours until a login ends; `grace_s`: how long a lost console still counts as there."""

    session_h: int = 12
    grace_s: int = 15

    def __post_init__(self) -> None:
        if not 1 <= self.session_h <= 720:
            raise ValueError("session_h must be from 1 to 720")
        if not 1 <= self.grace_s <= 300:
            raise ValueError("grace_s must be from 1 to 300")


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its label per language."""

    code: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """One channel account: `settings` is the `Settings` of `channels.<type>`."""

    name: str
    type: str
    settings: Any


@dataclass(frozen=True, slots=True)
class DemoPhone:
    """How a browser on /demo calls the company: a WebRTC endpoint of Asterisk and the number to dial."""

    ws_uri: str
    password: str = field(repr=False)
    endpoint: str = "demo"
    domain: str = "127.0.0.1"
    dial: str = "1000"


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo company: seeded on first start, with /demo to play its customers. Never in production."""

    enabled: bool = False
    phone: DemoPhone | None = None


@dataclass(frozen=True, slots=True)
class Softphone:
    """The telephone inside the console: where it registers, as `<the agent's endpoint>-web`.

    `password` is for all agents (a lab); empty: each agent's own phone secret.
    """

    ws_uri: str
    domain: str = "127.0.0.1"
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.ws_uri.startswith(("ws://", "wss://")):
            raise ValueError("ws_uri must begin with ws:// or wss://")


@dataclass(frozen=True, slots=True)
class Value:
    """How customer value is computed: a purchase counts half after `half_life_days`."""

    half_life_days: int = 90

    def __post_init__(self) -> None:
        if not 1 <= self.half_life_days <= 3650:
            raise ValueError("half_life_days must be from 1 to 3650")


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, checked."""

    http: Http = Http()
    store: StoreSettings = StoreSettings()
    company: Company = Company()
    console: Console = Console()
    demo: Demo = Demo()
    aux_codes: tuple[Code, ...] = ()
    dispositions: tuple[Code, ...] = ()
    value: Value = Value()
    voice: VoiceSettings | None = None
    softphone: Softphone | None = None
    accounts: Mapping[str, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, codes in (("aux_codes", self.aux_codes), ("dispositions", self.dispositions)):
            if len({code.code for code in codes}) != len(codes):
                raise ValueError(f"{name} has the same code twice")


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and check a file. Raises BadConfig with every mistake, also when it is missing or no YAML."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadConfig([Mistake(str(path), f"cannot be read: {error.strerror}")]) from error
    if len(raw) > FILE_MAX_BYTES:
        raise BadConfig([Mistake(str(path), f"is larger than {FILE_MAX_BYTES} bytes")])
    try:
        document = yaml.safe_load(raw)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise BadConfig([Mistake(str(path), f"is not YAML: {error}")]) from error
    return parse({} if document is None else document, environment)


def parse(document: Any, environment: Mapping[str, str]) -> Config:
    """Check a parsed document. Raises BadConfig."""
    if not isinstance(document, dict):
        raise BadConfig([Mistake("", "must be a mapping with sections like http and accounts")])
    mistakes: list[Mistake] = []
    document = _fill_in(document, environment, "", mistakes)
    sections = {key: value for key, value in document.items() if key != "accounts"}
    config = read(Config, sections, "", mistakes)
    accounts = _accounts(document.get("accounts", {}), mistakes)
    if mistakes or config is None:
        raise BadConfig(mistakes)
    values = {name: getattr(config, name) for name in Config.__dataclass_fields__}
    return Config(**{**values, "accounts": accounts})


def _fill_in(value: Any, environment: Mapping[str, str], path: str, mistakes: list[Mistake]) -> Any:
    """Replace ${NAME} in strings by the environment's value."""
    if path.count("/") > DEPTH_MAX:
        # An alias of YAML may even contain itself.
        raise BadConfig([Mistake(path, f"is nested deeper than {DEPTH_MAX} levels")])
    if isinstance(value, dict):
        return {key: _fill_in(item, environment, f"{path}/{key}", mistakes) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill_in(item, environment, f"{path}/{i}", mistakes) for i, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        if match[1] not in environment:
            mistakes.append(Mistake(path, f"environment variable {match[1]} is not set"))
        return environment.get(match[1], "")

    return _PLACEHOLDER.sub(replace, value)


def _accounts(section: Any, mistakes: list[Mistake]) -> dict[str, Account]:
    if not isinstance(section, dict):
        mistakes.append(Mistake("/accounts", "must be a mapping from account name to its settings"))
        return {}
    accounts: dict[str, Account] = {}
    for name, body in section.items():
        path = f"/accounts/{name}"
        if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", name):
            mistakes.append(Mistake(path, "a name has lower-case letters, digits and dashes, up to 41"))
        elif not isinstance(body, dict) or not isinstance(body.get("type"), str):
            mistakes.append(
                Mistake(f"{path}/type", "is needed: the kind of channel, e.g. email, sms, webchat")
            )
        elif (settings_type := _settings_type(body["type"])) is None:
            mistakes.append(Mistake(f"{path}/type", f"there is no channel type {body['type']!r}"))
        else:
            rest = {key: value for key, value in body.items() if key != "type"}
            settings = read(settings_type, rest, path, mistakes)
            accounts[name] = Account(name, body["type"], settings)
    return accounts


def _settings_type(channel_type: str) -> type[Any] | None:
    """The `Settings` of `channels.<type>`; a new channel needs no list to be edited."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", channel_type) or channel_type == "base":
        return None
    try:
        module = import_module(f"channels.{channel_type}")
    except ModuleNotFoundError:
        return None
    return getattr(module, "Settings", None)

"""Fills in the templates: settings in, one self-contained directory out.

Owns every value that goes into Asterisk's configuration and the check that none of them can break out of its
line. Starts nothing. `asterisk -C <directory>/etc/asterisk.conf` runs what was rendered; all its files stay
below the directory. Start at `render`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from telephony.asterisk.modules import NEEDED, OPTIONAL

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SECRET = re.compile(r"[A-Za-z0-9_.~-]{6,128}")
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_ADDRESS = re.compile(r"[0-9A-Fa-f:./]{2,64}")
_PLACEHOLDER = re.compile(r"@([A-Z_]+)@")
_DIRECTORIES = ("etc", "var", "key", "key/keys", "agi", "spool", "run", "log", "data", "data/sounds")


@dataclass(frozen=True, slots=True)
class Phone:
    """An endpoint that registers with a password. `web`: a softphone in a browser (WebRTC over websocket)."""

    endpoint: str
    password: str = field(repr=False)
    web: bool = False


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """All that varies between installations. Numbers are those that callers dial; ports are on `host`."""

    modules_dir: Path
    packaged_data_dir: Path
    """`sounds/`, `documentation/` as packaged, e.g. /usr/share/asterisk."""
    music_dir: Path
    ami_port: int
    sip_port: int
    http_port: int
    agi_port: int
    ami_secret: str = field(repr=False)
    key: str = field(repr=False)
    """Random; the hub's voice settings name the same."""
    numbers: tuple[str, ...]
    phones: tuple[Phone, ...] = ()
    demo: Phone | None = None
    """The customer on the demo page: a softphone in a browser that may only call `numbers`."""
    host: str = "127.0.0.1"
    ami_user: str = "rapport"
    ami_permit: str = "127.0.0.1"
    agi_host: str = "127.0.0.1"
    rtp_first: int = 10_000
    rtp_last: int = 20_000
    trunk_hosts: tuple[str, ...] = ("127.0.0.1",)
    speech_dir: Path | None = None
    """Generated prompts (see `speech`), or None: Asterisk's own sounds speak."""
    languages: tuple[str, ...] = ()
    """Languages of the generated prompts."""
    announce_s: int = 25
    """Seconds of music before the dialplan looks around: announcement, is the other leg still there?"""
    patience_s: int = 900
    """How long a caller waits for a hub that does not answer."""


def render(settings: AsteriskSettings, target_dir: Path) -> Path:
    """Write the configuration below `target_dir`; gives the path of asterisk.conf. Repeatable.

    Raises ValueError for a value that has no business in a configuration file, or for a build of Asterisk
    without a module that we need.
    """
    _check(settings)
    base = target_dir.resolve()
    if len(str(base)) > 90:
        raise ValueError(f"{base}: over 90 characters, the control socket's path would be too long")
    for name in _DIRECTORIES:
        (base / name).mkdir(parents=True, exist_ok=True)
    values = _values(settings, base)
    for template in files("telephony.asterisk").joinpath("templates").iterdir():
        if template.name.endswith(".conf.in"):
            _write(base / "etc" / template.name.removesuffix(".in"), _fill(template.read_text(), values))
    _write(base / "etc" / "modules.conf", _modules(settings.modules_dir))
    _link_data(settings, base / "data")
    return base / "etc" / "asterisk.conf"


def _values(settings: AsteriskSettings, base: Path) -> Mapping[str, str]:
    return {
        "BASE": str(base),
        "MODULES": str(settings.modules_dir),
        "MUSIC": str(settings.music_dir),
        "HOST": settings.host,
        "SIP_PORT": str(settings.sip_port),
        "AMI_PORT": str(settings.ami_port),
        "HTTP_PORT": str(settings.http_port),
        "AGI_HOST": settings.agi_host,
        "AGI_PORT": str(settings.agi_port),
        "RTP_FIRST": str(settings.rtp_first),
        "RTP_LAST": str(settings.rtp_last),
        "AMI_USER": settings.ami_user,
        "AMI_SECRET": settings.ami_secret,
        "AMI_PERMIT": settings.ami_permit,
        "KEY": settings.key,
        "LANGUAGES": "&".join(settings.languages),
        "ANNOUNCE_S": str(settings.announce_s),
        "PATIENCE_S": str(settings.patience_s),
        "TRUNK_MATCHES": "\n".join(f"match = {host}" for host in settings.trunk_hosts),
        "TRUNK_NUMBERS": "\n".join(
            f"exten => {number},1,Set(HUB_DID={number})\n same => n,Goto(hub-in,s,1)"
            for number in settings.numbers
        ),
        "DEMO_NUMBERS": "\n".join(
            f"exten => {number},1,Set(HUB_DID={number})\n"
            " same => n,Set(HUB_DEMO_ANI=${FILTER(0-9+,${PJSIP_HEADER(read,X-Rapport-Number)})})\n"
            " same => n,Goto(hub-in,s,1)"
            for number in settings.numbers
        ),
        "PHONES": "\n".join(_phones(settings)),
    }


def _phones(settings: AsteriskSettings) -> list[str]:
    blocks = [_phone(phone, "from-agent") for phone in settings.phones]
    if settings.demo is not None:
        blocks.append(_phone(settings.demo, "from-demo"))
    return blocks


def _phone(phone: Phone, context: str) -> str:
    name, suffix = phone.endpoint, "-web" if phone.web else ""
    caller_id = "unknown <0>" if context == "from-demo" else f'"{name}" <{name}>'
    return (
        f"[{name}](phone{suffix})\n"
        f"context = {context}\ncallerid = {caller_id}\naors = {name}\nauth = {name}\n"
        f"[{name}](place{suffix})\n"
        f"[{name}](login)\nusername = {name}\npassword = {phone.password}\n"
    )


def _modules(modules_dir: Path) -> str:
    present = {path.stem for path in modules_dir.glob("*.so")}
    if missing := [name for name in NEEDED if name not in present and name not in OPTIONAL]:
        raise ValueError(f"{modules_dir}: this Asterisk has no {', '.join(missing)}")
    lines = [f"load = {name}.so" for name in NEEDED if name in present]
    return "\n".join(["[modules]", "autoload = no", *lines]) + "\n"


def _link_data(settings: AsteriskSettings, data: Path) -> None:
    packaged = settings.packaged_data_dir
    for name in ("documentation", "static-http", "rest-api", "phoneprov"):
        if (packaged / name).exists():
            _link(data / name, packaged / name)
    # The packages make `en` only while they are being set up.
    spoken = [packaged / "sounds" / name for name in ("en", "en_US_f_Allison")]
    english = next((path for path in spoken if path.is_dir()), None)
    if english is None:
        raise ValueError(f"{packaged}/sounds has no English sounds")
    _link(data / "sounds" / "en", english)
    if settings.speech_dir is not None:
        _link(data / "sounds" / "rapport", settings.speech_dir)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target.resolve())


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda name: values[name[1]], template)


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _check(settings: AsteriskSettings) -> None:
    phones = [*settings.phones, *([settings.demo] if settings.demo else [])]
    _each("endpoint", _NAME, [phone.endpoint for phone in phones])
    _each("password", _SECRET, [phone.password for phone in phones])
    _each("number", _NUMBER, settings.numbers)
    _each("address", _ADDRESS, [settings.host, settings.agi_host, settings.ami_permit, *settings.trunk_hosts])
    _each("AMI user", _NAME, [settings.ami_user])
    _each("AMI secret", _SECRET, [settings.ami_secret])
    _each("key", _SECRET, [settings.key])
    _each("language", _NAME, settings.languages)
    names = [phone.endpoint for phone in phones]
    if len(set(names)) < len(names) or {"trunk", "global", "phone", "place", "login"} & set(names):
        raise ValueError("two endpoints have the same name, or one has a name of ours")


def _each(what: str, pattern: re.Pattern[str], values: tuple[str, ...] | list[str]) -> None:
    for value in values:
        if not pattern.fullmatch(value):
            shown = "" if what in ("password", "AMI secret", "key") else f" {value[:40]!r}"
            raise ValueError(f"{what}{shown} does not fit {pattern.pattern}")

"""Voice's settings: read from configuration, refused with a reason. Calls are in tests/integration/voice."""

from pathlib import Path

import msgspec
import pytest

from telephony.voice import Settings, build
from tests.integration.voice.desk import Desk


def settings(**more: object) -> Settings:
    given = {"ami_secret": "hush-hush", "key": "hush-key", "agi_port": 0, **more}
    return msgspec.convert(given, Settings)


async def test_defaults_are_enough() -> None:
    build(settings(), Desk())


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(settings())


async def test_own_flow_and_own_script(tmp_path: Path) -> None:
    path = tmp_path / "night.json"
    path.write_text('{"name": "night", "start": "q", "language": "en", "nodes": {"q": {"kind": "queue"}}}')
    more = {"flow_files": [str(path)], "flows": {"1000": "night"}, "scripts": {"x": "textwrap:dedent"}}
    build(settings(**more), Desk())


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"default_flow": "nothing"}, "no IVR flow named nothing"),
        ({"flows": {"1000": "nothing"}}, "no IVR flow named nothing"),
        ({"flow_files": ["/nowhere.json"]}, "/nowhere.json"),
        ({"flow_files": ["/dev/null"]}, "IVR flow /dev/null"),
        ({"scripts": {"x": "no_such_module:f"}}, "no_such_module"),
        ({"scripts": {"x": "textwrap:nothing"}}, "nothing"),
    ],
)
async def test_mistake_is_refused_with_a_reason(more: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build(settings(**more), Desk())

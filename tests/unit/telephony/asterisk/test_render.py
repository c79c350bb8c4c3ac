"""Rendering the shipped configuration: complete, private, and closed to what does not belong in it."""

import dataclasses
import re
from pathlib import Path

import pytest

from telephony.asterisk import AsteriskSettings, Phone, render
from telephony.asterisk.modules import NEEDED, OPTIONAL


@pytest.fixture
def settings(tmp_path: Path) -> AsteriskSettings:
    modules, data = tmp_path / "modules", tmp_path / "data"
    modules.mkdir()
    (data / "sounds" / "en").mkdir(parents=True)
    for name in NEEDED:
        (modules / f"{name}.so").touch()
    return AsteriskSettings(
        modules_dir=modules,
        packaged_data_dir=data,
        music_dir=tmp_path,
        ami_port=5038,
        sip_port=5060,
        http_port=8088,
        agi_port=4573,
        ami_secret="s3cretsecret",
        key="keykeykey",
        numbers=("1000", "+4930123456"),
        phones=(Phone("agent1", "passpass"), Phone("agent1-web", "passpass", web=True)),
        demo=Phone("demo", "passpass", web=True),
    )


def test_everything_is_filled_in_and_private(settings: AsteriskSettings, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert render(settings, target) == target / "etc" / "asterisk.conf"
    files = list((target / "etc").iterdir())
    assert {"pjsip.conf", "extensions.conf", "manager.conf", "modules.conf"} <= {path.name for path in files}
    for path in files:
        assert not re.search(r"@[A-Z_]+@", path.read_text()), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_rendering_again_changes_nothing(settings: AsteriskSettings, tmp_path: Path) -> None:
    first = {p.name: p.read_text() for p in render(settings, tmp_path / "out").parent.iterdir()}
    assert {p.name: p.read_text() for p in render(settings, tmp_path / "out").parent.iterdir()} == first


def test_numbers_are_matched_whole(settings: AsteriskSettings, tmp_path: Path) -> None:
    dialplan = render(settings, tmp_path / "out").with_name("extensions.conf").read_text()
    assert "exten => +4930123456,1,Set(HUB_DID=+4930123456)" in dialplan
    assert not re.search(r"^exten => _", dialplan, re.MULTILINE)


@pytest.mark.parametrize(
    "change",
    [
        {"numbers": ("_X.",)},
        {"numbers": ("1000,1,System(x)",)},
        {"ami_secret": "a\nb: c"},
        {"key": "x"},
        {"ami_user": "rap port"},
        {"trunk_hosts": ("127.0.0.1\ncontext = hub-in",)},
        {"host": "example.org; x"},
        {"phones": (Phone("a]b", "passpass"),)},
        {"phones": (Phone("agent1", "pass\npass"),)},
        {"phones": (Phone("agent1", "passpass"), Phone("agent1", "passpass"))},
        {"phones": (Phone("trunk", "passpass"),)},
        {"languages": ("en&zh",)},
    ],
)
def test_value_that_would_break_out_is_refused(
    settings: AsteriskSettings, tmp_path: Path, change: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"does not fit|same name"):
        render(dataclasses.replace(settings, **change), tmp_path / "out")  # type: ignore[arg-type]


def test_refusal_shows_no_secret(settings: AsteriskSettings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="AMI secret") as refused:
        render(dataclasses.replace(settings, ami_secret="hush hush"), tmp_path / "out")
    assert "hush" not in str(refused.value)
    assert "s3cret" not in repr(settings)


def test_build_without_a_module_that_we_need_is_refused(settings: AsteriskSettings, tmp_path: Path) -> None:
    for name in ("res_agi", *OPTIONAL):
        (settings.modules_dir / f"{name}.so").unlink()
    with pytest.raises(ValueError, match="has no res_agi$"):
        render(settings, tmp_path / "out")


def test_path_that_is_too_long_for_a_socket_is_refused(settings: AsteriskSettings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too long"):
        render(settings, tmp_path / ("x" * 100))

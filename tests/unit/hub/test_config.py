"""config.yaml: every mistake at once, each with its path, before a port opens."""

from pathlib import Path

import pytest
import yaml

from hub.config import BadConfig, load, parse

SHIPPED = Path(__file__).parents[3] / "config.yaml"
ENVIRONMENT = {
    "RAPPORT_URL": "http://127.0.0.1:8080",
    "RAPPORT_DEMO_SMTP_PORT": "2525",
    "RAPPORT_DEMO_MAILBOX_PORT": "2526",
}


def mistakes_of(document: object) -> dict[str, str]:
    with pytest.raises(BadConfig) as caught:
        parse(document, {})
    return {mistake.path: mistake.message for mistake in caught.value.mistakes}


def test_the_shipped_file_is_right() -> None:
    config = load(SHIPPED, ENVIRONMENT)
    assert set(config.accounts) == {"support-mail", "sms", "web"}
    assert config.accounts["support-mail"].settings.listen.port == 2525
    assert config.demo.enabled


def test_all_mistakes_are_reported_together_with_their_paths() -> None:
    found = mistakes_of(
        {
            "http": {"port": "eighty", "colour": "red"},
            "company": {"time_zone": "Mars/Olympus"},
            "console": {"grace_s": 0},
            "surprise": 1,
            "aux_codes": [{"code": "break"}],
            "accounts": {
                "Bad Name": {"type": "sms"},
                "fax": {"type": "fax"},
                "sms": {"type": "sms", "number": "+1", "retries": 3},
                "nameless": {},
            },
        }
    )
    assert {
        "/http/port",
        "/http/colour",
        "/company",
        "/console",
        "/surprise",
        "/aux_codes/0/labels",
        "/accounts/Bad Name",
        "/accounts/fax/type",
        "/accounts/sms/retries",
        "/accounts/sms/account_sid",
        "/accounts/nameless/type",
    } <= set(found)


def test_a_secret_that_is_not_in_the_environment_is_a_mistake() -> None:
    found = mistakes_of({"company": {"name": "${NO_SUCH_SECRET}"}})
    assert "NO_SUCH_SECRET is not set" in found["/company/name"]


@pytest.mark.parametrize("content", [b"", b"- 1\n", b"{", b"\xff\xfe\x00", b"a: &x [*x]\n", b"http: 3\n"])
def test_whatever_the_file_holds_the_answer_is_mistakes_or_a_config(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    try:
        config = load(path, {})
    except BadConfig:
        return
    assert config.accounts == {}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="nowhere.yaml"):
        load(tmp_path / "nowhere.yaml", {})


def test_every_key_of_the_shipped_file_is_explained_or_plain() -> None:
    """The file is documentation: it parses to exactly the sections that exist."""
    document = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    assert set(document) <= {
        "http",
        "store",
        "company",
        "console",
        "demo",
        "aux_codes",
        "dispositions",
        "accounts",
    }

"""config.yaml: every mistake at once, each with its path, before a port opens."""

from pathlib import Path

import pytest
import yaml

from hub.config import FILE_MAX_BYTES, BadConfig, load, parse

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


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"http": {"port": -1}}, "/http"),
        ({"http": {"port": 65_536}}, "/http"),
        ({"console": {"session_h": 0}}, "/console"),
        ({"console": {"session_h": 721}}, "/console"),
        ({"console": {"grace_s": 301}}, "/console"),
        ({"store": {"url": "no database"}}, "/store"),
        ({"company": {"country": "Wales"}}, "/company"),
        ({"aux_codes": [{"code": "a", "labels": {}}, {"code": "a", "labels": {}}]}, ""),
        ({"dispositions": [{"code": "a", "labels": {}}, {"code": "a", "labels": {}}]}, ""),
        ({"accounts": []}, "/accounts"),
        ({"accounts": {"x": {"type": "base"}}}, "/accounts/x/type"),
        ({"accounts": {"x": {"type": "../os"}}}, "/accounts/x/type"),
        ({"accounts": {"x" * 42: {"type": "sms"}}}, f"/accounts/{'x' * 42}"),
        ({"aux_codes": "break"}, "/aux_codes"),
        ([], ""),
    ],
)
def test_each_limit_is_held(document: object, path: str) -> None:
    assert path in mistakes_of(document)


@pytest.mark.parametrize("port", [0, 65_535])
def test_what_is_just_within_a_limit_is_taken(port: int) -> None:
    assert parse({"http": {"port": port}}, {}).http.port == port


def test_a_secret_of_digits_stays_text_and_a_port_becomes_a_number() -> None:
    config = parse(
        {"company": {"name": "${DIGITS}"}, "http": {"port": "${PORT}"}}, {"DIGITS": "0123456", "PORT": "2525"}
    )
    assert (config.company.name, config.http.port) == ("0123456", 2525)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"#" * (FILE_MAX_BYTES + 1))
    with pytest.raises(BadConfig, match="larger than"):
        load(path, {})

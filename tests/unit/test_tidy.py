"""The house rules that no linter knows, held over every file of the repository."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LINES_MAX = 400
PACKAGES = ("bench", "channels", "hub", "routing", "scripts", "telephony")
SOURCES = {".py", ".ts", ".tsx"}
TEXTS = SOURCES | {
    ".md",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    ".json",
    ".html",
    ".css",
    ".js",
    ".conf",
    ".sh",
    ".mako",
}
DATA = ("tests/golden/", "requirements/", "agent_ui/package-lock.json")
CATALOGUES = {"hub/wire.py", "hub/store/tables.py"}  # one message or table after another, no control flow
GENERATED = re.compile(r"\.gen\.ts$|/migrations/versions/")

# In two pieces each, or this file would break its own rule.
FORBIDDEN = {
    "a note for later instead of the work": re.compile(r"\b(" + "TO" + "DO|FIX" + r"ME|X" + r"XX)\b"),
    "a path of one machine": re.compile(
        r"(?<![\w.~-])/(wo" + r"rk|fa" + r"rm|ro" + r"ot|ho" + r"me/\w+|Us" + r"ers/\w+)/"
    ),
    "a package registry's address": re.compile(
        r"py" + r"pi\.org|pythonho" + r"sted\.org|registry\.np" + r"mjs"
    ),
}


def files() -> list[Path]:
    """Every file that is or may be committed, relative to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [Path(name) for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, list[str]]]:
    """Every text of ours with its lines; recorded data and locks are not ours."""
    for path in files():
        own = not str(path).startswith(DATA)
        if own and (path.suffix in TEXTS or path.name in ("Makefile", "run", "Dockerfile")):
            yield path, (ROOT / path).read_text(encoding="utf-8").splitlines()


def test_no_text_has_what_the_house_forbids() -> None:
    """Notes for later, paths of one machine and registry addresses are in no file."""
    found = [
        f"{path}:{number}: {what}"
        for path, lines in texts()
        for number, line in enumerate(lines, 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_source_is_longer_than_one_subject_needs() -> None:
    """A source has at most 400 lines unless a program wrote it."""
    found = [
        f"{path}: {len(lines)} lines"
        for path, lines in texts()
        if path.suffix in SOURCES
        and str(path) not in CATALOGUES
        and not GENERATED.search(str(path))
        and len(lines) > LINES_MAX
    ]
    assert not found, "\n".join(found)


def test_each_module_says_what_it_is() -> None:
    """Every Python module of ours opens with a docstring."""
    found = [
        str(path)
        for path, lines in texts()
        if path.suffix == ".py"
        and path.name != "__init__.py"
        and lines
        and not lines[0].startswith(('"""', 'r"""', "#!"))
    ]
    assert not found, "\n".join(found)


def test_unit_tests_mirror_the_sources() -> None:
    """tests/unit/a/b/test_c.py, or test_c_topic.py, tests a/b/c.py or the folder a/b/c.

    test_some_law.py and test_some_way.py are about the folder as a whole.
    """
    found = []
    for path in files():
        if path.parts[:2] != ("tests", "unit") or not path.name.startswith("test_") or len(path.parts) == 3:
            continue
        folder = ROOT.joinpath(*path.parts[2:-1])
        subject = path.stem.removeprefix("test_")
        names = [part.stem for part in folder.glob("*.py")] + [
            part.name for part in folder.glob("*") if part.is_dir()
        ]
        whole = subject.endswith(("_law", "_way")) and folder.is_dir()
        if not whole and not any(subject == name or subject.startswith(f"{name}_") for name in names):
            found.append(f"{path} mirrors no source of {folder.relative_to(ROOT)}/")
    assert not found, "\n".join(found)


def test_no_module_is_named_after_nothing() -> None:
    """A module is named after its subject."""
    nothing = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    found = [str(path) for path in files() if path.parts[0] in PACKAGES and path.stem in nothing]
    assert not found, "\n".join(found)

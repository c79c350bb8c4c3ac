"""Commands in a document whose output stands below them: run again, compared, or written anew.

A `console` fence holds lines that begin with `$ ` and below each what it prints; a fence marked `console
slow` takes longer and is only run when asked. Every number in the text of such a document must stand in a
fence of the same section, so that no number outlives the command that it came from.

`python scripts/page_commands.py` checks, `--slow` the slow fences too, `--write` writes outputs anew.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "docs" / "routing.md",)
COMMAND_S = 120.0

_FENCE = re.compile(r"^```(\w*)( slow)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TARGET = re.compile(r"\]\([^)]*\)")
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")
_WORDS = """
rapport() { "$PYTHON" -m hub "$@"; }
show() { "$PYTHON" -m scripts.show_routing "$@"; }
"""
"""What the page tells its reader to type first."""


@dataclass(frozen=True, slots=True)
class Run:
    """One command of a fence with the output that the page shows."""

    command: str
    shown: str


def runs(fence: str) -> Iterator[Run]:
    """The commands of a fence, in order."""
    for part in re.split(r"^\$ ", fence, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        ends = next(place for place, line in enumerate(lines, 1) if not line.endswith("\\\n"))
        yield Run("".join(lines[:ends]).rstrip("\n"), "".join(lines[ends:]))


def printed(command: str) -> str:
    """What the command prints, mistakes too."""
    done = subprocess.run(
        ["bash", "-c", _WORDS + command],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=COMMAND_S,
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "USER": "admin"},
    )  # fmt: skip
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def faults(page: Path, *, slow: bool = False, run: Callable[[str], str] = printed) -> Iterator[str]:
    """Yield a line for each output that is not what the page shows, and for each number without a source."""
    text = page.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        if fence[1] == "console" and (slow or not fence[2]):
            for each in runs(fence[3]):
                if (now := run(each.command)) != each.shown:
                    yield f"{page.name}: `{each.command}` does not print that any more, but:\n{now}"
    yield from _sourceless(page.name, text)


def _sourceless(name: str, text: str) -> Iterator[str]:
    for section in re.split(r"^(?=## )", text, flags=re.MULTILINE):
        known = {number for fence in _FENCE.finditer(section) for number in _numbers(fence[3])}
        title = section.partition("\n")[0].strip("# ")
        words = _TARGET.sub("]", _COMMENT.sub("", _FENCE.sub("", section)))
        for number in _numbers(words):
            if number not in known:
                yield f"{name}: {title}: no command of this section prints {number}"


def _numbers(text: str) -> list[str]:
    return [number.rstrip(",").replace(",", "") for number in _NUMBER.findall(text)]


def rewrite(page: Path, *, run: Callable[[str], str] = printed) -> None:
    """Put what the commands print now in the place of what the page shows."""

    def anew(fence: re.Match[str]) -> str:
        if fence[1] != "console":
            return fence[0]
        body = "".join(f"$ {each.command}\n{run(each.command)}" for each in runs(fence[3]))
        return f"```console{fence[2] or ''}\n{body}```"

    page.write_text(_FENCE.sub(anew, page.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> int:
    """0 when every page is as its commands say."""
    parser = argparse.ArgumentParser(description="Commands in documents and what they print.")
    parser.add_argument("--slow", action="store_true", help="run the slow ones too")
    parser.add_argument("--write", action="store_true", help="write what they print into the documents")
    asked = parser.parse_args()
    if asked.write:
        for page in PAGES:
            rewrite(page)
    found = [fault for page in PAGES for fault in faults(page, slow=asked.slow or asked.write)]
    print("\n".join(found) or "documents: every command prints what they show")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Commands in a document whose output stands below them: run again, compared, or written anew.

A `console` fence holds lines that begin with `$ ` and below each what it prints. One shell runs the whole
fence; what is marked `console slow` is only run when asked. Every number in the text of such a document must
stand in a fence of the same section, so that no number outlives the command that it came from.

`python scripts/page_commands.py` checks, `--slow` the slow fences too, `--write` writes outputs anew.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "docs" / "routing.md",)
COMMAND_S = 120.0

_FENCE = re.compile(r"^```(\w*)( slow)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TARGET = re.compile(r"\]\([^)]*\)")
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")
_END = "=== that was all ==="
_WORDS = """
rapport() { "$PYTHON" -m hub "$@"; }
show() { "$PYTHON" -m scripts.show_routing "$@"; }
mkdir -p var/docs
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


def printed(commands: Sequence[str]) -> list[str]:
    """What each of a fence's commands prints, refusals too. Raises RuntimeError when one breaks down."""
    script = _WORDS + "".join(f'{command}\necho "{_END}"\n' for command in commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=COMMAND_S,
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LOGNAME": "admin"},
    )  # fmt: skip
    if "Traceback (most recent call last)" in done.stdout:
        raise RuntimeError(f"{commands} failed:\n{done.stdout}")
    lines = "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())
    return lines.split(f"{_END}\n")[:-1]


def fences(page: Path, *, slow: bool) -> list[str]:
    """What stands in the page's fences of commands: in the slow ones, or in the others."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [fence[3] for fence in found if fence[1] == "console" and bool(fence[2]) == slow]


def faults(fence: str) -> Iterator[str]:
    """Run a fence; yield a line for each output that is not what it shows."""
    known = list(runs(fence))
    for each, now in zip(known, printed([each.command for each in known]), strict=True):
        if now != each.shown:
            yield f"`{each.command}` does not print that any more, but:\n{now}"


def sourceless(page: Path) -> Iterator[str]:
    """Yield a line for each number of the text that no fence of its section holds."""
    text = page.read_text(encoding="utf-8")
    for section in re.split(r"^(?=## )", text, flags=re.MULTILINE):
        known = {number for fence in _FENCE.finditer(section) for number in _numbers(fence[3])}
        title = section.partition("\n")[0].strip("# ")
        words = _TARGET.sub("]", _COMMENT.sub("", _FENCE.sub("", section)))
        for number in _numbers(words):
            if number not in known:
                yield f"{page.name}: {title}: no command of this section prints {number}"


def _numbers(text: str) -> list[str]:
    return [number.rstrip(",").replace(",", "") for number in _NUMBER.findall(text)]


def rewrite(page: Path) -> None:
    """Put what the commands print now in the place of what the page shows."""

    def anew(fence: re.Match[str]) -> str:
        if fence[1] != "console":
            return fence[0]
        commands = [each.command for each in runs(fence[3])]
        body = "".join(f"$ {each}\n{now}" for each, now in zip(commands, printed(commands), strict=True))
        return f"```console{fence[2] or ''}\n{body}```"

    page.write_text(_FENCE.sub(anew, page.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> int:
    """0 when every page is as its commands say."""
    parser = argparse.ArgumentParser(description="Commands in documents and what they print.")
    parser.add_argument("--slow", action="store_true", help="run the slow ones too")
    parser.add_argument("--write", action="store_true", help="write what they print into the documents")
    asked = parser.parse_args()
    found: list[str] = []
    for page in PAGES:
        if asked.write:
            rewrite(page)
        else:
            for slow in (False, True)[: 1 + asked.slow]:
                found += [fault for fence in fences(page, slow=slow) for fault in faults(fence)]
        found += sourceless(page)
    print("\n".join(found) or "documents: every number comes from its command")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

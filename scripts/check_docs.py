"""Checks the documents: every relative link leads to a file of this repository, every anchor to a heading.

Absent: addresses on the network, which are not asked, and what commands print, which is `page_commands.py`'s.
Start at `faults`.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def faults() -> Iterator[str]:
    """Yield one line for each link that leads nowhere."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        document = ROOT / name
        if not document.is_file():
            continue
        for target in _LINK.findall(_FENCE.sub("", document.read_text(encoding="utf-8"))):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, anchor = target.partition("#")
            aim = (document.parent / path) if path else document
            if not aim.exists():
                yield f"{name}: {target} leads nowhere"
            elif anchor and aim.suffix == ".md" and anchor not in _anchors(aim):
                yield f"{name}: {target} names no heading"


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


if __name__ == "__main__":
    found = list(faults())
    print("\n".join(found) or "documents: every link holds")
    raise SystemExit(1 if found else 0)

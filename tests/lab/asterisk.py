"""A real Asterisk with the configuration that we ship, on free loopback ports, for tests and `make lab`.

Owns its process and its directory. `async with Asterisk(...)` starts one and waits until it has booted; the
package's download is in `asterisk_rootfs.py`.
"""

import asyncio
import hashlib
import json
import math
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import wave
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from telephony.asterisk import AsteriskSettings, Phone, render
from telephony.asterisk.speech import generate
from telephony.ivr.flow import shipped
from tests.lab import asterisk_rootfs
from tests.lab.asterisk_rootfs import CACHE, Build, install

__all__ = ["MUSIC_HZ", "Asterisk", "install", "packaged_music"]

MUSIC_HZ = 620
BOOT_TIMEOUT_S = 30.0
NUMBERS = ("1000", "2000")
AGENTS = ("agent1", "agent2", "agent3")


class Asterisk:
    """One Asterisk. `numbers`: 1000 is the menu, 2000 goes straight to the queue (by the default flows).

    `agents` get a SIP endpoint each and a WebRTC one named `<agent>-web`, all with `password`; the demo
    customer's endpoint is `demo`, WebRTC too. `music`: a directory of sounds for waiting callers; without it
    they hear a tone of `MUSIC_HZ`, so a test can tell. `speech` generates the menus' speech in English and
    Chinese. With `directory` its files stay there after `stop`.
    """

    def __init__(
        self,
        agents: tuple[str, ...] = AGENTS,
        numbers: tuple[str, ...] = NUMBERS,
        *,
        password: str = "",
        agi_port: int = 0,
        music: Path | None = None,
        announce_s: int = 25,
        speech: bool = False,
        directory: Path | None = None,
    ) -> None:
        self.password = password or secrets.token_hex(8)
        self.agents = agents
        self.numbers = numbers
        self.ami_port, self.sip_port, self.http_port = free_port(), free_port(socket.SOCK_DGRAM), free_port()
        self.agi_port = agi_port or free_port()
        self._secret, self._key = secrets.token_hex(16), secrets.token_hex(16)
        self._music = music
        self._announce_s = announce_s
        self._speech = speech
        self._directory = directory or Path(tempfile.mkdtemp(prefix="rapport-ast-"))
        self._keep = directory is not None
        self._process: subprocess.Popen[bytes] | None = None
        self._build: Build | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def ws_url(self) -> str:
        """Where softphones in browsers register."""
        return f"ws://127.0.0.1:{self.http_port}/ws"

    @property
    def log(self) -> Path:
        return self._directory / "log" / "messages.log"

    def settings(self) -> dict[str, Any]:
        """Keyword arguments of `telephony.voice.Settings`."""
        return {
            "ami_host": "127.0.0.1",
            "ami_port": self.ami_port,
            "ami_user": "rapport",
            "ami_secret": self._secret,
            "agi_host": "127.0.0.1",
            "agi_port": self.agi_port,
            "key": self._key,
            "flows": {"2000": "direct"},
        }

    async def start(self) -> None:
        """Render, start, and wait until it has fully booted. Raises RuntimeError with the log's end."""
        if self._build is None:
            self._build = await asyncio.to_thread(asterisk_rootfs.build)
            await asyncio.to_thread(self._render, self._build)
        self._process = self._spawn(self._build)
        try:
            async with asyncio.timeout(BOOT_TIMEOUT_S):
                while not await self._booted():
                    if self._process.poll() is not None:
                        raise RuntimeError(f"Asterisk ended while starting:\n{self._tail()}")
                    await asyncio.sleep(0.05)
        except TimeoutError as late:
            await self.kill()
            raise RuntimeError(f"Asterisk did not boot within {BOOT_TIMEOUT_S} s:\n{self._tail()}") from late

    async def stop(self) -> None:
        """End it and remove its directory, unless the directory was given."""
        await self.kill()
        if not self._keep:
            shutil.rmtree(self._directory, ignore_errors=True)

    async def kill(self) -> None:
        """kill -9, as when the machine loses power; `start` brings it back with the same configuration."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
            await asyncio.to_thread(self._process.wait)

    async def __aenter__(self) -> "Asterisk":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _spawn(self, build: Build) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*build.launcher, "-C", str(self._directory / "etc" / "asterisk.conf"), "-f"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _render(self, build: Build) -> None:
        phones = [Phone(agent, self.password) for agent in self.agents]
        phones += [Phone(f"{agent}-web", self.password, web=True) for agent in self.agents]
        first = 20_000 + (os.getpid() * 97 + self.sip_port) % 300 * 100
        languages: tuple[str, ...] = ()
        if self._speech:
            if not build.espeak:
                raise RuntimeError("no espeak-ng on this machine: the menus cannot be spoken")
            languages = generate(build.espeak, shipped().values(), _speech_directory())
        settings = AsteriskSettings(
            modules_dir=build.modules_dir,
            packaged_data_dir=build.data_dir,
            music_dir=self._music or _tone_directory(),
            ami_port=self.ami_port,
            sip_port=self.sip_port,
            http_port=self.http_port,
            agi_port=self.agi_port,
            ami_secret=self._secret,
            key=self._key,
            numbers=self.numbers,
            phones=tuple(phones),
            demo=Phone("demo", self.password, web=True),
            rtp_first=first,
            rtp_last=first + 400,
            announce_s=self._announce_s,
            speech_dir=_speech_directory() if languages else None,
            languages=languages,
        )
        render(settings, self._directory)

    async def _booted(self) -> bool:
        """Has AMI said FullyBooted to a login of ours?"""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.ami_port)
        except OSError:
            return False
        try:
            login = f"Action: Login\r\nUsername: rapport\r\nSecret: {self._secret}\r\n\r\n"
            writer.write(login.encode())
            async with asyncio.timeout(2):
                await reader.readuntil(b"Event: FullyBooted\r\n")
            return True
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return False
        finally:
            writer.close()

    def _tail(self) -> str:
        return self.log.read_text()[-2000:] if self.log.exists() else "(no log)"


def packaged_music() -> Path:
    """Music for waiting callers, from the packages."""
    return asterisk_rootfs.build().data_dir / "moh"


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _speech_directory() -> Path:
    """Generated speech of the flows as they are now."""
    texts = json.dumps([msgspec.to_builtins(flow) for flow in shipped().values()], sort_keys=True)
    return CACHE / f"speech-{hashlib.sha256(texts.encode()).hexdigest()[:12]}"


def _tone_directory() -> Path:
    """A directory with ten seconds of a pure tone, 8 kHz."""
    directory = CACHE / "tone"
    path = directory / "tone.wav"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        samples = [round(9000 * math.sin(2 * math.pi * MUSIC_HZ * n / 8000)) for n in range(80_000)]
        part = directory / f"tone.{os.getpid()}"
        with wave.open(str(part), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
        part.replace(path)
    return directory

"""The demo's own Asterisk, where the machine has one: calls from /demo reach the console's telephone.

Started with the configuration that we ship, on free loopback ports, with secrets of its own, as the user who
runs the hub; it ends with the hub. Only for the demo without a `voice` section: a real installation runs its
Asterisk as a service, so that calls survive the hub. Start at `beside`.
"""

import asyncio
import logging
import secrets
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from hub.config import Config, DemoPhone, Softphone
from hub.demo.seed_agents import DEMO_LOGINS
from hub.lock import beside as beside_database
from telephony.asterisk import AsteriskSettings, Phone, render
from telephony.voice import Settings as VoiceSettings

log = logging.getLogger(__name__)

BOOT_DEADLINE_S = 20.0
STOP_DEADLINE_S = 5.0
HOST = "127.0.0.1"
NUMBERS = ("1000", "2000")
RTP_PORTS = 400


@asynccontextmanager
async def beside(config: Config) -> AsyncIterator[Config]:
    """The configuration with calls added, while an Asterisk of ours runs; unchanged where there is none."""
    binary = shutil.which("asterisk")
    if not config.demo.enabled or config.voice is not None or binary is None:
        yield config
        return
    try:
        process, with_calls = await _start(config, Path(binary))
    except (OSError, ValueError) as error:
        log.warning("the demo goes on without calls", extra={"reason": str(error)})
        yield config
        return
    try:
        yield with_calls
    finally:
        await asyncio.to_thread(_stop, process)


async def _start(config: Config, binary: Path) -> tuple[subprocess.Popen[bytes], Config]:
    folder = beside_database(config.store.url, ".pbx")
    settings = _settings(binary)
    conf = await asyncio.to_thread(render, settings, folder)
    command = [str(binary), "-C", str(conf), "-f"]
    if setpriv := shutil.which("setpriv"):
        # A hub that is killed must not leave the demo's Asterisk behind.
        command = [setpriv, "--pdeathsig", "TERM", *command]
    process = await asyncio.to_thread(_spawn, command, folder)
    try:
        await _answers(process, settings.ami_port)
    except BaseException:
        await asyncio.to_thread(_stop, process)
        raise
    return process, _with_calls(config, settings)


def _spawn(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log" / "output.log").open("wb") as output:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _settings(binary: Path) -> AsteriskSettings:
    """Raises ValueError where the installation is not laid out as packages do it."""
    prefix = binary.parent.parent
    modules = next(prefix.glob("lib*/**/asterisk/modules"), None)
    data = prefix / "share" / "asterisk"
    if modules is None or not data.is_dir():
        raise ValueError(f"the modules or sounds of {binary} were not found below {prefix}")
    password = secrets.token_hex(12)
    endpoints = [login.phone_endpoint for login in DEMO_LOGINS if login.phone_endpoint]
    phones = [Phone(endpoint, password) for endpoint in endpoints]
    phones += [Phone(f"{endpoint}-web", password, web=True) for endpoint in endpoints]
    rtp_first = 20_000 + _free_port() % 300 * 100
    return AsteriskSettings(
        modules_dir=modules,
        packaged_data_dir=data,
        music_dir=data / "moh",
        ami_port=_free_port(),
        sip_port=_free_port(),
        http_port=_free_port(),
        agi_port=_free_port(),
        ami_secret=secrets.token_hex(16),
        key=secrets.token_hex(16),
        numbers=NUMBERS,
        phones=tuple(phones),
        demo=Phone("demo", password, web=True),
        rtp_first=rtp_first,
        rtp_last=rtp_first + RTP_PORTS,
    )


def _with_calls(config: Config, settings: AsteriskSettings) -> Config:
    assert settings.demo is not None
    voice = VoiceSettings(
        ami_host=HOST,
        ami_port=settings.ami_port,
        ami_user=settings.ami_user,
        ami_secret=settings.ami_secret,
        agi_host=HOST,
        agi_port=settings.agi_port,
        key=settings.key,
        flows={NUMBERS[1]: "direct"},
    )
    ws_uri, password = f"ws://{HOST}:{settings.http_port}/ws", settings.demo.password
    return replace(
        config,
        voice=voice,
        softphone=Softphone(ws_uri, HOST, password),
        demo=replace(config.demo, phone=DemoPhone(ws_uri, password)),
    )


async def _answers(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the manager interface listens; the hub itself waits for the rest."""
    try:
        async with asyncio.timeout(BOOT_DEADLINE_S):
            while True:
                if process.poll() is not None:
                    raise ValueError(f"asterisk ended at once with status {process.returncode}")
                try:
                    _, writer = await asyncio.open_connection(HOST, port)
                except OSError:
                    await asyncio.sleep(0.1)
                    continue
                writer.close()
                return
    except TimeoutError:
        raise ValueError(f"asterisk did not start within {BOOT_DEADLINE_S:.0f} s") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port

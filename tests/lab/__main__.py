"""`make lab`: real Asterisk, Dovecot, Postfix and an SMS gateway on loopback, and a hub wired to them.

Owns the lab's configuration under `var/lab` and the order of starting and stopping; each peer is started by
its own module beside this one. A peer that this machine cannot start is named, and the lab goes on without
it. Ctrl-C stops everything, the hub first. Start at `main`.
"""

import argparse
import asyncio
import contextlib
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.lab import asterisk_rootfs, dovecot, postfix
from tests.lab.asterisk import Asterisk
from tests.lab.sms_gateway import sms_gateway

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "lab"
AGENTS = tuple(f"agent{number}" for number in range(1, 9))
"""The phones of the demo company's agents."""
CUSTOMER = "anna@customer.example"
STOP_TIMEOUT_S = 30

Document = dict[str, Any]


def say(line: str) -> None:
    print(f"lab: {line}", flush=True)


@contextlib.asynccontextmanager
async def telephones(document: Document) -> AsyncIterator[None]:
    """Asterisk with a phone for each agent, spoken menus and music."""
    try:
        build = await asyncio.to_thread(asterisk_rootfs.build)
    except RuntimeError as error:
        say(f"no calls: {error}")
        yield
        return
    if not build.espeak:
        say("no espeak-ng: the menus are played with Asterisk's own sounds, in English")
    music = build.data_dir / "moh"
    async with Asterisk(
        agents=AGENTS, speech=bool(build.espeak), music=music if music.is_dir() else None
    ) as asterisk:
        document["voice"] = asterisk.settings()
        websocket = f"ws://127.0.0.1:{asterisk.http_port}/ws"
        document["softphone"] = {"ws_uri": websocket, "password": asterisk.password}
        document["demo"]["phone"] = {"ws_uri": websocket, "password": asterisk.password}
        say(f"Asterisk {asterisk.pid}: SIP on 127.0.0.1:{asterisk.sip_port} (UDP), log {asterisk.log}")
        say(f"  phones {AGENTS[0]}..{AGENTS[-1]} and the customer's `demo`, password {asterisk.password}")
        say("  call 1000 for the menu, 2000 to go straight to the queue; or call from the page /demo and")
        say("  answer in the console of an agent who is Available: both telephones are in the browser")
        yield


@contextlib.asynccontextmanager
async def mailboxes(document: Document) -> AsyncIterator[None]:
    """Postfix delivering into Dovecot: the company's mailbox, and one customer's."""
    absent = [*dovecot.missing(), *postfix.missing()]
    if absent:
        say(f"no mail: {'; '.join(absent)}")
        yield
        return
    account = document["accounts"]["support-mail"]
    address, password = account["address"], secrets.token_hex(8)
    boxes = dovecot.Dovecot({address: password, CUSTOMER: password})
    boxes.start()
    try:
        relay = postfix.Postfix(boxes)
        relay.start()
        try:
            peer = {"host": "127.0.0.1", "tls": "none"}
            account["imap"] = {**peer, "port": boxes.port, "user": address, "password": password}
            account["smtp"] = {**peer, "port": relay.port}
            say(f"Postfix: SMTP on 127.0.0.1:{relay.port}, log {relay.log}")
            say(f"Dovecot: IMAP on 127.0.0.1:{boxes.port}, log {boxes.log}")
            say(f"  write from {CUSTOMER} to {address}; read the answer in that mailbox, password {password}")
            yield
        finally:
            await asyncio.to_thread(relay.stop)
    finally:
        await asyncio.to_thread(boxes.stop)


@contextlib.asynccontextmanager
async def carrier(document: Document) -> AsyncIterator[None]:
    """The SMS provider's REST interface; what the hub sends is shown here."""
    async with sms_gateway() as gateway, asyncio.TaskGroup() as group:
        account = document["accounts"]["sms"]
        account |= {
            "api_url": gateway.url,
            "account_sid": gateway.account_sid,
            "auth_token": gateway.auth_token,
        }
        say(f"SMS provider: REST on {gateway.url}")

        async def show() -> None:
            shown = 0
            while True:
                for message in gateway.sent[shown:]:
                    say(f"SMS to {message.recipient}: {message.body}")
                    try:
                        await gateway.report(message, "delivered")
                    except aiohttp.ClientError as error:
                        say(f"the hub did not take the delivery report: {error}")
                shown = len(gateway.sent)
                await asyncio.sleep(0.5)

        showing = group.create_task(show())
        try:
            yield
        finally:
            showing.cancel()


@contextlib.contextmanager
def hub(config: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The hub as a process of its own, which Ctrl-C does not reach before we stop it."""
    command = [sys.executable, "-m", "hub", "--config", str(config), "run", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            say(f"the hub did not stop within {STOP_TIMEOUT_S} s: killed")
            process.kill()
            process.wait()


async def run(port: int) -> int:
    """Start everything, wait for Ctrl-C or the hub's end, stop everything; the hub's exit status."""
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop.set)
    FOLDER.mkdir(parents=True, exist_ok=True)
    document: Document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    document["store"] = {"url": f"sqlite:///{FOLDER / 'rapport.db'}"}
    async with telephones(document), mailboxes(document), carrier(document):
        config = FOLDER / "config.yaml"
        config.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
        config.chmod(0o600)
        say(f"the hub's configuration is {config.relative_to(ROOT)}; Ctrl-C stops everything")
        with hub(config, port) as process:
            ended = asyncio.ensure_future(asyncio.to_thread(process.wait))
            stop = asyncio.ensure_future(asked_to_stop.wait())
            await asyncio.wait([ended, stop], return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            say("stopping")
        return await ended if not asked_to_stop.is_set() else 0


def main() -> int:
    """Parse the command line and run the lab."""
    parser = argparse.ArgumentParser(prog="make lab", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="where the hub listens")
    return asyncio.run(run(parser.parse_args().port))


if __name__ == "__main__":
    raise SystemExit(main())

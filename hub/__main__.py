"""The command line: `rapport run`, `check`, `rules ...`, `agents ...`, `simulate ...`, `why ...`."""

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hub import agents_cli, rules_cli, simulate_cli, why_cli
from hub.config import BadConfig, Config, load
from hub.log import set_up
from hub.serve import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and do it; the exit status is 0, or 1 for a refusal, 2 for wrong usage."""
    asked = _parser().parse_args(arguments)
    try:
        config = _config(asked)
    except BadConfig as error:
        print(f"{asked.config} has mistakes:", file=sys.stderr)
        for mistake in error.mistakes:
            print(f"  {mistake}", file=sys.stderr)
        return 1
    match asked.command:
        case "check":
            print(f"{asked.config}: no mistakes")
            return 0
        case "rules":
            return rules_cli.run(asked, config)
        case "agents":
            return agents_cli.run(asked, config)
        case "simulate":
            return simulate_cli.run(asked, config)
        case "why":
            return why_cli.run(asked, config)
        case _:
            set_up(as_json=asked.log == "json")
            return asyncio.run(serve(config))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rapport", description="A contact-centre hub.")
    parser.add_argument("--config", type=Path, default=Path("config.yaml"), help="default: config.yaml")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve until stopped")
    run.add_argument("--port", type=int, help="instead of http.port in the configuration")
    run.add_argument("--log", choices=("text", "json"), default="text")
    commands.add_parser("check", help="list every mistake in the configuration")
    rules_cli.add_parser(commands)
    agents_cli.add_parser(commands)
    simulate_cli.add_parser(commands)
    why_cli.add_parser(commands)
    return parser


def _config(asked: argparse.Namespace) -> Config:
    """The configuration with what the command line and the hub itself know added."""
    # The file may name the hub's own URL, which depends on the port: read it once for the port alone.
    ports = {name: str(_free_port()) for name in ("RAPPORT_DEMO_SMTP_PORT", "RAPPORT_DEMO_MAILBOX_PORT")}
    first = load(asked.config, {**ports, **os.environ, "RAPPORT_URL": "http://127.0.0.1"})
    port = getattr(asked, "port", None) or first.http.port
    environment = {**ports, **os.environ, "RAPPORT_URL": f"http://{first.http.host}:{port}"}
    config = load(asked.config, environment)
    return replace(config, http=replace(config.http, port=port))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())

"""`rapport agents list|add`: the people who work here, from the command line."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from hub import agents, control
from hub.config import Config
from hub.store.database import Store
from hub.store.migrate import migrate


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The `agents` command."""
    parser = commands.add_parser("agents", help="list the people who can log in, or add one")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|add")
    verbs.add_parser("list", help="who can log in")
    add = verbs.add_parser("add", help="add somebody; the password is asked for, or read from standard input")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="as customers see it")
    add.add_argument("--role", action="append", choices=("agent", "supervisor", "admin"), default=[])
    add.add_argument("--skill", action="append", default=[], metavar="SKILL=LEVEL", help="level 1-100")
    add.add_argument("--language", default="en", choices=("en", "zh"))
    add.add_argument("--phone", default="", help="SIP endpoint, e.g. agent9")


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Do it; 0 when done, 1 when refused (the reasons are printed)."""
    if arguments.verb == "list":
        return asyncio.run(_list(config))
    try:
        skills = dict(_skill(text) for text in arguments.skill)
    except ValueError as error:
        print(f"not done: {error}", file=sys.stderr)
        return 1
    asked = {
        "username": arguments.username,
        "name": arguments.name,
        "password": _password(),
        "roles": arguments.role or ["agent"],
        "skills": skills,
        "language": arguments.language,
        "phone_endpoint": arguments.phone,
    }
    return asyncio.run(_add(config, asked))


def _skill(text: str) -> tuple[str, int]:
    skill, _, level = text.partition("=")
    if not skill or not level.isdigit():
        raise ValueError(f"--skill {text!r} is not of the form english=80")
    return skill, int(level)


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


async def _list(config: Config) -> int:
    await asyncio.to_thread(migrate, config.store.url)
    store = await Store.open(config.store.url)
    try:
        rows: Sequence[Row[Any]] = await store.read(agents.active)
    finally:
        await store.close()
    for row in rows:
        skills = " ".join(f"{skill}={level}" for skill, level in sorted(row.skills.items()))
        print(f"{row.username:12} {', '.join(row.roles):18} {row.phone_endpoint:10} {skills}".rstrip())
    return 0


async def _add(config: Config, asked: dict[str, Any]) -> int:
    try:
        answer = await control.do(config, "agents/add", asked)
    except (control.Refused, ConnectionError) as error:
        print(f"not done: {error}", file=sys.stderr)
        return 1
    print(f"added {answer['agent_id']}")
    return 0

"""`rapport agents list|add|set`: the people who work here, from the command line."""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from hub import agents, control
from hub.config import Config
from hub.store.database import Store
from hub.store.migrate import migrate

WORK_MAX_BYTES = 100_000


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The `agents` command."""
    parser = commands.add_parser("agents", help="list the people who can log in, add one, or change one")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|add|set")
    verbs.add_parser("list", help="who can log in")
    add = verbs.add_parser("add", help="add somebody; the password is asked for, or read from standard input")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="as customers see it")
    add.add_argument("--role", action="append", choices=("agent", "supervisor", "admin"), default=[])
    _add_work(add)
    add.add_argument("--language", default="en", choices=("en", "zh"))
    add.add_argument("--phone", default="", help="SIP endpoint, e.g. agent9")
    change = verbs.add_parser("set", help="give somebody other skills or another capacity; holds at once")
    change.add_argument("username")
    _add_work(change)


def _add_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--skill",
        action="append",
        default=[],
        metavar="SKILL=LEVEL",
        help="level 1-100; others stay as they are",
    )
    parser.add_argument(
        "--work", type=Path, metavar="FILE", help="JSON: {skills?, capacity?}, see the administrator's guide"
    )


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Do it; 0 when done, 1 when refused (the reasons are printed)."""
    if arguments.verb == "list":
        return asyncio.run(_list(config))
    try:
        work = {} if arguments.work is None else _read(arguments.work)
        skills = dict(_skill(text) for text in arguments.skill)
        if arguments.verb == "set" and not work and not skills:
            raise ValueError("say what is to change, with --skill or --work")
    except ValueError as error:
        print(f"not done: {error}", file=sys.stderr)
        return 1
    if arguments.verb == "set":
        changed = {"username": arguments.username, "some_skills": skills, **work}
        return asyncio.run(_ask(config, "agents/set", changed, "changed"))
    asked = {
        "username": arguments.username,
        "name": arguments.name,
        "password": _password(),
        "roles": arguments.role or ["agent"],
        "language": arguments.language,
        "phone_endpoint": arguments.phone,
        **work,
        "skills": {**work.get("skills", {}), **skills},
    }
    return asyncio.run(_ask(config, "agents/add", asked, "added"))


def _read(path: Path) -> dict[str, Any]:
    """Skills and capacity as the file gives them. Raises ValueError."""
    try:
        raw = path.read_bytes()
        if len(raw) > WORK_MAX_BYTES:
            raise ValueError(f"it is larger than {WORK_MAX_BYTES} bytes")
        work = json.loads(raw)
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(work, dict) or not {"skills", "capacity"}.issuperset(work):
        raise ValueError(f"{path} must be an object with skills, capacity or both")
    if not all(isinstance(part, dict) for part in work.values()):
        raise ValueError(f"{path}: skills and capacity are objects")
    return work


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
        skills = " ".join(f"{skill}={_level(stated)}" for skill, stated in sorted(row.skills.items()))
        print(f"{row.username:12} {', '.join(row.roles):18} {row.phone_endpoint:10} {skills}".rstrip())
    return 0


def _level(stated: Any) -> Any:
    return stated["level"] if isinstance(stated, dict) else stated


async def _ask(config: Config, operation: str, asked: dict[str, Any], done: str) -> int:
    try:
        answer = await control.do(config, operation, asked)
    except (control.Refused, ConnectionError) as error:
        print(f"not done: {error}", file=sys.stderr)
        return 1
    print(f"{done} {answer['agent_id']}")
    return 0

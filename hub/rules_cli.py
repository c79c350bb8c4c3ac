"""`rapport rules show|check|publish|rollback`: routing rules from the command line, until the editor comes.

Publishing goes through the running hub if there is one (it is the only writer), else to the database.
"""

import argparse
import asyncio
import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub import control
from hub.bootstrap import default_rules
from hub.config import Config
from hub.rulebook import BODY_MAX_BYTES, RuleSetRow, history
from hub.store.database import Store
from hub.store.migrate import migrate
from routing.rules.ruleset import check, content_hash
from routing.rules.words import diff


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The `rules` command."""
    parser = commands.add_parser("rules", help="show, check, publish or roll back the routing rules")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="show|check|publish|rollback")
    show = verbs.add_parser("show", help="print the published rule set (or --history, or an older one)")
    show.add_argument("hash", nargs="?", default="", help="hash, or its beginning, of an older rule set")
    show.add_argument("--history", action="store_true", help="list every rule set ever published")
    checked = verbs.add_parser("check", help="list every mistake in FILE, publish nothing")
    checked.add_argument("file", type=Path)
    publish = verbs.add_parser("publish", help="put FILE in force for every contact from now on")
    publish.add_argument("file", type=Path)
    publish.add_argument("--note", default="", help="why; kept with the rule set")
    back = verbs.add_parser("rollback", help="put the previous rule set (or HASH) back in force")
    back.add_argument("hash", nargs="?", default="")


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Do it; 0 when done, 1 when refused (the reasons are printed)."""
    match arguments.verb:
        case "show":
            return asyncio.run(_show(config, arguments.hash, arguments.history))
        case "check":
            body = _read(arguments.file)
            return 1 if body is None or _print_problems(arguments.file, body) else 0
        case "publish":
            body = _read(arguments.file)
            if body is None or _print_problems(arguments.file, body):
                return 1
            return asyncio.run(_publish(config, body, arguments.note))
        case _:
            return asyncio.run(_roll_back(config, arguments.hash))


def _read(path: Path) -> Any:
    """The parsed file, or None after saying why not."""
    try:
        raw = path.read_bytes()
        if len(raw) > BODY_MAX_BYTES:
            raise ValueError(f"is larger than {BODY_MAX_BYTES} bytes")
        return json.loads(raw)
    except OSError as error:
        print(f"{path}: cannot be read: {error.strerror}", file=sys.stderr)
    except (ValueError, RecursionError) as error:
        print(f"{path}: is not JSON: {error}", file=sys.stderr)
    return None


def _print_problems(path: Path, body: Any) -> bool:
    problems = check(body)
    for problem in problems:
        print(f"{path}: {problem.pointer or '/'}: {problem.message}", file=sys.stderr)
    if not problems:
        print(f"{path}: no mistakes; hash {content_hash(body)}")
    return bool(problems)


async def _history(config: Config) -> list[RuleSetRow]:
    await asyncio.to_thread(migrate, config.store.url)
    store = await Store.open(config.store.url)
    try:
        return await store.read(history)
    finally:
        await store.close()


async def _show(config: Config, wanted: str, whole_history: bool) -> int:
    rows = await _history(config)
    if whole_history:
        for row in rows:
            at = datetime.fromtimestamp((row.published_at_ms or 0) / 1000, UTC)
            print(f"{row.hash[:12]}  {row.state:9}  {at:%Y-%m-%d %H:%M:%S}Z  {row.author}  {row.note}")
        return 0
    if not rows and not wanted:
        print(json.dumps(default_rules(), indent=2, ensure_ascii=False))
        return 0
    found = [row for row in rows if (row.hash.startswith(wanted) if wanted else row.state == "published")]
    if len(found) != 1:
        which = "no" if not found else "more than one"
        print(f"{which} rule set begins with {wanted!r}; try --history", file=sys.stderr)
        return 1
    print(json.dumps(found[0].body, indent=2, ensure_ascii=False))
    return 0


async def _publish(config: Config, body: Any, note: str) -> int:
    for row in await _history(config):
        if row.state == "published":
            for line in diff(row.body, body):
                print(f"  {line}")
    asked = {"body": body, "author": getpass.getuser(), "note": note}
    return await _change(config, "rules/publish", asked, "published")


async def _roll_back(config: Config, to: str) -> int:
    return await _change(config, "rules/rollback", {"to": to, "author": getpass.getuser()}, "rolled back to")


async def _change(config: Config, operation: str, asked: dict[str, Any], done: str) -> int:
    try:
        answer = await control.do(config, operation, asked)
    except (control.Refused, ConnectionError) as error:
        print(f"not done: {error}", file=sys.stderr)
        return 1
    print(f"{done} {answer['hash']}")
    return 0

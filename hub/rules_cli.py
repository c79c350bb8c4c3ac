"""`rapport rules ...`: the life of a rule set from the command line.

Changes go through the running hub if there is one (it is the only writer), else to the database. `publish
FILE` is the short way for small installations; the long one is draft, simulate, approve, stage, publish HASH.
"""

import argparse
import asyncio
import getpass
import json
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from hub import control, rulebook
from hub.bootstrap import ABLE, default_rules
from hub.config import Config
from hub.rulebook import BODY_MAX_BYTES, RuleSetRow, Step, UnknownRuleSet
from hub.store.database import Store
from hub.store.migrate import migrate
from routing.rules.ruleset import content_hash
from routing.rules.words import diff

T = TypeVar("T")

SHORT_CHARS = 12
_HASH = re.compile(r"[0-9a-f]{6,64}")


class _Told(Exception):
    """Refused, and the reasons are printed already."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The `rules` command."""
    parser = commands.add_parser("rules", help="show, check, change or roll back the routing rules")
    verbs = parser.add_subparsers(dest="verb", required=True)
    show = verbs.add_parser("show", help="print the published rule set (or HASH, or the --history of all)")
    show.add_argument("hash", nargs="?", default="", help="hash, or its beginning, of another rule set")
    show.add_argument("--history", action="store_true", help="list rule sets with every step of theirs")
    checked = verbs.add_parser("check", help="list every mistake in FILE, save nothing")
    checked.add_argument("file", type=Path)
    compared = verbs.add_parser("diff", help="say in words what changes from A to B")
    for name in ("a", "b"):
        compared.add_argument(name, help="a file, or the hash of a rule set or its beginning")
    draft = verbs.add_parser("draft", help="save FILE; it decides about nobody yet")
    draft.add_argument("file", type=Path)
    approve = verbs.add_parser("approve", help="say that HASH, which was simulated, may be published")
    approve.add_argument("hash")
    publish = verbs.add_parser("publish", help="put FILE, or HASH if it is approved, in force from now on")
    publish.add_argument(
        "what", metavar="FILE|HASH", help="a file is published without simulation or approval"
    )
    stage = verbs.add_parser("stage", help="let HASH decide about a share of the contacts")
    stage.add_argument("hash")
    stage.add_argument("--percent", type=int, help="of the contacts, 1 to 100; with --queue: 100")
    stage.add_argument("--queue", action="append", default=[], help="of this queue only; may be repeated")
    unstage = verbs.add_parser("unstage", help="end the trial of the staged rule set")
    back = verbs.add_parser(
        "rollback", help="put the previous rule set (or HASH) back in force, end any trial"
    )
    back.add_argument("hash", nargs="?", default="")
    for verb in (draft, approve, publish, stage, unstage, back):
        verb.add_argument("--note", default="", help="why; kept with the rule set")


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Do it; 0 when done, 1 when refused (the reasons are printed)."""
    try:
        asyncio.run(_VERBS[arguments.verb](config, arguments))
        return 0
    except (control.Refused, ConnectionError, UnknownRuleSet) as error:
        print(f"not done: {error}", file=sys.stderr)
    except _Told:
        pass
    return 1


# ------------------------------------------------------------------------------------------------ looking


async def _show(config: Config, arguments: argparse.Namespace) -> None:
    if arguments.history:
        for line in await _look(config, _history_lines):
            print(line)
        return

    def body(connection: Connection) -> dict[str, Any] | None:
        if arguments.hash:
            return rulebook.body_of(connection, rulebook.find(connection, arguments.hash).hash)
        return rulebook.published_body(connection)

    found = await _look(config, body)
    print(json.dumps(default_rules() if found is None else found, indent=2, ensure_ascii=False))


def _history_lines(connection: Connection) -> list[str]:
    """Each rule set with its steps below it."""
    rows = rulebook.history(connection)
    steps: dict[str, list[Step]] = {row.hash: [] for row in rows}
    for step in rulebook.steps_of(connection, steps):
        steps[step.hash].append(step)
    lines = []
    for row in rows:
        lines.append(f"{row.hash[:SHORT_CHARS]}  {row.state:9}  {_trial_words(row)}{row.author}  {row.note}")
        for step in steps[row.hash]:
            at = datetime.fromtimestamp(step.at_ms / 1000, UTC)
            words = (
                f"    {at:%Y-%m-%d %H:%M:%S}Z  {step.state:9}  {step.by}  {step.note}{_detail_words(step)}"
            )
            lines.append(words.rstrip())
    return [line.rstrip() for line in lines]


def _trial_words(row: RuleSetRow) -> str:
    return "" if row.trial is None else f"{_share(row.trial.percent, row.trial.queues)}  "


def _share(percent: int, queues: Sequence[str]) -> str:
    return f"{percent} % of {', '.join(queues) if queues else 'the contacts'}"


def _detail_words(step: Step) -> str:
    if skipped := step.detail.get("skipped"):
        return f" (never {' or '.join(skipped)})"
    if step.state == "staged":
        return f" ({_share(step.detail['percent'], step.detail['queues'])})"
    if step.detail.get("rolled_back"):
        return " (rolled back)"
    return " (by its author)" if step.detail.get("own") else ""


async def _check(config: Config, arguments: argparse.Namespace) -> None:
    _checked(arguments.file)


async def _diff(config: Config, arguments: argparse.Namespace) -> None:
    old, new = [await _file_or_set(config, wanted) for wanted in (arguments.a, arguments.b)]
    for line in diff(old, new) or ["Nothing that matters changes."]:
        print(line)


async def _file_or_set(config: Config, wanted: str) -> Any:
    """The body in a file or under a hash."""
    if _is_hash(wanted):
        return await _look(config, lambda c: rulebook.body_of(c, rulebook.find(c, wanted).hash))
    return _checked(Path(wanted))


async def _look(config: Config, work: Callable[[Connection], T]) -> T:
    await asyncio.to_thread(migrate, config.store.url)
    store = await Store.open(config.store.url)
    try:
        return await store.read(work)
    finally:
        await store.close()


# ----------------------------------------------------------------------------------------------- changing


async def _draft(config: Config, arguments: argparse.Namespace) -> None:
    answer = await _ask(config, "rules/draft", arguments, body=_checked(arguments.file))
    print(f"saved {answer['hash']}, which is {answer['state']}")


async def _approve(config: Config, arguments: argparse.Namespace) -> None:
    answer = await _ask(config, "rules/approve", arguments, hash=arguments.hash)
    print(f"approved {answer['hash']}")
    if answer["author"] == getpass.getuser():
        print("You approved what you wrote yourself; this is noted.")


async def _publish(config: Config, arguments: argparse.Namespace) -> None:
    asked: dict[str, Any]
    if _is_hash(arguments.what):
        asked = {"hash": arguments.what}
    else:
        body = _checked(Path(arguments.what))
        asked = {"body": body}
        before = await _look(config, rulebook.published_body)
        for line in diff(before, body) if before is not None else []:
            print(f"  {line}")
    answer = await _ask(config, "rules/publish", arguments, **asked)
    print(f"published {answer['hash']}")


async def _stage(config: Config, arguments: argparse.Namespace) -> None:
    if arguments.percent is None and not arguments.queue:
        raise control.Refused("Say who gets it: --percent N, or --queue Q, or both.")
    percent = 100 if arguments.percent is None else arguments.percent
    asked = {"hash": arguments.hash, "percent": percent, "queues": arguments.queue}
    answer = await _ask(config, "rules/stage", arguments, **asked)
    print(f"staged {answer['hash']} for {_share(percent, arguments.queue)}")


async def _unstage(config: Config, arguments: argparse.Namespace) -> None:
    answer = await _ask(config, "rules/unstage", arguments)
    print(f"ended the trial of {answer['hash']}, which is {answer['state']}")


async def _roll_back(config: Config, arguments: argparse.Namespace) -> None:
    answer = await _ask(config, "rules/rollback", arguments, to=arguments.hash)
    print(f"rolled back to {answer['hash']}")


async def _ask(config: Config, operation: str, arguments: argparse.Namespace, **asked: Any) -> dict[str, Any]:
    return await control.do(config, operation, {"author": getpass.getuser(), "note": arguments.note, **asked})


_VERBS = {
    "show": _show,
    "check": _check,
    "diff": _diff,
    "draft": _draft,
    "approve": _approve,
    "publish": _publish,
    "stage": _stage,
    "unstage": _unstage,
    "rollback": _roll_back,
}

# -------------------------------------------------------------------------------------------------- files


def _is_hash(text: str) -> bool:
    return _HASH.fullmatch(text) is not None and not Path(text).exists()


def _checked(path: Path) -> Any:
    """The rule set in the file; what is wrong with it is printed and raises _Told."""
    body = _read(path)
    problems = rulebook.mistakes(body, ABLE)
    for problem in problems:
        print(f"{path}: {problem.pointer or '/'}: {problem.message}", file=sys.stderr)
    if problems:
        raise _Told
    print(f"{path}: no mistakes; hash {content_hash(body)}")
    return body


def _read(path: Path) -> Any:
    try:
        raw = path.read_bytes()
        if len(raw) > BODY_MAX_BYTES:
            raise ValueError(f"is larger than {BODY_MAX_BYTES} bytes")
        return json.loads(raw)
    except OSError as error:
        print(f"{path}: cannot be read: {error.strerror}", file=sys.stderr)
    except (ValueError, RecursionError) as error:
        print(f"{path}: is not JSON: {error}", file=sys.stderr)
    raise _Told

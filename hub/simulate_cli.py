"""`rapport simulate`: what rules would do on a described day or on a day that this hub has seen.

Rules come from files or from the hub's own sets; days from a scenario file or from a hub's database, which is
only read. The summary for a draft is recorded with the hub, so that it can be approved.
"""

import argparse
import asyncio
import getpass
import json
import re
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from hub import control, rulebook, simulation
from hub.bootstrap import default_rules
from hub.config import Config
from hub.recorded_day import NothingRecorded, newest_day, read_day
from hub.rulebook import BODY_MAX_BYTES, UnknownRuleSet
from hub.store.database import create
from hub.store.migrate import migrate
from routing.rules.ruleset import Problem, RuleSet, check, content_hash
from routing.simulate.advice import TOPICS
from routing.simulate.recorded import Recording
from routing.simulate.report import summary
from routing.simulate.scenario_reading import ScenarioError, read_scenario, unknown_skills
from routing.simulate.text import as_text

SCENARIO_MAX_BYTES = 10_000_000
SEEDS_MAX = 1_000
JOBS_MAX = 64
PUBLISHED = "published"
LIVE = "live"

_HASH = re.compile(r"[0-9a-f]{6,64}")


class _Mistakes(Exception):
    """A file is not as it should be."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        super().__init__(name)
        self.lines = [f"{name}: {problem.pointer or '/'}: {problem.message}" for problem in problems]


class _Refused(Exception):
    """It cannot be done; the message says why."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The `simulate` command."""
    parser = commands.add_parser("simulate", help="play a day under one rule set, or compare two")
    parser.add_argument(
        "--rules",
        action="append",
        default=[],
        metavar="FILE|HASH|published",
        help="a rule set; given twice, the second is compared with the first (default: published)",
    )
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="SCENARIO.json|DATABASE|live",
        help="a described day, or a hub's database (file or URL; live: this hub's own)",
    )
    parser.add_argument("--day", help="of a database: YYYY-MM-DD (default: the last one with contacts)")
    parser.add_argument("--seeds", type=int, default=20, help="how many runs (default: 20)")
    parser.add_argument("--first-seed", type=int, default=1, help="the seed of the first run (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--advice", default="", help=f"comma-separated: {','.join(TOPICS)}")
    parser.add_argument("--json", metavar="OUT", help="write the report as JSON too; - prints only that")
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the printed report")
    parser.add_argument(
        "--for",
        dest="draft",
        metavar="HASH",
        help="compare this saved rule set with the published one, and record the result with it",
    )


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Do it; 0 when done, 1 when it cannot be done, 2 when rules, scenario or arguments have mistakes."""
    try:
        seeds, topics = _checked(arguments)
        material, draft = _material(arguments, config)
        report = simulation.run(material, seeds, arguments.jobs, topics)
        _tell(report, arguments)
        if draft is not None:
            asked = {"hash": draft, "summary": summary(report), "author": getpass.getuser()}
            asyncio.run(control.do(config, "rules/simulated", asked))
            print(f"recorded with {draft}", file=sys.stderr)
        return 0
    except _Mistakes as error:
        print("\n".join(error.lines), file=sys.stderr)
        return 2
    except (_Refused, NothingRecorded, UnknownRuleSet, control.Refused, ConnectionError) as error:
        print(f"not done: {error}", file=sys.stderr)
    return 1


def _checked(arguments: argparse.Namespace) -> tuple[range, list[str]]:
    """Seeds and topics of advice."""
    topics = [topic.strip() for topic in arguments.advice.split(",") if topic.strip()]
    limits = (("seeds", arguments.seeds, SEEDS_MAX), ("jobs", arguments.jobs, JOBS_MAX))
    problems = [
        Problem(f"--{name}", f"This must be from 1 to {most}, not {found}.")
        for name, found, most in limits
        if not 1 <= found <= most
    ]
    problems += [
        Problem("--advice", f"There is no advice on {topic!r}, only on {', '.join(TOPICS)}.")
        for topic in topics
        if topic not in TOPICS
    ]
    if len(arguments.rules) + (arguments.draft is not None) > 2:
        problems.append(Problem("--rules", "At most two rule sets can be compared."))
    if problems:
        raise _Mistakes("arguments", problems)
    first = arguments.first_seed
    return range(first, first + arguments.seeds), topics


def _material(arguments: argparse.Namespace, config: Config) -> tuple[simulation.Material, str | None]:
    """Rules and day, and the hash of the draft that the result is for."""
    wanted = list(arguments.rules)
    if arguments.draft is not None:
        wanted = [*(wanted or [PUBLISHED]), arguments.draft]
    bodies = {}
    draft: str | None = None
    for side, name in zip("ab", wanted or [PUBLISHED], strict=False):
        bodies[side] = _rules(name, config)
        if name == arguments.draft:
            draft = content_hash(bodies[side])
    zone = ZoneInfo(config.company.time_zone)
    path = Path(arguments.source)
    if arguments.source != LIVE and path.suffix == ".json":
        body = _json(path, SCENARIO_MAX_BYTES)
        zone_ms = _check_scenario(path, body, bodies, zone)
        return simulation.Material(bodies, body, zone_ms), draft
    url = config.store.url if arguments.source == LIVE else _url(arguments.source)
    return simulation.Material(bodies, _recording(url, arguments.day, zone)), draft


# --------------------------------------------------------------------------------------------------- rules


def _rules(name: str, config: Config) -> Any:
    """The body of a rule set in a file, under a hash, or in force."""
    if name == PUBLISHED:
        return _published(config)
    if _HASH.fullmatch(name) and not Path(name).exists():
        return _with_own(config, lambda c: rulebook.body_of(c, rulebook.find(c, name).hash))
    body = _json(Path(name), BODY_MAX_BYTES)
    if problems := check(body):
        raise _Mistakes(name, problems)
    return body


def _published(config: Config) -> Any:
    return _with_own(config, rulebook.published_body) or default_rules()


def _with_own(config: Config, work: Any) -> Any:
    """Something read from this hub's own database."""
    migrate(config.store.url)
    return _read(config.store.url, work)


# ---------------------------------------------------------------------------------------------------- days


def _check_scenario(path: Path, body: Any, bodies: dict[str, Any], zone: ZoneInfo) -> int:
    """What the company's clocks are ahead of UTC on the scenario's day, in ms. Raises _Mistakes."""
    try:
        scenario = read_scenario(body)
    except ScenarioError as error:
        raise _Mistakes(str(path), error.problems) from error
    known = {skill for rules in bodies.values() for skill in RuleSet(rules).skills()}
    if problems := unknown_skills(scenario, known):
        raise _Mistakes(str(path), problems)
    noon_s = scenario.starts_at_ms / 1000 + 43_200
    offset = datetime.fromtimestamp(noon_s, zone).utcoffset() or timedelta()
    return round(offset.total_seconds() * 1000)


def _url(source: str) -> str:
    """The URL of a database given by URL or path."""
    if "://" in source:
        return source
    if not Path(source).is_file():
        raise _Refused(f"{source}: there is no such file (a scenario's name ends in .json)")
    return f"sqlite:///{source}"


def _recording(url: str, day: str | None, zone: ZoneInfo) -> Recording:
    try:
        wanted = None if day is None else date.fromisoformat(day)
    except ValueError as error:
        raise _Refused(f"{day!r} is not a day like 2026-01-31") from error

    def read(connection: Connection) -> Recording:
        return read_day(connection, wanted or newest_day(connection, zone), zone)

    recording: Recording = _read(url, read)
    return recording


def _read(url: str, work: Any) -> Any:
    """What `work` reads from the database, in one transaction."""
    try:
        engine = create(url, begin="BEGIN")
        try:
            with engine.connect() as connection:
                return work(connection)
        finally:
            engine.dispose()
    except (ArgumentError, SQLAlchemyError, KeyError) as error:
        why = str(error).partition("\n")[0][:200]
        raise _Refused(f"{_shown(url)} is not a database of this version of Rapport: {why}") from error


def _shown(url: str) -> str:
    """The URL without its password."""
    try:
        return make_url(url).render_as_string()
    except ArgumentError:
        return "this"


# --------------------------------------------------------------------------------------------------- files


def _json(path: Path, bytes_max: int) -> Any:
    try:
        raw = path.read_bytes()
        if len(raw) > bytes_max:
            raise ValueError(f"it is larger than {bytes_max} bytes")
        return json.loads(raw)
    except OSError as error:
        raise _Mistakes(str(path), [Problem("", f"This cannot be read: {error.strerror}.")]) from error
    except (ValueError, RecursionError) as error:
        raise _Mistakes(str(path), [Problem("", f"This is not JSON: {error}.")]) from error


def _tell(report: dict[str, Any], arguments: argparse.Namespace) -> None:
    text = json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if arguments.json == "-":
        print(text, end="")
        return
    if arguments.json is not None:
        try:
            Path(arguments.json).write_text(text, encoding="utf-8")
        except OSError as error:
            raise _Refused(f"{arguments.json}: cannot be written: {error.strerror}") from error
    print(as_text(report, arguments.language), end="")

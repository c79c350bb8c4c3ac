"""`rapport why CONTACT`: why it waits and what would have to change, or why its agent got it."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from hub import control, wire
from hub.config import Config
from hub.console.why.phrases import number, signed
from hub.console.why.words import OUTCOMES, word

_TITLES = {
    "changes": {"en": "What would have to change:", "zh": "需要什么变化："},
    "candidates": {"en": "Free agents compared:", "zh": "空闲坐席比较："},
    "undecided": {"en": "Nothing has been decided about it yet.", "zh": "尚无分配记录。"},
}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The `why` command."""
    parser = commands.add_parser("why", help="why a contact waits, or why its agent got it")
    parser.add_argument("contact", help="its id, as the board, the API and the log name it")
    parser.add_argument("--language", default="en", choices=("en", "zh"))


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Print it; 0 when there was an answer, 1 when not (the reason is printed)."""
    return asyncio.run(_why(config, arguments.contact, arguments.language))


async def _why(config: Config, contact_id: str, language: str) -> int:
    try:
        told = await control.do(config, "why", {"contact": contact_id})
    except (control.Refused, ConnectionError) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 1
    if "waiting" in told:
        lines = waiting(msgspec.convert(told["waiting"], wire.WaitingWhy), language)
    else:
        decided = msgspec.convert(told["decided"], wire.Decisions)
        lines = last_decision(decided, language, ZoneInfo(config.company.time_zone))
    print("\n".join(lines))
    return 0


def waiting(told: wire.WaitingWhy, language: str) -> Iterator[str]:
    """Why not yet, line by line."""
    yield from _explained(told.why, language)


def last_decision(told: wire.Decisions, language: str, zone: ZoneInfo) -> Iterator[str]:
    """The last decision, line by line; times are those of the company."""
    if not told.items:
        yield _TITLES["undecided"][language]
        return
    last = told.items[-1]
    at = datetime.fromtimestamp(last.at_ms / 1000, zone)
    outcome = f" ({word(OUTCOMES, last.outcome).text[language]})" if last.outcome else ""
    yield f"{at:%Y-%m-%d %H:%M:%S}  {last.agent_name}{outcome}"
    yield from _explained(last.why, language)


def _explained(why: wire.Explanation, language: str) -> Iterator[str]:
    yield why.headline[language]
    for fact in why.facts:
        yield f"  {fact.text[language]}"
    if why.changes:
        yield _TITLES["changes"][language]
        for place, change in enumerate(why.changes, 1):
            yield f"  {place}. {change.text[language]}"
    if why.candidates:
        yield _TITLES["candidates"][language]
        for each in why.candidates:
            parts = ", ".join(f"{part.label[language]} {signed(part.amount)}" for part in each.parts)
            yield f"  {'*' if each.chosen else ' '} {each.agent_name} {number(each.score)}: {parts}"

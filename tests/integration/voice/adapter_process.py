"""Runs voice with a desk in its own process, so that a test can kill it: `python -m ... SETTINGS_JSON`.

SETTINGS_JSON: {"settings": {...}, "agents": [...]}. Each thing heard is one JSON line on stdout.
"""

import asyncio
import json
import sys

from telephony.voice import Settings, build
from tests.integration.voice.desk import Desk


def main() -> None:
    given = json.loads(sys.argv[1])
    asyncio.run(_run(Settings(**given["settings"]), given["agents"]))


async def _run(settings: Settings, agents: list[str]) -> None:
    desk = Desk(agents, journal=sys.stdout)
    desk.voice = build(settings, desk)
    await desk.voice.run()


if __name__ == "__main__":
    main()

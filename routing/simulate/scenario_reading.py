"""Turns the JSON of a described day into a `Scenario`, noting every mistake with its JSON pointer.

Body: `{name?, day?, count_from?, tiers?: [{tier, from}], streams: [{id, channel, facts?,
arrivals: [{from, to, per_hour}], customers?: [{share, facts?, tier?, value?, loyalty?}], handle, pace?,
patience?, wrap_up?}], agents: [{id, count, skills?, chain?, capacity?, tier?, shifts: [{from, to}], accept?,
reject?, miss?, back_after_s?}]}`. Times of day are "HH:MM" or "HH:MM:SS" and may go on past 24:00; spans are
`{kind: constant|exponential|lognormal, mean_s, cv?}`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from routing.rules.problems import Problem, pointer, shown
from routing.simulate.reader import ScenarioReader
from routing.simulate.scenario import Customers, Interval, Pace, Scenario, Stream, Worth
from routing.simulate.staff_reading import groups
from routing.types import Channel, SkillId

STREAMS_MAX = 500
INTERVALS_MAX = 400
CUSTOMERS_MAX = 50
PER_HOUR_MAX = 1_000_000
CONTACTS_MAX = 2_000_000
"""Of one day on average: what one process still takes in memory and time."""
DEFAULT_DAY = "2026-01-06"

_KEYS = ("name", "day", "count_from", "tiers", "streams", "agents")
_STREAM_KEYS = (
    "id",
    "channel",
    "facts",
    "arrivals",
    "customers",
    "handle",
    "pace",
    "patience",
    "wrap_up",
)
_EVERYBODY: Mapping[str, Any] = {"share": 1}


class ScenarioError(Exception):
    """The description has mistakes: all of them in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


def read_scenario(body: object) -> Scenario:
    """The day that a parsed JSON body describes. Raises ScenarioError, naming every mistake."""
    reader = ScenarioReader()
    top = reader.mapping(body, "", _KEYS)
    name = reader.text(top["name"], "/name") if "name" in top else ""
    starts_at_ms = reader.date_ms(top.get("day", DEFAULT_DAY), "/day")
    count_from_ms = reader.time_ms(top.get("count_from", "00:00"), "/count_from")
    bands = _tiers(top.get("tiers", []), reader)
    streams = []
    for index, item in enumerate(reader.listing(top.get("streams"), "/streams", count_max=STREAMS_MAX)):
        streams.append(_stream(item, pointer("/streams", index), reader))
    if top.get("streams") == []:
        reader.report("/streams", "Nobody comes: at least one stream is needed.")
    known = [stream.stream for stream in streams]
    for index, ident in enumerate(known):
        if ident and ident in known[:index]:
            reader.report(pointer("/streams", index, "id"), f"There are two streams called {ident}.")
    expected = sum(
        part.per_hour * (part.to_ms - part.from_ms) / 3_600_000
        for stream in streams
        for part in stream.arrivals
    )
    if expected > CONTACTS_MAX:
        reader.report("/streams", f"About {expected:.0f} contacts would come; at most {CONTACTS_MAX} may.")
    staff = groups(top.get("agents"), "/agents", reader)
    if reader.problems:
        raise ScenarioError(reader.problems)
    return Scenario(name or "", starts_at_ms, count_from_ms, bands, tuple(streams), staff)


def unknown_skills(scenario: Scenario, known: Collection[str]) -> list[Problem]:
    """Skills that the scenario speaks of and no rule set knows: most likely misspelt."""
    found = []
    for index, group in enumerate(scenario.groups):
        at = pointer("/agents", index)
        own = [(pointer(at, "skills", skill.skill), skill.skill) for skill in group.skills]
        if group.chain is not None:
            ring = enumerate(group.chain.skills)
            own += [(pointer(at, "chain", "skills", place), skill) for place, skill in ring]
        found += [
            Problem(place, f"No rule set knows the skill {skill}.")
            for place, skill in own
            if skill not in known
        ]
    for index, stream in enumerate(scenario.streams):
        if stream.pace is not None and stream.pace.skill not in known:
            place = pointer("/streams", index, "pace", "skill")
            found.append(Problem(place, f"No rule set knows the skill {stream.pace.skill}."))
    return found


def _tiers(items: object, reader: ScenarioReader) -> tuple[tuple[int, str], ...]:
    found = []
    for index, item in enumerate(reader.listing(items, "/tiers", count_max=20)):
        at = pointer("/tiers", index)
        entry = reader.mapping(item, at, ("tier", "from"))
        tier = reader.text(entry.get("tier"), pointer(at, "tier")) or ""
        found.append((reader.whole(entry.get("from"), pointer(at, "from"), 0, 100) or 0, tier))
    return tuple(sorted(found, reverse=True))


def _stream(item: object, at: str, reader: ScenarioReader) -> Stream:
    entry = reader.mapping(item, at, _STREAM_KEYS)
    channel = next((known for known in Channel if known == entry.get("channel")), None)
    if channel is None:
        names = ", ".join(Channel)
        reader.report(
            pointer(at, "channel"), f"This must be one of {names}, not {shown(entry.get('channel'))}."
        )
    patience = entry.get("patience")
    wrap_up = entry.get("wrap_up")
    return Stream(
        stream=reader.ident(entry.get("id"), pointer(at, "id")) or "",
        channel=channel or Channel.VOICE,
        facts=reader.facts(entry.get("facts", {}), pointer(at, "facts")),
        arrivals=_arrivals(entry.get("arrivals"), pointer(at, "arrivals"), reader),
        customers=_customers(entry.get("customers", [_EVERYBODY]), pointer(at, "customers"), reader),
        handle=reader.spread(entry.get("handle"), pointer(at, "handle")),
        pace=_pace(entry["pace"], pointer(at, "pace"), reader) if "pace" in entry else None,
        patience=None if patience is None else reader.spread(patience, pointer(at, "patience")),
        wrap_up=None if wrap_up is None else reader.spread(wrap_up, pointer(at, "wrap_up")),
    )


def _arrivals(items: object, at: str, reader: ScenarioReader) -> tuple[Interval, ...]:
    found: list[Interval] = []
    for index, item in enumerate(reader.listing(items, at, count_max=INTERVALS_MAX)):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("from", "to", "per_hour"))
        start_ms, end_ms = reader.between(entry, place)
        rate = reader.number(entry.get("per_hour"), pointer(place, "per_hour"), 0, PER_HOUR_MAX)
        if found and start_ms < found[-1].to_ms:
            reader.report(pointer(place, "from"), "Intervals must follow each other and may not overlap.")
        found.append(Interval(start_ms, max(end_ms, start_ms), rate))
    if items == []:
        reader.report(at, "At least one interval is needed.")
    return tuple(found)


def _customers(items: object, at: str, reader: ScenarioReader) -> tuple[Customers, ...]:
    found = []
    for index, item in enumerate(reader.listing(items, at, count_max=CUSTOMERS_MAX)):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("share", "facts", "tier", "value", "loyalty"))
        tier = entry.get("tier")
        found.append(
            Customers(
                share=reader.number(entry.get("share"), pointer(place, "share"), 0, 1),
                facts=reader.facts(entry.get("facts", {}), pointer(place, "facts")),
                tier=None if tier is None else reader.text(tier, pointer(place, "tier")),
                worth=_worth(entry.get("value", 50), pointer(place, "value"), reader, pareto=True),
                loyalty=_worth(entry.get("loyalty", 50), pointer(place, "loyalty"), reader, pareto=False),
            )
        )
    total = sum(part.share for part in found)
    if isinstance(items, list) and abs(total - 1) > 1e-6:
        reader.report(at, f"The shares must add up to 1; they make {total:g}.")
    return tuple(found)


def _worth(value: object, at: str, reader: ScenarioReader, *, pareto: bool) -> Worth:
    """A number 0-100, `{from, to}` or, for a value, `{pareto: alpha}`."""
    if not isinstance(value, dict):
        point = reader.whole(value, at, 0, 100) or 0
        return Worth("uniform", point, point)
    if pareto and "pareto" in value:
        entry = reader.mapping(value, at, ("pareto",))
        return Worth("pareto", alpha=reader.number(entry["pareto"], pointer(at, "pareto"), 1.01, 20))
    entry = reader.mapping(value, at, ("from", "to", "pareto") if pareto else ("from", "to"))
    low = reader.whole(entry.get("from"), pointer(at, "from"), 0, 100) or 0
    high = reader.whole(entry.get("to"), pointer(at, "to"), 0, 100) or 0
    if high < low:
        reader.report(pointer(at, "to"), "The end must not be below the beginning.")
    return Worth("uniform", low, max(high, low))


def _pace(value: object, at: str, reader: ScenarioReader) -> Pace:
    entry = reader.mapping(value, at, ("skill", "at_1", "at_100"))
    return Pace(
        SkillId(reader.ident(entry.get("skill"), pointer(at, "skill")) or ""),
        reader.number(entry.get("at_1"), pointer(at, "at_1"), 0.1, 10),
        reader.number(entry.get("at_100"), pointer(at, "at_100"), 0.1, 10),
    )

"""The report as a text that a person reads in a terminal: aligned tables, in English or Chinese."""

from collections.abc import Sequence
from unicodedata import east_asian_width

from routing.simulate.measures import MEASURES, POOL_MEASURES, Unit
from routing.simulate.report import Json
from routing.simulate.wording import Language, say

_IN_TABLE = ("offered", "service_level", "asa", "wait_p95", "wait_longest", "abandonment", "value_lost")
_IN_ADVICE = ("service_level", "asa", "abandonment", "value_lost")
_IN_CAPS = ("value_lost", "wait_longest_low", "service_level", "abandonment")
_ADVICE_LINES = 10
_UNITS: dict[str, Unit] = {
    **{known.name: known.unit for known in MEASURES},
    **{known.name: known.unit for known in POOL_MEASURES},
}

Table = list[list[str]]


def as_text(report: Json, language: Language = "en") -> str:
    """The whole report; ends with a line end."""
    both = "b" in report["rules"]
    parts = [_head(report, language)]
    whole = report["rows"][0]
    parts += [say(language, "in_all"), _measures(whole, both, language)]
    if len(report["rows"]) > 1:
        parts += [say(language, "by_queue"), _rows(report["rows"][1:], both, language)]
    parts += [say(language, "staff"), _pools(report["pools"], both, language)]
    if "advice" in report:
        parts.append(_advice(report["advice"], language))
    return "\n\n".join(parts) + "\n"


def aligned(table: Table) -> str:
    """Columns side by side: the first ones that hold words to the left, numbers to the right."""
    widths = [max(_width(row[column]) for row in table) for column in range(len(table[0]))]
    right = [
        len(table) > 1 and all(_is_number(row[column]) for row in table[1:]) for column in range(len(widths))
    ]
    lines = []
    for row in table:
        cells = []
        for cell, width, to_right in zip(row, widths, right, strict=True):
            gap = " " * (width - _width(cell))
            cells.append(gap + cell if to_right else cell + gap)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def value(name: str, number: Json, *, interval: bool = True, signed: bool = False) -> str:
    """A number with its unit: `82.4 % ±1.2`, `43.1 s`, `1,204`; `-` where there was nothing to count."""
    found, low = number["value"], number["low"]
    if found is None:
        return "-"
    unit = _UNITS[name]
    scale = 100 if unit == "share" else 1
    digits = 2 if unit == "times" else 1
    text = f"{found * scale:{'+' if signed else ''},.{digits}f}"
    if interval and low is not None:
        text += f" ±{(found - low) * scale:,.{digits}f}"
    return text + {"share": " %", "ms": " s"}.get(unit, "")


def _head(report: Json, language: Language) -> str:
    source, seeds = report["source"], report["seeds"]
    lines = [say(language, "title" if source else "title_bare", source=source)]
    for side in ("a", "b"):
        if side in report["rules"]:
            entry = report["rules"][side]
            name = entry["name"] or say(language, "unnamed")
            lines.append(say(language, f"rules_{side}", name=name, hash=entry["hash"][:12]))
    lines.append(say(language, "seeds", count=len(seeds), first=seeds[0], last=seeds[-1]))
    return "\n".join(lines)


def _measures(row: Json, both: bool, language: Language) -> str:
    head = [say(language, "measure"), "A"]
    table = [head + (["B", say(language, "change"), say(language, "verdict")] if both else [])]
    for name, number in row["measures"].items():
        cells = [say(language, name), value(name, number["a"])]
        if both:
            cells += [
                value(name, number["b"]),
                value(name, number["change"], signed=True),
                say(language, number["change"]["word"]),
            ]
        table.append(cells)
    return aligned(table)


def _rows(rows: Sequence[Json], both: bool, language: Language) -> str:
    names = [say(language, name).strip() for name in _IN_TABLE]
    head = [say(language, "queue"), say(language, "tier"), say(language, "rules"), *names]
    table = [[*head, say(language, "overtake"), say(language, "bound")]]
    for row in rows:
        measures = row["measures"]
        place = [row["queue"] or say(language, "everybody"), row["tier"] or _tier(row, language)]
        for side in ("a", "b") if both else ("a",):
            bound = row["bound_s"][side]
            table.append(
                [
                    *place,
                    side.upper(),
                    *(value(name, measures[name][side]) for name in _IN_TABLE),
                    value("overtake", measures["overtake"][side]),
                    say(language, "none") if bound is None else f"{bound:,.1f} s",
                ]
            )
            place = ["", ""]
        if both:
            changes = [value(name, measures[name]["change"], signed=True) for name in _IN_TABLE]
            table.append(["", "", say(language, "change"), *changes, "", ""])
    return aligned(table)


def _tier(row: Json, language: Language) -> str:
    return say(language, "everybody") if row["tier"] is None else "-"


def _pools(pools: Sequence[Json], both: bool, language: Language) -> str:
    names = [measure.name for measure in POOL_MEASURES]
    table = [[say(language, "group"), say(language, "rules"), *(say(language, name) for name in names)]]
    for pool in pools:
        place = pool["pool"] or say(language, "everybody")
        for side in ("a", "b") if both else ("a",):
            numbers = [
                value(name, pool["measures"][name][side]) if name in pool["measures"] else "-"
                for name in names
            ]
            table.append([place, side.upper(), *numbers])
            place = ""
    return aligned(table)


def _advice(advice: Json, language: Language) -> str:
    parts = [say(language, "advice", count=advice["seeds"])]
    for topic in ("agent", "skill"):
        if topic not in advice:
            continue
        names = [say(language, name).strip() for name in _IN_ADVICE]
        table = [[say(language, topic), *names, say(language, "verdict")]]
        for entry in advice[topic][:_ADVICE_LINES]:
            what = entry["group"] + (f" + {entry['skill']}" if "skill" in entry else "")
            told = [value(name, entry[name], signed=True) for name in _IN_ADVICE]
            table.append([what, *told, say(language, _verdict(entry))])
        parts.append(aligned(table))
    if "cap" in advice:
        names = [say(language, name).strip() for name in _IN_CAPS]
        table = [[say(language, "cap"), *names]]
        for entry in advice["cap"]["tried"]:
            table.append([f"{entry['cap_s']} s", *(value(name, entry[name]) for name in _IN_CAPS)])
        cap_s = advice["cap"]["proposed_s"]
        found = say(language, "no_cap") if cap_s is None else say(language, "proposed", cap=cap_s)
        parts.append(f"{aligned(table)}\n{found}")
    return "\n\n".join(parts)


def _verdict(entry: Json) -> str:
    """What the first of the measures says that says anything."""
    words: list[str] = [entry[name]["word"] for name in ("value_lost", *_IN_ADVICE)]
    return next((word for word in words if word in ("better", "worse")), words[0])


def _width(text: str) -> int:
    """Columns in a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _is_number(cell: str) -> bool:
    return not cell or cell[0] in "+-0123456789"

"""Queues that lead back to themselves: by a plan's end, when full, by an overflow, or when closed.

The engine and `route` follow such leads without a limit of their own, so a loop is refused when it is saved.
"""

from collections.abc import Sequence

from routing.rules.draft import Lead
from routing.rules.problems import Reader

_SHOWN_MAX = 8


def report_loops(leads: Sequence[Lead], reader: Reader) -> None:
    """Report each lead that closes a loop, with the way round. Without those leads there is no loop."""
    onward: dict[str, list[Lead]] = {}
    for known in leads:
        onward.setdefault(known.source, []).append(known)
    done: set[str] = set()
    for start in onward:
        if start in done:
            continue
        # Depth first without recursion: `path` is the way from `start`, each with the leads still to follow.
        path = [(start, iter(onward.get(start, ())))]
        on_path = {start}
        while path:
            queue, rest = path[-1]
            lead = next(rest, None)
            if lead is None:
                path.pop()
                on_path.discard(queue)
                done.add(queue)
            elif lead.to in on_path:
                names = [name for name, _ in path]
                _report(names[names.index(lead.to) :], lead, reader)
            elif lead.to not in done:
                path.append((lead.to, iter(onward.get(lead.to, ()))))
                on_path.add(lead.to)


def _report(way: list[str], lead: Lead, reader: Reader) -> None:
    if len(way) > _SHOWN_MAX:
        way = [*way[: _SHOWN_MAX - 1], "…"]
    shown = " → ".join([*way, lead.to])
    reader.report(lead.at, f"Queues may not lead back to themselves: {shown}.")

"""The lead in line: how it comes over a wait, and who is served first under each order."""

from typing import Any

from routing.commands import Offer
from routing.events import ContactEnded, WrapUpDone
from routing.simulate.text import aligned
from routing.types import AgentId, ContactId
from scripts.show_routing.charts import INKS, Bar, Chart, Line
from scripts.show_routing.scene import EVERYBODY, Scene, with_queue

VALUES = (0, 50, 60, 70, 80, 90, 95, 100)
WAITS_S = (0, 30, 60, 90, 120, 180, 240, 300)
_KINDS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("head start, value 100", {}, 100),
    ("head start, value 80", {}, 80),
    ("ageing 150 %, value 50", {"ageing_percent": 150}, 50),
    ("accumulating, value 80", {"order": "accumulating", "ageing_percent": 150}, 80),
)
_ORDERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("head start", {}),
    ("accumulating", {"order": "accumulating", "ageing_percent": 150}),
    ("strict", {"order": "strict"}),
)
_CALLERS = (("Ann", 0, 50), ("Ben", 30, 80), ("Cat", 60, 50), ("Dan", 110, 100), ("Eve", 170, 90))
"""Name, second of arrival, value."""
_FREE_AT_S, _TALK_S = 180, 60


def _leads() -> dict[str, list[float]]:
    """By kind, the lead in seconds after each of the waits."""
    found = {}
    for name, words, value in _KINDS:
        scene = Scene(with_queue("orders", **words))
        scene.comes("one", value=value)
        leads = []
        for wait_s in WAITS_S:
            scene.at(wait_s)
            # Whatever happens tells the engine the time: here an agent comes who cannot help.
            scene.works("bystander", {"english": 1})
            view = scene.engine.contact(ContactId("one"))
            assert view is not None, "nobody can take it"
            leads.append(view.lead_ms / 1000)
        found[name] = leads
    return found


def value() -> str:
    """What a customer's value buys in the queue Orders."""
    rules = Scene().rules
    cap_ms = next(spec.head_start_max_ms for spec in rules.queue_specs() if spec.queue == "orders")
    table = [["value", *(str(worth) for worth in VALUES)]]
    bought = [rules.head_start_ms(worth, 50, cap_ms) / 1000 for worth in VALUES]
    table.append(["head start", *(f"{span_s:g} s" for span_s in bought)])
    return aligned(table)


def lead() -> str:
    """The lead of customers who wait in the queue Orders, by how long they have waited."""
    table = [["waited", *(f"{wait_s} s" for wait_s in WAITS_S)]]
    table += [[name, *(f"{value:g}" for value in leads)] for name, leads in _leads().items()]
    return aligned(table)


def lead_picture() -> Chart:
    """Lead over wait."""
    return Chart(
        title="How much earlier a customer counts as having come",
        x_words="seconds waited",
        x_ticks=range(0, 301, 60),
        y_words="lead in seconds",
        y_ticks=range(0, 141, 20),
        lines=[
            Line(name, list(zip(WAITS_S, leads, strict=True)), ink)
            for (name, leads), ink in zip(_leads().items(), INKS, strict=True)
        ],
    )


def _served(words: dict[str, Any]) -> dict[str, float]:
    """When each caller is served by the one agent, in that order."""
    scene = Scene(with_queue("orders", **words))
    agent = AgentId("agent")
    scene.works(agent, dict.fromkeys(EVERYBODY, 80))
    scene.comes("before")
    scene.lifts(0)
    busy_with, free_at_s = "before", float(_FREE_AT_S)
    for name, second, value in _CALLERS:
        scene.comes(name, second=second, value=value)
    served: dict[str, float] = {}
    while len(served) < len(_CALLERS):
        at_ms = scene.at(free_at_s)
        scene.tell(ContactEnded(at_ms, ContactId(busy_with)))
        freed = scene.tell(WrapUpDone(at_ms, ContactId(busy_with), agent))
        [offer] = [command for command in freed if isinstance(command, Offer)]
        scene.lifts(free_at_s)
        busy_with = offer.contact
        served[busy_with] = free_at_s
        free_at_s += _TALK_S
    return served


def first() -> str:
    """Five callers and one agent, who is free at 180 s and talks for 60 s with each: who is served when."""
    courses = {order: _served(words) for order, words in _ORDERS}
    table = [["caller", "came at", "value", *(f"{order}" for order in courses)]]
    for name, second, value in _CALLERS:
        served = [f"{course[name]:g} s" for course in courses.values()]
        table.append([name, f"{second} s", str(value), *served])
    return aligned(table)


def first_picture() -> Chart:
    """From coming to being served, under each order."""
    rows, bars = [], []
    for order, words in _ORDERS:
        rows.append(order)
        served = _served(words)
        turns = sorted(served, key=served.__getitem__)
        for (name, second, value), ink in zip(_CALLERS, (*INKS, "soft"), strict=True):
            turn = turns.index(name) + 1
            bars.append(Bar(len(rows), second, served[name], ink, f"turn {turn} (value {value})"))
            rows.append(name)
    return Chart(
        title="From coming to being served, under each order",
        x_words="seconds",
        x_ticks=range(0, 481, 60),
        bars=bars,
        rows=rows,
    )

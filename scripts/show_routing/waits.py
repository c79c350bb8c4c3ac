"""What a wait looks like: the bound, the plan that widens, the expected time, the reserve."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hub.console.why import lead as leads
from routing.commands import ReserveChanged
from routing.events import ContactEnded, WrapUpDone
from routing.simulate.text import aligned
from routing.types import AgentId, ContactId, QueueId
from scripts.show_routing.charts import Chart, Line, Point
from scripts.show_routing.scene import BEGINS_AT_MS, EVERYBODY, Scene, with_queue

_TEAM = {
    "Mia": {"english": 90, "vip": 80},
    "Oliver": {"english": 85, "vip": 75},
    "Emma": {"english": 90, "vip": 50},
    "Noah": {"english": 80},
    "Ivy": {"english": 70},
    "Wei": {"chinese": 95},
}
_COMES_EVERY_S, _UNTIL_S, _TALK_S, _WATCHED_S = 15, 480, 25, 600


def bound() -> str:
    """Who can be overtaken by how much, queue by queue, in the words that board and `rapport why` use."""
    parts = []
    for title, body in (
        ("docs/examples/rules.json", None),
        ("the same with the order strict in Orders", with_queue("orders", order="strict")),
    ):
        scene = Scene(body)
        table = []
        for spec in scene.engine.queues():
            table.append([spec.name, leads.bound(scene.engine.bound_ms(spec.queue)).en])
        parts.append(f"{title}:\n{aligned(table)}")
    return "\n\n".join(parts)


def _plan() -> list[tuple[float, int, int]]:
    """(second, step from 1, agents who could be asked) each time that it changes, everybody being busy."""
    scene = Scene()
    for name, skills in _TEAM.items():
        scene.works(name, skills)
    for number in range(len(_TEAM)):
        scene.comes(f"before-{number}", about="")
        scene.lifts(0)
    scene.comes("one", tier="gold", value=90, last_agent="Emma")
    found = []
    second = 0.0
    while True:
        trace = scene.engine.why(ContactId("one"))
        assert trace is not None, "everybody is busy"
        found.append((second, trace.step + 1, trace.target))
        if trace.step_until_ms is None:
            return found
        second = (trace.step_until_ms - BEGINS_AT_MS) / 1000
        scene.at(second)


def steps() -> str:
    """A gold customer whom Emma served last, while all six agents are busy: who could be asked when."""
    table = [["waited", "step", "agents who could be asked"]]
    table += [[f"{second:g} s", str(step), str(agents)] for second, step, agents in _plan()]
    return aligned(table)


def steps_picture() -> Chart:
    """Agents who could be asked over the wait."""
    points: list[Point] = [(second, agents) for second, _, agents in _plan()]
    return Chart(
        title="A plan widens: who could be asked, while the customer waits",
        x_words="seconds waited",
        x_ticks=range(0, 211, 30),
        y_words="agents",
        y_ticks=range(7),
        lines=[Line("agents", [*points, (210, points[-1][1])], "a", steps=True)],
    )


def _in_need() -> tuple[list[tuple[int, int]], list[tuple[float, bool, str]]]:
    """(second, how many wait), and (second, whether the reserve opened, why).

    A customer comes each 15 s for eight minutes; the one agent, and the one in reserve, talk for 25 s.
    """
    scene = Scene()
    for name in ("Mia", "Emma"):
        extra = {} if name == "Mia" else {"backup": 50}
        scene.works(name, {**dict.fromkeys(EVERYBODY, 80), **extra})
    counts, over_at_s, orders = list[tuple[int, int]](), dict[str, int](), QueueId("orders")
    for second in range(0, _WATCHED_S + 1, 5):
        at_ms = scene.at(second)
        for contact in [contact for contact, end_s in over_at_s.items() if end_s <= second]:
            del over_at_s[contact]
            view = scene.engine.contact(ContactId(contact))
            assert view is not None, "somebody talks to it"
            assert view.agent is not None, "somebody talks to it"
            scene.tell(ContactEnded(at_ms, ContactId(contact)))
            scene.tell(WrapUpDone(at_ms, ContactId(contact), AgentId(view.agent)))
        counts.append((second, scene.engine.waiting_count(orders)))
        if second <= _UNTIL_S and second % _COMES_EVERY_S == 0:
            counts.append((second, counts[-1][1] + 1))
            scene.comes(f"caller-{second}", second=second)
        for offer in scene.engine.live_offers():
            over_at_s[offer.contact] = second + _TALK_S
        scene.lifts(second)
        counts.append((second, scene.engine.waiting_count(orders)))
    turns = [(at_s, c.open, c.reason) for at_s, c in scene.answers if isinstance(c, ReserveChanged)]
    return counts, turns


def reserve() -> str:
    """When the reserve of Orders opens and closes as customers come faster than one agent can serve."""
    table = [["at", "the reserve", "because of"]]
    for second, opened, reason in _in_need()[1]:
        table.append([f"{second:g} s", "opens" if opened else "closes", reason.replace("_", " ")])
    return aligned(table)


def reserve_picture() -> Chart:
    """How many wait, the two thresholds, and when the reserve is open."""
    counts, turns = _in_need()
    ends = [second for second, _, _ in turns] + [float(counts[-1][0])] * (len(turns) % 2)
    spec = next(spec for spec in Scene().engine.queues() if spec.queue == "orders")
    assert spec.reserve is not None, "the example has one"
    across = (0.0, float(counts[-1][0]))
    return Chart(
        title="The reserve opens in need and closes when it is well again",
        x_words="seconds",
        x_ticks=range(0, _WATCHED_S + 1, 60),
        y_words="waiting",
        y_ticks=range(0, 9),
        lines=[
            Line("waiting", counts, "a", steps=True),
            Line("opens at", [(x, spec.reserve.open_waiting) for x in across], "b", dashed=True),
            Line("closes at", [(x, spec.reserve.close_waiting) for x in across], "c", dashed=True),
        ],
        bands=list(zip(ends[::2], ends[1::2], strict=True)),
        band_words="reserve open",
    )


def hours() -> str:
    """What the hours of General questions say at a few moments."""
    rules, london = Scene().rules, ZoneInfo("Europe/London")
    table = []
    for moment in ("2026-03-03T10:00", "2026-03-03T18:00", "2026-12-25T10:00"):
        at_ms = round(datetime.fromisoformat(moment).replace(tzinfo=london).timestamp() * 1000)
        table.append([moment, *rules.hours(QueueId("general"), at_ms)])
    return aligned(table)


def expected() -> str:
    """How long those in line still wait, where one is served each 30 s: from, likely, to."""
    scene = Scene()
    scene.works("Mia", dict.fromkeys(EVERYBODY, 80))
    for number in range(40):
        scene.comes(f"c{number}")
    scene.lifts(0)
    for turn in range(1, 21):
        at_ms = scene.at(30 * turn)
        talking = next(c for c in scene.engine.contacts() if c.agent is not None)
        scene.tell(ContactEnded(at_ms, talking.contact))
        scene.tell(WrapUpDone(at_ms, talking.contact, AgentId("Mia")))
        scene.lifts(30 * turn)
    table = [["position", "from", "likely", "to"]]
    waiting = scene.engine.waiting()
    for position in (1, 2, 5, 10):
        found = scene.engine.expected_wait_of(waiting[position - 1].contact)
        assert found is not None, "the line moves"
        spans = (found.low_ms, found.likely_ms, found.high_ms)
        table.append([str(position), *(f"{ms / 1000:.0f} s" for ms in spans)])
    return aligned(table)

"""Agents: who is chosen, what one can still take, and how somebody who was asked comes to be asked again."""

from hub import wire
from hub.console.why import decision, wait
from hub.console.why.names import Names, SetNames
from hub.console.why.phrases import number, signed
from routing.commands import (
    CallbackOver,
    CallbackPromised,
    Connect,
    ContactMoved,
    Dial,
    EndOffer,
    Offer,
    PresenceChanged,
)
from routing.events import (
    CallbackAnswered,
    CallbackRequested,
    CallbackUnanswered,
    ContactEnded,
    ContactParked,
    ContactTransferred,
    OfferRejected,
    PresenceSet,
    WrapUpDone,
)
from routing.simulate.text import aligned
from routing.types import (
    AgentId,
    CallbackMode,
    Capacity,
    Channel,
    ContactId,
    Presence,
    QueueId,
    Ramp,
)
from scripts.show_routing.scene import BEGINS_AT_MS, Scene

_WRITTEN = (Channel.CHAT, Channel.SMS, Channel.EMAIL)
_TWO_POOLS = Capacity(
    units=4,
    caps=((Channel.VOICE, 1), (Channel.CHAT, 3), (Channel.SMS, 3), (Channel.EMAIL, 2)),
    interruptible_units=2,
    interruptible=(Channel.EMAIL,),
    blocks=((Channel.VOICE, Channel.EMAIL),),
    return_slots=1,
)
"""A call takes all four units, chats and texts one each; mails have their own pool and wait for a call."""


def _team(scene: Scene) -> None:
    """Three who can serve a premium customer; Wei is a specialist."""
    scene.works("Mia", {"english": 90, "vip": 70})
    scene.at(30)
    scene.works("Emma", {"english": 80, "vip": 90})
    scene.works("Wei", {"english": 90, "vip": 100, "chinese": 95}, tier=2)


def _names(scene: Scene) -> Names:
    return Names({}, {}, {scene.rules.hash: SetNames.of(scene.rules.body)})


def choice() -> str:
    """A platinum customer of value 96 comes. The points of those who are free."""
    scene = Scene()
    _team(scene)
    scene.comes("one", second=90, tier="platinum", value=96)
    offer = scene.asked()
    assert offer is not None, "three are free"
    names = [part.name for part in offer.trace.candidates[0].parts]
    for candidate in offer.trace.candidates:
        names += [part.name for part in candidate.parts if part.name not in names]
    table = [["agent", *(name.replace("_", " ") for name in names), "together"]]
    for candidate in offer.trace.candidates:
        points = {part.name: part.points for part in candidate.parts}
        table.append(
            [candidate.agent, *(f"{points.get(name, 0):+g}" for name in names), f"{candidate.score:g}"]
        )
    return aligned(table)


def decided() -> str:
    """The same decision as board, console, API and `rapport why` explain it, in both languages."""
    scene = Scene()
    _team(scene)
    scene.comes("one", second=90, tier="platinum", value=96)
    offer = scene.asked()
    assert offer is not None, "three are free"
    return _both(decision.explain(offer.trace, _names(scene)))


def waiting() -> str:
    """A gold customer waits for a step with two agents who are busy; one without the skill is free."""
    scene = Scene()
    _team(scene)
    for name in ("a", "b", "c"):
        scene.comes(name, second=40, about="")
        scene.lifts(40)
    scene.comes("one", second=50, tier="gold", value=85)
    scene.at(65)
    scene.works("Noah", {"english": 85})
    trace = scene.engine.why(ContactId("one"))
    assert trace is not None, "nobody of its step is free"
    return _both(wait.explain(trace, _names(scene), scene.engine.now_ms))


def _both(why: wire.Explanation) -> str:
    lines = []
    for language in ("en", "zh"):
        lines.append(why.headline[language])
        lines += [f"  {fact.text[language]}" for fact in why.facts]
        lines += [f"  {place}. {change.text[language]}" for place, change in enumerate(why.changes, 1)]
        for each in why.candidates:
            parts = ", ".join(f"{part.label[language]} {signed(part.amount)}" for part in each.parts)
            lines.append(f"  {'*' if each.chosen else ' '} {each.agent_name} {number(each.score)}: {parts}")
    return "\n".join(lines)


def capacity() -> str:
    """What an agent with two pools can still be asked for, by what they hold."""
    table = [["holds", *(str(channel) for channel in Channel)]]
    for held, parked in (
        ((), 0),
        ((Channel.CHAT,), 0),
        ((Channel.CHAT, Channel.CHAT), 0),
        ((Channel.CHAT, Channel.CHAT, Channel.CHAT), 1),
        ((Channel.EMAIL, Channel.EMAIL), 0),
        ((Channel.VOICE,), 0),
    ):
        scene = Scene()
        scene.works("Mia", {"english": 90, "orders": 80}, capacity=_TWO_POOLS)
        for place, channel in enumerate(held):
            scene.comes(f"c{place}", channel=channel)
            scene.lifts(0)
        for place in range(parked):
            scene.tell(ContactParked(scene.at(0), ContactId(f"c{place}")))
        view = scene.engine.agent(AgentId("Mia"))
        assert view is not None, "she is at work"
        words = ", ".join(held) or "nothing"
        if parked:
            words += f" ({parked} of them parked)"
        table.append([words, *("yes" if channel in view.free else "-" for channel in Channel)])
    return aligned(table)


def ramp() -> str:
    """An agent comes back while twelve chats wait: asked once in 20 s at most, for a minute."""
    scene = Scene()
    for place in range(12):
        scene.comes(f"c{place}", channel=Channel.CHAT)
    careful = Capacity(8, ((Channel.CHAT, 8),), ramp=Ramp(gap_ms=20_000, span_ms=60_000))
    scene.works("Mia", {"english": 90, "orders": 80}, capacity=careful)
    for second in range(0, 101, 5):
        scene.lifts(second)
    asked = [f"{second:g} s" for second, command in scene.answers if isinstance(command, Offer)]
    return f"asked at {', '.join(asked)}"


def asked() -> str:
    """One call, two agents: Mia rejects it, Emma lets it ring, Mia is asked again."""
    scene = Scene()
    scene.works("Mia", {"english": 90, "orders": 80})
    scene.works("Emma", {"english": 90, "orders": 70})
    scene.comes("one")
    first = scene.asked()
    assert first is not None, "two are free"
    scene.tell(OfferRejected(scene.at(5), first.offer, first.agent))
    scene.at(26)
    return _log(scene)


def callback() -> str:
    """A caller asks to be called back, customer first; the first attempt fails, the second does not."""
    scene = Scene()
    scene.works("Mia", {"english": 90, "orders": 80})
    scene.comes("before")
    scene.lifts(0)
    scene.comes("one", second=10)
    scene.tell(CallbackRequested(scene.at(60), ContactId("one"), CallbackMode.CUSTOMER_FIRST))
    scene.tell(ContactEnded(scene.at(90), ContactId("before")))
    scene.tell(WrapUpDone(scene.at(90), ContactId("before"), AgentId("Mia")))
    scene.tell(CallbackUnanswered(scene.at(115), ContactId("one")))
    scene.tell(CallbackAnswered(scene.at(430), ContactId("one")))
    scene.lifts(435)
    return _log(scene, "one")


def owner() -> str:
    """Mia passes a contact on to the specialists, who are busy; after two minutes it returns to her."""
    scene = Scene()
    scene.works("Mia", {"english": 90, "orders": 80})
    scene.works("Ivy", {"returns": 90}, tier=2)
    scene.comes("hers")
    scene.lifts(0)
    scene.comes("other", second=1)
    scene.lifts(1)
    scene.tell(ContactTransferred(scene.at(30), ContactId("hers"), AgentId("Mia"), QueueId("specialists")))
    scene.tell(PresenceSet(scene.at(40), AgentId("Mia"), Presence.AUX, "paperwork"))
    scene.tell(PresenceSet(scene.at(60), AgentId("Mia"), Presence.AVAILABLE))
    scene.lifts(155)
    return _log(scene, "hers")


def _log(scene: Scene, about: str = "") -> str:
    """What the engine said, second by second; `about` one contact only."""
    lines = []
    for second, command in scene.answers:
        words = _line(command)
        if words and about in ("", getattr(command, "contact", about)):
            lines.append(f"{second:>5g} s  {words}")
    return "\n".join(lines)


def _line(command: object) -> str:
    match command:
        case Offer():
            return f"{command.agent} is asked for {command.contact}"
        case EndOffer():
            return f"the offer to {command.agent} is over: {command.reason}"
        case Connect():
            return f"{command.contact} and {command.agent} are put together"
        case ContactMoved():
            who = f" with {command.agent}" if command.agent else ""
            until = "" if command.until_ms is None else f", at most until {_second(command.until_ms)}"
            why = f" ({command.reason})" if command.reason else ""
            return f"{command.contact} is {command.state.replace('_', ' ')}{who}{until}{why}"
        case PresenceChanged() if command.presence is Presence.RONA:
            return f"{command.agent} is shown as not answering"
        case CallbackPromised():
            window = f"between {_second(command.from_ms)} and {_second(command.until_ms)}"
            return f"the customer is promised a call {window}"
        case Dial():
            return f"the customer is dialled, attempt {command.attempt}"
        case CallbackOver():
            kept = "the promise was kept" if command.kept else "the promise was not kept"
            return f"the callback is over after {command.attempts} attempts: {command.outcome}, {kept}"
        case _:
            return ""


def _second(at_ms: int) -> str:
    return f"{(at_ms - BEGINS_AT_MS) / 1000:g} s"

"""Runs a flow: pure, one answer in, one step out.

Owns where a caller is in a flow and what is known so far. No I/O, no clock: the driver does each step and
comes back with what happened. A flow that goes round in circles ends in the queue after `STEPS_MAX` steps.
Start at `Interpreter.start`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from telephony.ivr.flow import CHECKS, Branch, Collect, Flow, HangUp, Lookup, Menu, Queue, Say, Spoken

STEPS_MAX = 100
_NAMED = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")


@dataclass(frozen=True, slots=True)
class Speak:
    """Say this, then `spoken()`."""

    say: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Say this and gather up to `digits_max` digits, then `typed(...)`. Digits may interrupt the words."""

    say: tuple[Spoken, ...]
    digits_max: int
    timeout_ms: int
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Find:
    """Look this up, then `found(...)`."""

    name: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finish:
    """Say this; then the caller waits for an agent, or is served and hangs up."""

    say: tuple[Spoken, ...]
    queue: bool


Step = Speak | Ask | Find | Finish


class Interpreter:
    """One caller in one flow. `answers` is what routing and screen-pop get; `language` what to speak."""

    def __init__(self, flow: Flow, known: Mapping[str, str]) -> None:
        """`known`: what is known at the start, e.g. {"ani": "+49..."}."""
        self._flow = flow
        self._known = dict(known)
        self._at = flow.start
        self._tries = 0
        self._steps = 0
        self.answers: dict[str, str] = {}

    @property
    def language(self) -> str:
        return self.answers.get("language", self._flow.language)

    def start(self) -> Step:
        return self._enter(self._flow.start)

    def spoken(self) -> Step:
        """The words of a Speak are said."""
        node = self._flow.nodes[self._at]
        return self._enter(node.to) if isinstance(node, Say) else self._again()

    def typed(self, digits: str) -> Step:
        """What the caller typed for an Ask; "" for nothing."""
        node = self._flow.nodes[self._at]
        if isinstance(node, Menu):
            if choice := node.choices.get(digits):
                self.answers.update(choice.answers)
                return self._enter(choice.to)
            return self._wrong(node)
        if isinstance(node, Collect):
            if not digits:
                return self._enter(node.otherwise)
            if len(digits) >= node.digits_min and CHECKS[node.check](digits):
                self._known[node.into] = digits
                if node.answer:
                    self.answers[node.into] = digits
                return self._enter(node.to)
            return self._wrong(node)
        return self._again()

    def found(self, data: Mapping[str, str]) -> Step:
        """What a Find gave; {} for nothing."""
        node = self._flow.nodes[self._at]
        if not isinstance(node, Lookup):
            return self._again()
        if data.get("found", "").lower() not in ("1", "true", "yes"):
            return self._enter(node.otherwise)
        self._known.update({f"{node.into}.{name}": value for name, value in data.items()})
        return self._enter(node.found)

    def text(self, template: str) -> str:
        """A text of the flow with what is known put in; unknown names become nothing."""
        return _NAMED.sub(lambda name: self._known.get(name[1], ""), template)

    def _wrong(self, node: Menu | Collect) -> Step:
        self._tries += 1
        if self._tries >= node.tries:
            return self._enter(node.otherwise)
        return self._ask(node, (*node.wrong, *node.say))

    def _again(self) -> Step:
        """The driver answered another question than we asked: ask again, within the limit of steps."""
        return self._enter(self._at)

    def _enter(self, name: str) -> Step:
        self._at = name
        self._tries = 0
        while True:
            self._steps += 1
            if self._steps > STEPS_MAX:
                return Finish((), queue=True)
            node = self._flow.nodes[self._at]
            match node:
                case Say():
                    return Speak(node.say)
                case Menu() | Collect():
                    return self._ask(node, node.say)
                case Lookup():
                    arguments = {key: self.text(value) for key, value in node.arguments.items()}
                    return Find(node.name, arguments)
                case Branch():
                    self._at = node.cases.get(self.text(node.on), node.otherwise)
                case Queue() | HangUp():
                    self.answers.update(node.answers)
                    return Finish(node.say, queue=isinstance(node, Queue))

    def _ask(self, node: Menu | Collect, say: tuple[Spoken, ...]) -> Ask:
        if isinstance(node, Menu):
            return Ask(say, 1, node.timeout_ms, node.timeout_ms)
        return Ask(say, node.digits_max, node.timeout_ms, node.pause_ms)

"""An IVR flow as data: nodes in JSON, checked as a whole when loaded.

Owns the schema and its checks; runs nothing (see `interpreter.py`). The shipped flows are in `flows/`. A
text may name what is known so far in braces: `{order}` is what the caller typed, `{order.status}` what a
look-up found.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Literal

import msgspec

FLOW_BYTES_MAX = 256 * 1024
NODES_MAX = 500
TRIES_MAX = 5
TIMEOUT_MS_MAX = 30_000
DIGITS_MAX = 30
_NAME = re.compile(r"[a-z0-9_]{1,40}")


def luhn(digits: str) -> bool:
    """Is the last digit the right check digit (ISO/IEC 7812, modulus 10)?"""
    if not digits.isascii() or not digits.isdecimal():
        return False
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


CHECKS: Mapping[str, Callable[[str], bool]] = {"none": lambda digits: True, "luhn": luhn}


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said, per language. `sounds` are Asterisk's own, played where no speech was generated."""

    text: dict[str, str]
    sounds: tuple[str, ...] = ()


class Spoken(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing to say: exactly one of a prompt of the flow, digits one by one, or a whole number.

    `language` says a prompt in this language whatever the caller chose.
    """

    prompt: str = ""
    language: str = ""
    digits: str = ""
    number: str = ""


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a digit leads, and the answers that it stands for."""

    to: str
    answers: dict[str, str] = {}


class Say(msgspec.Struct, frozen=True, tag_field="kind", tag="say", forbid_unknown_fields=True):
    say: tuple[Spoken, ...]
    to: str


class Menu(msgspec.Struct, frozen=True, tag_field="kind", tag="menu", forbid_unknown_fields=True):
    """One digit. After `tries` wrong or missing ones it goes on to `otherwise`."""

    say: tuple[Spoken, ...]
    choices: dict[str, Choice]
    otherwise: str
    wrong: tuple[Spoken, ...] = ()
    tries: int = 2
    timeout_ms: int = 5000


class Collect(msgspec.Struct, frozen=True, tag_field="kind", tag="collect", forbid_unknown_fields=True):
    """A number, ended by #, by its greatest length, or by a pause; kept as `{into}` if it passes the check.

    An empty # or silence skips to `otherwise`. With `answer` the number is one of the call's answers.
    """

    say: tuple[Spoken, ...]
    into: str
    digits_min: int
    digits_max: int
    to: str
    otherwise: str
    check: Literal["none", "luhn"] = "none"
    answer: bool = False
    wrong: tuple[Spoken, ...] = ()
    tries: int = 2
    timeout_ms: int = 6000
    pause_ms: int = 3000


class Lookup(msgspec.Struct, frozen=True, tag_field="kind", tag="lookup", forbid_unknown_fields=True):
    """Ask the hub; what it knows becomes `{into.<name>}`. Nothing known, or no answer: `otherwise`."""

    name: str
    into: str
    found: str
    otherwise: str
    arguments: dict[str, str] = {}


class Branch(msgspec.Struct, frozen=True, tag_field="kind", tag="branch", forbid_unknown_fields=True):
    on: str
    cases: dict[str, str]
    otherwise: str


class Queue(msgspec.Struct, frozen=True, tag_field="kind", tag="queue", forbid_unknown_fields=True):
    """Wait for an agent."""

    say: tuple[Spoken, ...] = ()
    answers: dict[str, str] = {}


class HangUp(msgspec.Struct, frozen=True, tag_field="kind", tag="hang_up", forbid_unknown_fields=True):
    """The caller is served."""

    say: tuple[Spoken, ...] = ()
    answers: dict[str, str] = {}


Node = Say | Menu | Collect | Lookup | Branch | Queue | HangUp


class Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole flow. `language` is the one spoken until the answer `language` is given."""

    name: str
    start: str
    language: str
    nodes: dict[str, Node]
    prompts: dict[str, Prompt] = {}


class BadFlow(ValueError):
    """The flow cannot be used; `mistakes` are all of them, each with its place."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def load(source: bytes) -> Flow:
    """A flow from JSON. Raises BadFlow."""
    if len(source) > FLOW_BYTES_MAX:
        raise BadFlow([f"longer than {FLOW_BYTES_MAX} bytes"])
    try:
        flow = msgspec.json.decode(source, type=Flow)
    except msgspec.MsgspecError as wrong:
        raise BadFlow([str(wrong)]) from wrong
    if mistakes := list(_mistakes(flow)):
        raise BadFlow(mistakes)
    return flow


def shipped() -> dict[str, Flow]:
    """The flows that come with us, by name."""
    sources = (entry for entry in files("telephony.ivr").joinpath("flows").iterdir())
    flows = [load(entry.read_bytes()) for entry in sources if entry.name.endswith(".json")]
    return {flow.name: flow for flow in flows}


def targets(node: Node) -> list[str]:
    """The nodes that this one may lead to."""
    match node:
        case Say():
            return [node.to]
        case Menu():
            return [*(choice.to for choice in node.choices.values()), node.otherwise]
        case Collect():
            return [node.to, node.otherwise]
        case Lookup():
            return [node.found, node.otherwise]
        case Branch():
            return [*node.cases.values(), node.otherwise]
        case Queue() | HangUp():
            return []


def _mistakes(flow: Flow) -> Iterator[str]:
    if flow.start not in flow.nodes:
        yield f"start: no node {flow.start!r}"
    if len(flow.nodes) > NODES_MAX:
        yield f"nodes: more than {NODES_MAX}"
    for name in (flow.name, *flow.prompts, *(lang for p in flow.prompts.values() for lang in p.text)):
        if not _NAME.fullmatch(name):
            yield f"{name[:40]!r} cannot be a name: small letters, digits and _"
    for name, prompt in flow.prompts.items():
        if flow.language not in prompt.text:
            yield f"prompts.{name}: no text in {flow.language!r}"
    for name, node in flow.nodes.items():
        for target in targets(node):
            if target not in flow.nodes:
                yield f"nodes.{name}: leads to {target!r}, which is no node"
        for spoken in _spoken(node):
            if sum(bool(part) for part in (spoken.prompt, spoken.digits, spoken.number)) != 1:
                yield f"nodes.{name}: say exactly one of prompt, digits, number"
            said = flow.prompts.get(spoken.prompt)
            if spoken.prompt and said is None:
                yield f"nodes.{name}: no prompt {spoken.prompt!r}"
            if spoken.language and said is not None and spoken.language not in said.text:
                yield f"nodes.{name}: prompt {spoken.prompt!r} has no text in {spoken.language!r}"
        yield from (f"nodes.{name}: {limit}" for limit in _limits(node))


def _spoken(node: Node) -> tuple[Spoken, ...]:
    match node:
        case Menu() | Collect():
            return node.say + node.wrong
        case Say() | Queue() | HangUp():
            return node.say
        case Lookup() | Branch():
            return ()


def _limits(node: Node) -> Iterator[str]:
    if isinstance(node, Menu | Collect):
        if not 1 <= node.tries <= TRIES_MAX:
            yield f"tries must be 1 to {TRIES_MAX}"
        if not 500 <= node.timeout_ms <= TIMEOUT_MS_MAX:
            yield f"timeout_ms must be 500 to {TIMEOUT_MS_MAX}"
    if isinstance(node, Menu) and not all(
        digit in "0123456789*#" and len(digit) == 1 for digit in node.choices
    ):
        yield "a choice is one of 0-9, * or #"
    if isinstance(node, Collect):
        if not 1 <= node.digits_min <= node.digits_max <= DIGITS_MAX:
            yield f"digits_min and digits_max must be 1 to {DIGITS_MAX}, in order"
        if not 500 <= node.pause_ms <= TIMEOUT_MS_MAX:
            yield f"pause_ms must be 500 to {TIMEOUT_MS_MAX}"

"""Speaks a flow to a caller over AGI.

Owns how a step sounds: speech generated at installation where there is some, else Asterisk's own sounds,
else a short tone; digits gathered with deadlines. What the steps are is the interpreter's. Start at
`converse`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from telephony.agi import AgiError, AgiHangup, Session
from telephony.ivr.flow import DIGITS_MAX, Flow, Spoken
from telephony.ivr.interpreter import Ask, Find, Finish, Interpreter, Speak, Step

log = logging.getLogger(__name__)

LOOKUP_TIMEOUT_S = 5.0
NUMBER_MAX = 999_999
ENGLISH = "en"
"""Of this language Asterisk itself has digits and numbers."""
BEEP = "beep"

LookUp = Callable[[str, Mapping[str, str]], Awaitable[Mapping[str, str]]]
Remember = Callable[[Mapping[str, str]], Awaitable[None]]


async def converse(
    session: Session, flow: Flow, known: Mapping[str, str], look_up: LookUp, remember: Remember
) -> tuple[bool, dict[str, str]]:
    """Lead a caller through a flow: (waits for an agent?, answers).

    `remember` gets the answers after each change, so that they survive us. Raises AgiHangup when the caller
    leaves. A look-up that fails or takes longer than `LOOKUP_TIMEOUT_S` found nothing.
    """
    voice = _Voice(session, flow, (await session.get_variable("HUB_PROMPTS")).split("&"))
    interpreter = Interpreter(flow, known)
    remembered: dict[str, str] = {}
    step = interpreter.start()
    while True:
        if interpreter.answers != remembered:
            remembered = dict(interpreter.answers)
            await remember(remembered)
        if isinstance(step, Finish):
            await voice.say(step.say, interpreter)
            return step.queue, remembered
        step = await _do(step, voice, interpreter, look_up)


async def _do(step: Speak | Ask | Find, voice: "_Voice", interpreter: Interpreter, look_up: LookUp) -> Step:
    match step:
        case Speak():
            await voice.say(step.say, interpreter)
            return interpreter.spoken()
        case Ask():
            return interpreter.typed(await voice.ask(step, interpreter))
        case Find():
            try:
                async with asyncio.timeout(LOOKUP_TIMEOUT_S):
                    return interpreter.found(await look_up(step.name, step.arguments))
            except Exception:
                # A caller must not be stuck in a menu because a look-up is broken.
                log.exception("the look-up %s failed", step.name)
                return interpreter.found({})


class _Voice:
    def __init__(self, session: Session, flow: Flow, generated: list[str]) -> None:
        self._session = session
        self._flow = flow
        self._generated = generated

    async def say(self, spoken: tuple[Spoken, ...], interpreter: Interpreter) -> str:
        """Say it all; a digit interrupts and is given back."""
        for item in spoken:
            if digit := await self._say_one(item, interpreter):
                return digit
        return ""

    async def ask(self, ask: Ask, interpreter: Interpreter) -> str:
        """The digits typed, without #."""
        digit = await self.say(ask.say, interpreter)
        digits = ""
        wait_ms = ask.timeout_ms
        while True:
            digit = digit or await self._session.wait_for_digit(wait_ms)
            if not digit or (digit == "#" and ask.digits_max > 1):
                return digits
            digits += digit
            if len(digits) >= ask.digits_max:
                return digits
            digit = ""
            wait_ms = ask.pause_ms

    async def _say_one(self, item: Spoken, interpreter: Interpreter) -> str:
        if item.digits:
            digits = "".join(char for char in interpreter.text(item.digits) if char in "0123456789")
            return await self._say_digits(digits[:DIGITS_MAX], interpreter.language)
        if item.number:
            text = interpreter.text(item.number)
            if not (text.isascii() and text.isdecimal()):
                return ""
            if self._speaks_own_digits(interpreter.language):
                return await self._say_digits(text[:DIGITS_MAX], interpreter.language)
            return await self._session.say_number(min(int(text), NUMBER_MAX))
        return await self._say_prompt(item.prompt, item.language or interpreter.language)

    def _speaks_own_digits(self, language: str) -> bool:
        return language in self._generated and language != ENGLISH

    async def _say_digits(self, digits: str, language: str) -> str:
        if not self._speaks_own_digits(language):
            return await self._session.say_digits(digits) if digits else ""
        for digit in digits:
            if pressed := await self._play(digit_name(digit, language)):
                return pressed
        return ""

    async def _say_prompt(self, name: str, language: str) -> str:
        prompt = self._flow.prompts[name]
        if language in self._generated and language in prompt.text:
            return await self._play(sound_name(self._flow.name, name, language))
        for sound in prompt.sounds or (BEEP,):
            if digit := await self._play(sound):
                return digit
        return ""

    async def _play(self, sound: str) -> str:
        try:
            return await self._session.stream_file(sound)
        except AgiHangup:
            raise
        except AgiError as missing:
            log.warning("sound %s cannot be played: %s", sound, missing)
            return ""


def digit_name(digit: str, language: str) -> str:
    """The generated sound of one digit."""
    return f"rapport/{language}/digit-{digit}"


def sound_name(flow: str, prompt: str, language: str) -> str:
    """Where generated speech is, below Asterisk's sounds and without its ending."""
    return f"rapport/{language}/{flow}-{prompt}"

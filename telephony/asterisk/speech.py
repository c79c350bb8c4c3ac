"""Speech for the menus, generated once at installation by espeak-ng, in every language that a flow has.

Owns which texts become which files and their form (8 kHz, 16 bit, mono). Without a synthesiser nothing is
generated and callers hear Asterisk's own sounds. Start at `generate`.
"""

import subprocess
import tempfile
import wave
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from telephony.ivr.driver import digit_name, sound_name
from telephony.ivr.flow import Flow

RATE_HZ = 8000
TIMEOUT_S = 60
VOICES = {"en": "en-us", "zh": "cmn"}
WORDS_PER_MINUTE = "150"
DIGIT_WORDS = {"zh": "零一二三四五六七八九"}
"""Digits of languages of which Asterisk's packages bring none."""


def generate(espeak: Sequence[str], flows: Iterable[Flow], target_dir: Path) -> tuple[str, ...]:
    """Speak all prompts of `flows` into `target_dir`; gives the languages spoken.

    `espeak` is the command of espeak-ng. Files that are there are kept. `target_dir` becomes
    `AsteriskSettings.speech_dir`. Raises RuntimeError when espeak-ng fails.
    """
    spoken = set()
    for language, name, text in _texts(flows):
        # Names begin with the directory that `target_dir` is linked as.
        path = target_dir / Path(name).relative_to("rapport").with_suffix(".wav")
        spoken.add(language)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _speak(espeak, VOICES[language], text, path)
    return tuple(sorted(spoken))


def _texts(flows: Iterable[Flow]) -> Iterator[tuple[str, str, str]]:
    """(language, sound, text) of everything to be spoken in a language that we have a voice for."""
    for flow in flows:
        for name, prompt in flow.prompts.items():
            for language in sorted(prompt.text.keys() & VOICES.keys()):
                yield language, sound_name(flow.name, name, language), prompt.text[language]
    for language, words in DIGIT_WORDS.items():
        for digit, word in enumerate(words):
            yield language, digit_name(str(digit), language), word


def _speak(espeak: Sequence[str], voice: str, text: str, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        said, part = Path(scratch) / "said.wav", Path(scratch) / "part.wav"
        done = subprocess.run(  # noqa: S603  # the administrator's own command; the text goes in by stdin
            [*espeak, "-v", voice, "-s", WORDS_PER_MINUTE, "-w", str(said), "--stdin"],
            input=text.encode(),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        if done.returncode or not said.exists():
            raise RuntimeError(
                f"espeak-ng cannot speak {voice}: {done.stderr.decode(errors='replace')[-300:]}"
            )
        with wave.open(str(said), "rb") as sound:
            samples, rate_hz = array("h", sound.readframes(sound.getnframes())), sound.getframerate()
        with wave.open(str(part), "wb") as sound:
            sound.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
            sound.writeframes(_at_telephone_rate(samples, rate_hz).tobytes())
        part.replace(path)


def _at_telephone_rate(samples: "array[int]", rate_hz: int) -> "array[int]":
    """The mean of the samples around each new one: resampled and low-passed in one step."""
    step = rate_hz / RATE_HZ
    out = array("h")
    for position in range(int(len(samples) / step)):
        window = samples[int(position * step) : max(int(position * step) + 1, int((position + 1) * step))]
        out.append(sum(window) // len(window))
    return out

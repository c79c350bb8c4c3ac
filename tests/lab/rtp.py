"""Media of a test phone: a tone out, tones heard in, DTMF digits (RFC 4733); PCMU over RTP on loopback."""

import asyncio
import contextlib
import math
import random
import socket
import struct
from collections import deque

FRAME_MS = 20
SAMPLES = 160
HEARD_SAMPLES = 1600
"""What `level` looks at: the last 0.2 s."""
HEARD_MIN_LEVEL = 500.0
DTMF_PAYLOAD = 101
_DTMF_CODES = {digit: code for code, digit in enumerate("0123456789*#")}


def _ulaw_encode(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | (exponent << 4) | mantissa) & 0xFF


def _ulaw_decode(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 132) << ((code & 0x70) >> 4)
    return 132 - magnitude if code & 0x80 else magnitude - 132


_DECODED = [_ulaw_decode(code) for code in range(256)]


class Rtp:
    """One media stream. `tone_hz` 0 sends silence. Nothing is sent before `send_to` is called."""

    def __init__(self, tone_hz: float) -> None:
        self._period = [
            _ulaw_encode(round(8000 * math.sin(2 * math.pi * tone_hz * n / 8000))) if tone_hz else 0xFF
            for n in range(8000)
        ]
        self._heard: deque[int] = deque(maxlen=HEARD_SAMPLES)
        self._digits: deque[tuple[bytes, bool, int]] = deque()
        self._peer: tuple[str, int] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._sequence, self._timestamp = random.randrange(1000), 0
        self._source = random.randrange(2**32)
        self._due = 0.0
        self.packets_in = 0
        self.digits_heard = ""
        """The keys that the other side pressed."""
        self._digit_at: bytes = b""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(2048)
        except OSError:
            return
        self.packets_in += 1
        if len(data) > 12 and data[1] & 0x7F == 0:
            self._heard.extend(_DECODED[code] for code in data[12:])
        elif len(data) >= 16 and data[1] & 0x7F == DTMF_PAYLOAD and data[4:8] != self._digit_at:
            # All packets of one digit carry the same timestamp.
            self._digit_at = data[4:8]
            self.digits_heard += "0123456789*#"[data[12]]

    def send_to(self, host: str, port: int) -> None:
        self._peer = (host, port)
        if self._timer is None:
            self._due = asyncio.get_running_loop().time()
            self._tick()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def forget(self) -> None:
        """Forget what was heard so far."""
        self._heard.clear()

    def level(self, frequency_hz: float) -> float:
        """How loud this frequency was in the last 0.2 s (Goertzel), about the amplitude."""
        samples = list(self._heard)
        if len(samples) < HEARD_SAMPLES:
            return 0.0
        coefficient = 2 * math.cos(2 * math.pi * frequency_hz / 8000)
        before = last = 0.0
        for sample in samples:
            before, last = last, sample + coefficient * last - before
        power = last * last + before * before - coefficient * last * before
        return 2 * math.sqrt(max(power, 0.0)) / len(samples)

    def loudness(self) -> float:
        """Root mean square of the last 0.2 s."""
        samples = list(self._heard)
        return math.sqrt(sum(sample * sample for sample in samples) / max(1, len(samples)))

    def hears(self, frequency_hz: float) -> bool:
        return self.level(frequency_hz) > HEARD_MIN_LEVEL

    def press(self, digits: str) -> None:
        """Send digits, 100 ms each with 60 ms between, after those that are still being sent."""
        for digit in digits:
            code = _DTMF_CODES[digit]
            for step in range(5):
                self._digits.append((struct.pack("!BBH", code, 10, SAMPLES * (step + 1)), step == 0, step))
            for step in range(5, 8):
                self._digits.append((struct.pack("!BBH", code, 0x80 | 10, SAMPLES * 5), False, step))
            self._digits.extend([(b"", False, 0)] * 3)

    @property
    def pressing(self) -> bool:
        return bool(self._digits)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._due += FRAME_MS / 1000
        self._timer = loop.call_at(max(self._due, loop.time()), self._tick)
        payload, marker, step = self._digits.popleft() if self._digits else (b"", False, 0)
        if payload:
            # All packets of one digit carry the timestamp of its beginning.
            self._packet(DTMF_PAYLOAD, payload, self._timestamp - SAMPLES * step, marker)
        else:
            start = self._timestamp % 8000
            self._packet(0, bytes((self._period + self._period)[start : start + SAMPLES]), self._timestamp)
        self._timestamp += SAMPLES

    def _packet(self, kind: int, payload: bytes, timestamp: int, marker: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = struct.pack(
            "!BBHII",
            0x80,
            kind | (0x80 if marker else 0),
            self._sequence,
            timestamp & 0xFFFFFFFF,
            self._source,
        )
        if self._peer is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(header + payload, self._peer)

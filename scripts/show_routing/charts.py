"""Plain SVG: lines, steps, bars and bands over two axes, readable in light and dark.

Colours follow the reader's scheme by a media query inside the picture, so one file serves both. Coordinates
are rounded to a tenth, so equal numbers give equal bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

WIDTH = 720
HEIGHT = 300
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 50, 46
LINE_PX = 18

_STYLE = (
    "<style>"
    "svg{--ink:#1f2328;--soft:#59636e;--rule:#d1d9e0;--a:#0969da;--b:#bc4c00;--c:#1a7f37;--d:#8250df;"
    "--band:#0969da22;font:12px system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9198a1;--rule:#3d444d;--a:#4493f8;"
    "--b:#f0883e;--c:#3fb950;--d:#ab7df8;--band:#4493f833}}"
    "text{fill:var(--ink)}.soft{fill:var(--soft)}.title{font-weight:600;font-size:13px}"
    ".rule{stroke:var(--rule)}.line{fill:none;stroke-width:2}.dash{stroke-dasharray:5 4}"
    "</style>"
)
INKS = ("a", "b", "c", "d")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """`steps`: goes across before it goes up or down. `dashed`: a limit rather than a course."""

    name: str
    points: Sequence[Point]
    ink: str
    steps: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start` to `end` in the row of that number (0 is the uppermost), with words behind it."""

    row: int
    start: float
    end: float
    ink: str
    words: str = ""


@dataclass(slots=True)
class Chart:
    """One picture. `y_top` 0: no axis of heights. `bands`: spans along the x axis that are tinted."""

    title: str
    x_words: str
    x_ticks: Sequence[float]
    y_words: str = ""
    y_ticks: Sequence[float] = ()
    lines: list[Line] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    rows: Sequence[str] = ()
    """A row without a bar is a heading."""
    bands: list[tuple[float, float]] = field(default_factory=list)
    band_words: str = ""
    x_texts: Sequence[str] = ()
    """What stands at the ticks, where it is not their number."""

    def svg(self) -> str:
        """The picture as text."""
        height = TOP + BOTTOM + LINE_PX * len(self.rows) if self.rows else HEIGHT
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{escape(self.title)}</title>",
            _STYLE,
            f'<text class="title" x="{LEFT}" y="18">{escape(self.title)}</text>',
            *self._bands(height),
            *self._axes(height),
            *(part for line in self.lines for part in self._line(line, height)),
            *(part for bar in self.bars for part in self._bar(bar)),
            *self._legend(),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _x(self, value: float) -> float:
        first, last = self.x_ticks[0], self.x_ticks[-1]
        return round(LEFT + (value - first) / (last - first) * (WIDTH - LEFT - RIGHT), 1)

    def _y(self, value: float, height: int) -> float:
        first, last = self.y_ticks[0], self.y_ticks[-1]
        return round(height - BOTTOM - (value - first) / (last - first) * (height - TOP - BOTTOM), 1)

    def _axes(self, height: int) -> list[str]:
        floor, parts = height - BOTTOM, []
        texts = self.x_texts or [f"{tick:g}" for tick in self.x_ticks]
        for tick, text in zip(self.x_ticks, texts, strict=True):
            x = self._x(tick)
            parts.append(f'<line class="rule" x1="{x}" y1="{TOP}" x2="{x}" y2="{floor}"/>')
            parts.append(
                f'<text class="soft" x="{x}" y="{floor + 16}" text-anchor="middle">{escape(text)}</text>'
            )
        for tick in self.y_ticks:
            y = self._y(tick, height)
            parts.append(f'<line class="rule" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>')
            parts.append(f'<text class="soft" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{tick:g}</text>')
        for number, name in enumerate(self.rows):
            y = TOP + LINE_PX * number + 13
            if any(bar.row == number for bar in self.bars):
                parts.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{escape(name)}</text>')
            else:
                parts.append(f'<text class="title" x="{LEFT + 4}" y="{y}">{escape(name)}</text>')
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(
            f'<text class="soft" x="{middle}" y="{height - 8}" text-anchor="middle">'
            f"{escape(self.x_words)}</text>"
        )
        if self.y_words:
            parts.append(f'<text class="soft" x="8" y="{TOP - 6}">{escape(self.y_words)}</text>')
        return parts

    def _line(self, line: Line, height: int) -> list[str]:
        dots = [(self._x(x), self._y(y, height)) for x, y in line.points]
        if line.steps:
            corners = [dots[0]]
            for (_, y), (x2, y2) in pairwise(dots):
                corners += [(x2, y), (x2, y2)]
            dots = corners
        path = " ".join(f"{x},{y}" for x, y in dots)
        dash = " dash" if line.dashed else ""
        return [f'<polyline class="line{dash}" stroke="var(--{line.ink})" points="{path}"/>']

    def _bar(self, bar: Bar) -> list[str]:
        x, end = self._x(bar.start), self._x(bar.end)
        y = TOP + LINE_PX * bar.row + 3
        parts = [
            f'<rect x="{x}" y="{y}" width="{round(max(end - x, 1), 1)}" height="{LINE_PX - 6}" rx="2"'
            f' fill="var(--{bar.ink})"/>'
        ]
        if bar.words:
            parts.append(f'<text class="soft" x="{end + 5}" y="{y + 10}">{escape(bar.words)}</text>')
        return parts

    def _bands(self, height: int) -> list[str]:
        return [
            f'<rect x="{self._x(start)}" y="{TOP}" width="{round(self._x(end) - self._x(start), 1)}"'
            f' height="{height - TOP - BOTTOM}" fill="var(--band)"/>'
            for start, end in self.bands
        ]

    def _legend(self) -> list[str]:
        parts, x, y = [], WIDTH - RIGHT + 14, TOP + 8
        for line in self.lines:
            dash = " dash" if line.dashed else ""
            parts.append(
                f'<line class="line{dash}" stroke="var(--{line.ink})"'
                f' x1="{x}" y1="{y}" x2="{x + 20}" y2="{y}"/>'
            )
            parts.append(f'<text x="{x + 26}" y="{y + 4}">{escape(line.name)}</text>')
            y += LINE_PX
        if self.bands:
            parts.append(f'<rect x="{x}" y="{y - 6}" width="20" height="12" fill="var(--band)"/>')
            parts.append(f'<text x="{x + 26}" y="{y + 4}">{escape(self.band_words)}</text>')
        return parts

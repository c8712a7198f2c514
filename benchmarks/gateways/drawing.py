"""Charts as SVG: the few kinds the reports need, without a library."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]
Series = Mapping[str, Sequence[Point]]

COLOURS = {
    "zellige": "#b4451f",
    "zellige-telemetry": "#d98a5f",
    "apollo-gateway": "#3f51b5",
    "hive-gateway": "#8a6d00",
    "hive-gateway-rust-planner": "#00796b",
    "floor-structs": "#8d8d8d",
    "floor-fetches": "#b9b9b9",
    "floor-deduplicated": "#8d8d8d",
}
OTHER_COLOUR = "#555555"
_FONT = 'font-family="system-ui, sans-serif"'


def colour_of(name: str) -> str:
    """Returns the colour a gateway has in every chart."""
    return COLOURS.get(name, OTHER_COLOUR)


def text(x: float, y: float, words: str, *, size: int = 12, anchor: str = "start", weight: int = 400) -> str:
    """Returns a line of text."""
    style = f'font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="#222"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} {style}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str = "#ddd") -> str:
    """Returns a thin straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def document(width: float, height: float, parts: Sequence[str]) -> str:
    """Returns a whole SVG file on white, so that it can be read on a dark page too."""
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    ground = f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n' + "\n".join([ground, *parts]) + "\n</svg>\n"


@dataclass(frozen=True, slots=True)
class LogScale:
    """Maps values between two powers of ten, or one to five times them, onto a stretch of pixels."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> LogScale:
        """Returns a scale whose ends are whole powers of ten around the values."""
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return cls(10.0**low, 10.0 ** max(high, low + 1), start, end)

    def at(self, value: float) -> float:
        """Returns where a value stands."""
        share = math.log10(max(value, self.low) / self.low) / math.log10(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Returns the powers of ten."""
        first, last = round(math.log10(self.low)), round(math.log10(self.high))
        return [10.0**power for power in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class LinearScale:
    """Maps values from nothing to a round number onto a stretch of pixels."""

    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> LinearScale:
        """Returns a scale from 0 to the next of 1, 2, 5 times a power of ten above the values."""
        power = 10.0 ** math.floor(math.log10(max(values)))
        return cls(next(power * each for each in (1, 2, 5, 10) if power * each >= max(values)), start, end)

    def at(self, value: float) -> float:
        """Returns where a value stands."""
        return self.start + value / self.high * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Returns five steps from 0 to the end."""
        return [self.high * step / 5 for step in range(6)]


Scale = LogScale | LinearScale


def number(value: float) -> str:
    """Returns a value as a person writes it."""
    if value >= 1_000_000:
        return f"{value / 1_000_000:g} M"
    if value >= 1_000:
        return f"{value / 1_000:g} k"
    return f"{value:g}"


def legend(names: Sequence[str], x: float, y: float) -> list[str]:
    """Returns the names in their colours, in one row."""
    parts = []
    for name in names:
        parts.append(
            f'<rect x="{x:.1f}" y="{y - 9:.1f}" width="10" height="10" rx="2" fill="{colour_of(name)}"/>'
        )
        parts.append(text(x + 15, y, name))
        x += 34 + 6.6 * len(name)
    return parts


PANEL_WIDTH, PANEL_HEIGHT = 330.0, 290.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart of lines; both axes are logarithmic, or begin at nothing."""

    title: str
    x_label: str
    series: Series
    scale: type[LogScale] | type[LinearScale] = LogScale

    def draw(self, left: float, top: float, y_label: str) -> list[str]:
        """Returns its parts at a place of the document."""
        points = [point for each in self.series.values() for point in each]
        if not points:
            return [text(left, top, f"{self.title}: nothing measured")]
        x_scale = self.scale.over([x for x, _ in points], left + 48, left + PANEL_WIDTH - 16)
        y_scale = self.scale.over([y for _, y in points], top + PANEL_HEIGHT - 52, top + 40)
        parts = [text(left + 48, top + 12, self.title, size=14, weight=600)]
        parts.append(text(left + 48, top + 30, y_label, size=11))
        parts += self._grid(x_scale, y_scale)
        parts.append(
            text((x_scale.start + x_scale.end) / 2, y_scale.start + 36, self.x_label, anchor="middle")
        )
        for name, values in self.series.items():
            parts += self._curve(colour_of(name), [(x_scale.at(x), y_scale.at(y)) for x, y in values])
        return parts

    @staticmethod
    def _grid(x_scale: Scale, y_scale: Scale) -> list[str]:
        parts = []
        for tick in y_scale.ticks():
            parts.append(line(x_scale.start, y_scale.at(tick), x_scale.end, y_scale.at(tick)))
            parts.append(text(x_scale.start - 6, y_scale.at(tick) + 4, number(tick), size=11, anchor="end"))
        for tick in x_scale.ticks():
            parts.append(line(x_scale.at(tick), y_scale.start, x_scale.at(tick), y_scale.end))
            parts.append(text(x_scale.at(tick), y_scale.start + 16, number(tick), size=11, anchor="middle"))
        return parts

    @staticmethod
    def _curve(colour: str, points: Sequence[Point]) -> list[str]:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots]


def draw_panels(title: str, y_label: str, panels: Sequence[Panel]) -> str:
    """Returns line charts side by side."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.series))
    parts = [text(16, 26, title, size=16, weight=600), *legend(names, 16, 52)]
    for place, panel in enumerate(panels):
        parts += panel.draw(16 + place * PANEL_WIDTH, 80, y_label)
    return document(32 + len(panels) * PANEL_WIDTH, 80 + PANEL_HEIGHT, parts)


BAR_HEIGHT = 15.0


def draw_bars(
    title: str, unit: str, groups: Mapping[str, Mapping[str, float]], write: Callable[[float], str]
) -> str:
    """Returns horizontal bars on a logarithmic axis, a group for each key; `write` makes a value's label."""
    values = [value for group in groups.values() for value in group.values() if value > 0]
    if not values:
        return document(400, 60, [text(16, 30, f"{title}: nothing measured")])
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    scale = LogScale.over(values, 190, 840)
    parts = [text(16, 26, title, size=16, weight=600), *legend(names, 16, 52)]
    top = 76.0
    for label, group in groups.items():
        parts.append(
            text(182, top + len(group) * BAR_HEIGHT / 2 + 4, label, size=13, anchor="end", weight=600)
        )
        for name, value in group.items():
            width = scale.at(value) - scale.start
            fill = f'fill="{colour_of(name)}"'
            place = f'x="{scale.start:.1f}" y="{top:.1f}" width="{max(1.0, width):.1f}" height="12"'
            parts.append(f"<rect {place} {fill}/>")
            parts.append(text(scale.start + width + 5, top + 10, write(value), size=11))
            top += BAR_HEIGHT
        top += 12
    for tick in scale.ticks():
        parts.insert(0, line(scale.at(tick), 66, scale.at(tick), top))
        parts.append(text(scale.at(tick), top + 14, f"{number(tick)} {unit}", size=11, anchor="middle"))
    return document(930, top + 30, parts)

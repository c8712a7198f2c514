"""Diagnostics: what composition has to say, as values; collected, sorted and printed, never raised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from router.composition.codes import ERRORS, HINTS

Severity = Literal["error", "hint"]
Level = Literal["ERROR", "WARN", "INFO", "DEBUG"]

_LEVELS: tuple[Level, ...] = ("ERROR", "WARN", "INFO", "DEBUG")
_COLOURS = {"ERROR": "\x1b[31m", "WARN": "\x1b[33m", "INFO": "\x1b[36m", "DEBUG": "\x1b[2m"}
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True, order=True)
class SourceLocation:
    """A place in one subgraph's SDL; lines and columns count from 1, 0 stands for the subgraph as a whole.

    `origin` is the place in the subgraph's code, when its source knows it.
    """

    subgraph: str
    file: str | None = None
    line: int = 0
    column: int = 0
    source_line: str = ""
    origin: str = ""

    def __str__(self) -> str:
        name = self.file or self.subgraph
        return f"{name}:{self.line}:{self.column}" if self.line else name


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what is wrong, where in each subgraph, and what to do next."""

    code: str
    severity: Severity
    level: Level
    message: str
    locations: tuple[SourceLocation, ...] = ()
    advice: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


def error(
    code: str, message: str, locations: Iterable[SourceLocation] = (), advice: str | None = None
) -> Diagnostic:
    """Makes an error; the advice is the one of the code's table unless a better one is at hand."""
    return Diagnostic(
        code,
        "error",
        "ERROR",
        message,
        tuple(sorted(set(locations))),
        ERRORS[code] if advice is None else advice,
    )


def hint(code: str, message: str, locations: Iterable[SourceLocation] = ()) -> Diagnostic:
    """Makes a hint, at the level its code has."""
    level, advice = HINTS[code]
    return Diagnostic(code, "hint", level, message, tuple(sorted(set(locations))), advice)


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Orders errors before hints, then by place, code and text; equal findings appear once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=_sort_key))


def _sort_key(diagnostic: Diagnostic) -> tuple[Any, ...]:
    first = diagnostic.locations[0] if diagnostic.locations else SourceLocation("")
    return (
        _LEVELS.index(diagnostic.level),
        (first.subgraph, first.line, first.column),
        diagnostic.code,
        diagnostic.message,
        diagnostic.locations,
    )


def render_text(diagnostics: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """Prints diagnostics for a person: code, cause, every place with an excerpt, and what to do."""
    return "\n\n".join(_render_one(diagnostic, colour) for diagnostic in diagnostics)


def _render_one(diagnostic: Diagnostic, colour: bool) -> str:
    def paint(text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if colour else text

    head = paint(diagnostic.severity if diagnostic.is_error else f"hint ({diagnostic.level})", _BOLD)
    lines = [f"{head}[{paint(diagnostic.code, _COLOURS[diagnostic.level])}]: {diagnostic.message}"]
    for location in diagnostic.locations:
        lines.append(f"  --> {location} (subgraph {location.subgraph})")
        if location.source_line:
            lines.extend(_excerpt(location))
        if location.origin:
            lines.append(f"   python: {location.origin}")
    if diagnostic.advice:
        lines.append(paint(f"  = {diagnostic.advice}", _DIM))
    return "\n".join(lines)


def _excerpt(location: SourceLocation) -> list[str]:
    number = str(location.line)
    margin = " " * len(number)
    # Tabs keep their width in the caret's line, so that the caret stands under its character.
    indent = "".join("\t" if char == "\t" else " " for char in location.source_line[: location.column - 1])
    return [f"   {number} | {location.source_line}", f"   {margin} | {indent}^"]


def render_json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """Gives diagnostics as JSON values for tools."""
    return [
        {
            "code": diagnostic.code,
            "severity": diagnostic.severity,
            "level": diagnostic.level,
            "message": diagnostic.message,
            "locations": [_location_json(location) for location in diagnostic.locations],
            "advice": diagnostic.advice,
        }
        for diagnostic in diagnostics
    ]


def _location_json(location: SourceLocation) -> dict[str, Any]:
    return {
        "subgraph": location.subgraph,
        "file": location.file,
        "line": location.line or None,
        "column": location.column or None,
        "source": location.source_line or None,
        "python": location.origin or None,
    }

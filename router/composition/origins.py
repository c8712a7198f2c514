"""Adds to the places of diagnostics where in the subgraph's code they come from.

A place says line and column of the SDL; the element that encloses it has a coordinate; the source knows the
origins of coordinates. Rules need not know of this: it is done once, to what they have found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import GraphQLError, Node, parse

from router.composition.diagnostics import Diagnostic, SourceLocation
from router.composition.source import SubgraphSource


@dataclass(frozen=True, slots=True)
class _Span:
    """From where to where an element stands in the SDL, as (line, column)."""

    start: tuple[int, int]
    end: tuple[int, int]
    coordinate: str


def add_origins(diagnostics: Sequence[Diagnostic], sources: Sequence[SubgraphSource]) -> list[Diagnostic]:
    """Return the diagnostics with the origin of every place whose subgraph knows it."""
    known = {source.name: source for source in sources if source.origins}
    spans = {
        name: tuple(_spans(source.sdl))
        for name, source in known.items()
        if any(at.subgraph == name for found in diagnostics for at in found.locations)
    }

    def with_origin(at: SourceLocation) -> SourceLocation:
        if at.subgraph not in spans:
            return at
        return replace(at, origin=_origin(at, spans[at.subgraph], known[at.subgraph].origins))

    return [
        replace(found, locations=tuple(with_origin(at) for at in found.locations)) for found in diagnostics
    ]


def _origin(at: SourceLocation, spans: Sequence[_Span], origins: Mapping[str, str]) -> str:
    place = (at.line, at.column)
    enclosing = [span.coordinate for span in spans if span.start <= place <= span.end]
    # The innermost one comes last; an argument has no line of its own in the code, its field has.
    return next((origins[coordinate] for coordinate in reversed(enclosing) if coordinate in origins), "")


def _spans(sdl: str) -> Iterator[_Span]:
    try:
        document = parse(sdl)
    except (GraphQLError, RecursionError):
        return
    for node in document.definitions:
        name = getattr(getattr(node, "name", None), "value", None)
        if name is None:
            continue
        yield _span(node, name)
        for child in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
            yield _span(child, f"{name}.{child.name.value}")


def _span(node: Node, coordinate: str) -> _Span:
    assert node.loc is not None, "parse keeps locations unless told not to"
    start, end = node.loc.start_token, node.loc.end_token
    return _Span((start.line, start.column), (end.line, end.column), coordinate)

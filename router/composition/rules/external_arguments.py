"""Pairs each @external field with the arguments its owners give it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.composition.diagnostics import SourceLocation
from router.composition.merge.fields import merge_arguments
from router.composition.merge.view import FieldSource, SubgraphsView
from router.composition.rules.arguments import external_sources, resolved_sources


@dataclass(frozen=True, slots=True)
class OwnedArgument:
    """An argument as the subgraphs that resolve the field define it together."""

    name: str
    type: str | None
    default: str | None
    places: tuple[SourceLocation, ...]


def external_arguments(view: SubgraphsView) -> Iterator[tuple[FieldSource, OwnedArgument]]:
    """Every pair of an @external definition and an argument of the field."""
    for coordinate in view.fields:
        external = external_sources(view, coordinate)
        resolved = resolved_sources(view, coordinate) if external else []
        if not resolved:
            continue
        for argument in merge_arguments(view, resolved).values():
            owned = [(s.subgraph, s.field.arguments[argument.name]) for s in resolved]
            places = tuple(subgraph.at(value) for subgraph, value in owned)
            found = OwnedArgument(argument.name, argument.type, argument.default, places)
            for source in external:
                yield source, found

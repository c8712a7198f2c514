"""Directive applications that differ between subgraphs."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import print_ast

from router.composition.diagnostics import SourceLocation
from router.composition.merge.directives import is_merged
from router.composition.merge.view import SubgraphsView
from router.composition.rules.elements import elements_of
from router.composition.subgraph.model import Applied, Subgraph


def differing_applications(view: SubgraphsView) -> Iterator[tuple[str, str, list[SourceLocation]]]:
    """Each (coordinate, directive) whose applications have different arguments, with their places."""
    found: dict[tuple[str, str], list[tuple[Subgraph, Applied]]] = {}
    for subgraph in view.subgraphs:
        for element in elements_of(subgraph):
            for applied in element.directives:
                if applied.arguments and is_merged(view, subgraph, applied.name):
                    found.setdefault((element.coordinate, applied.name), []).append((subgraph, applied))
    for (coordinate, name), applications in found.items():
        if len({_text(applied) for _, applied in applications}) > 1:
            yield coordinate, name, [subgraph.at(applied) for subgraph, applied in applications]


def _text(applied: Applied) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, print_ast(value)) for name, value in applied.arguments.items()))

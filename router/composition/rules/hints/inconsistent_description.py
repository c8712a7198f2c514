"""INCONSISTENT_DESCRIPTION: An element has several descriptions.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.rules.elements import elements_of
from router.composition.subgraph.model import Element, Subgraph


def inconsistent_description(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An element has several descriptions."""
    described: dict[str, list[tuple[Subgraph, Element]]] = {}
    for subgraph in view.subgraphs:
        for element in elements_of(subgraph):
            if element.description:
                described.setdefault(element.coordinate, []).append((subgraph, element))
    for coordinate, found in described.items():
        if len({element.description for _, element in found}) > 1:
            message = f'"{coordinate}" has several descriptions; the most frequent one is kept.'
            places = [subgraph.at(element) for subgraph, element in found]
            yield hint("INCONSISTENT_DESCRIPTION", message, places)

"""Directives the router reads per subgraph, carried by `@join__directive` instead of being merged:
@cacheTag.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from graphql import print_ast

from router.composition.merge.model import MergedElement, MergedField, MergedSchema, MergedType
from router.composition.subgraph.model import Element, Subgraph
from router.federation.link import FEDERATION_IDENTITY

_CARRIED = ("cacheTag",)


def join_directives(schema: MergedSchema, element: MergedElement) -> list[str]:
    """The carried applications of a type or field, one for each distinct text with the graphs it comes
    from.
    """
    found: dict[str, list[str]] = {}
    for subgraph, source in _sources(schema, element):
        for applied in source.directives:
            if applied.name in _CARRIED:
                arguments = ", ".join(
                    f"{name}: {print_ast(value)}" for name, value in applied.arguments.items()
                )
                text = f'name: "federation__{applied.name}", args: {{{arguments}}}'
                found.setdefault(text, []).append(subgraph.graph)
    return [
        f"@join__directive(graphs: [{', '.join(graphs)}], {text})" for text, graphs in sorted(found.items())
    ]


def schema_join_directives(schema: MergedSchema) -> Iterator[str]:
    """For each federation version that brings a carried directive, the subgraphs that link it."""
    graphs: dict[str, list[str]] = {}
    for subgraph in schema.view.subgraphs:
        if _uses_carried(subgraph):
            for link in subgraph.links:
                if link.url.identity == FEDERATION_IDENTITY:
                    graphs.setdefault(link.raw_url, []).append(subgraph.graph)
    for url, names in sorted(graphs.items()):
        imports = ", ".join(f'"@{name}"' for name in _CARRIED)
        arguments = f"{{url: {json.dumps(url)}, import: [{imports}]}}"
        yield f'@join__directive(graphs: [{", ".join(names)}], name: "link", args: {arguments})'


def _sources(schema: MergedSchema, element: MergedElement) -> Iterable[tuple[Subgraph, Element]]:
    if isinstance(element, MergedField):
        return [(source.subgraph, source.field) for source in element.sources]
    if isinstance(element, MergedType):
        return [(source.subgraph, source.definition) for source in schema.view.types[element.name]]
    return []


def _uses_carried(subgraph: Subgraph) -> bool:
    elements: list[Element] = [*subgraph.types.values(), *(field for _, field in subgraph.fields())]
    return any(applied.name in _CARRIED for element in elements for applied in element.directives)

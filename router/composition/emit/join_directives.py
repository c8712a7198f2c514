"""Directives the router reads per subgraph, carried by `@join__directive` instead of being merged:
@cacheTag.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphql import print_ast

from router.composition.merge.model import MergedElement, MergedField, MergedSchema, MergedType
from router.composition.subgraph.model import Element, Subgraph
from router.federation.link import SPECS

CACHE_TAG_URL = f"{SPECS}/cacheTag/v0.1"

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


def carried_links(schema: MergedSchema) -> list[str]:
    """The links of the specifications whose directives are carried."""
    used = any(_uses_carried(subgraph) for subgraph in schema.view.subgraphs)
    return [f'@link(url: "{CACHE_TAG_URL}", for: EXECUTION)'] if used else []


def _sources(schema: MergedSchema, element: MergedElement) -> Iterable[tuple[Subgraph, Element]]:
    if isinstance(element, MergedField):
        return [(source.subgraph, source.field) for source in element.sources]
    if isinstance(element, MergedType):
        return [(source.subgraph, source.definition) for source in schema.view.types[element.name]]
    return []


def _uses_carried(subgraph: Subgraph) -> bool:
    elements: list[Element] = [*subgraph.types.values(), *(field for _, field in subgraph.fields())]
    return any(applied.name in _CARRIED for element in elements for applied in element.directives)

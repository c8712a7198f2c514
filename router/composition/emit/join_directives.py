"""Directives the router reads per subgraph, carried by `@join__directive` instead of being merged:
federation's @cacheTag, and those of the cache specification.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphql import print_ast

from router.composition.merge.model import MergedElement, MergedField, MergedSchema, MergedType
from router.composition.subgraph.model import Applied, Element, Kind, Subgraph
from router.federation.caching import CACHE_IDENTITY, CACHE_URL, CARRIED
from router.federation.link import SPECS

CACHE_TAG_URL = f"{SPECS}/cacheTag/v0.1"

_FEDERATION_CARRIED = ("cacheTag",)


def join_directives(schema: MergedSchema, element: MergedElement) -> list[str]:
    """The carried applications of a type or field, one for each distinct text with the graphs it comes
    from.
    """
    found: dict[str, list[str]] = {}
    for subgraph, source in _sources(schema, element):
        for applied in source.directives:
            name = _carried_name(subgraph, applied)
            if name is not None:
                arguments = ", ".join(
                    f"{argument}: {print_ast(value)}" for argument, value in applied.arguments.items()
                )
                text = f'name: "{name}", args: {{{arguments}}}'
                found.setdefault(text, []).append(subgraph.graph)
    return [
        f"@join__directive(graphs: [{', '.join(graphs)}], {text})" for text, graphs in sorted(found.items())
    ]


def carried_links(schema: MergedSchema) -> list[str]:
    """The links of the specifications whose directives are carried."""
    names = {name for subgraph in schema.view.subgraphs for name in _names_carried(subgraph)}
    links = []
    if any(name.startswith("federation__") for name in names):
        links.append(f'@link(url: "{CACHE_TAG_URL}", for: EXECUTION)')
    if any(name in CARRIED for name in names):
        links.append(f'@link(url: "{CACHE_URL}")')
    return links


def _carried_name(subgraph: Subgraph, applied: Applied) -> str | None:
    """The name a directive is carried under; None for what is not carried."""
    if applied.name in _FEDERATION_CARRIED:
        return f"federation__{applied.name}"
    if not applied.name.startswith("@"):
        return None
    for link in subgraph.links:
        if link.url.identity == CACHE_IDENTITY:
            element = link.element_of(applied.name)
            if element is not None and element[1:] in CARRIED:
                return element[1:]
    return None


def _sources(schema: MergedSchema, element: MergedElement) -> Iterable[tuple[Subgraph, Element]]:
    if isinstance(element, MergedField):
        return [(source.subgraph, source.field) for source in element.sources]
    # The join specification has no place for a directive of a union, an enum or a scalar.
    if isinstance(element, MergedType) and element.kind in (Kind.OBJECT, Kind.INTERFACE):
        return [(source.subgraph, source.definition) for source in schema.view.types[element.name]]
    return []


def _names_carried(subgraph: Subgraph) -> set[str]:
    elements: list[Element] = [*subgraph.types.values(), *(field for _, field in subgraph.fields())]
    names = (_carried_name(subgraph, applied) for element in elements for applied in element.directives)
    return {name for name in names if name is not None}

"""INTERFACE_OBJECT_USAGE_ERROR: An @interfaceObject type has a @key, stands for an interface of another
subgraph, and has no implementation beside it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView, TypeSource
from router.composition.rules.field_sets import uses_of


def interface_object_usage_error(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An @interfaceObject type has a @key, stands for an interface, and has no implementation beside it."""
    for name, sources in view.types.items():
        objects = [source for source in sources if source.definition.is_interface_object]
        for source in objects:
            yield from _check(view, source)
        if objects and len(objects) == len(sources):
            message = (
                f'"{name}" is an @interfaceObject wherever it is defined; no subgraph defines the interface.'
            )
            places = [source.subgraph.at(source.definition) for source in objects]
            yield error("INTERFACE_OBJECT_USAGE_ERROR", message, places)


def _check(view: SubgraphsView, source: TypeSource) -> Iterator[Diagnostic]:
    subgraph, definition = source.subgraph, source.definition
    if not any(use.owner is definition for use in uses_of(subgraph, "key")):
        message = f'The @interfaceObject "{definition.name}" has no @key.'
        yield error("INTERFACE_OBJECT_USAGE_ERROR", message, [subgraph.at(definition)])
    for name in view.implementations.get(definition.name, ()):
        if name in subgraph.types:
            message = (
                f'"{name}" implements "{definition.name}", which this subgraph treats as an @interfaceObject.'
            )
            places = [subgraph.at(definition), subgraph.at(subgraph.types[name])]
            yield error("INTERFACE_OBJECT_USAGE_ERROR", message, places)

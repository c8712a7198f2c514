"""EXTERNAL_MISSING_ON_BASE: A field that is @external in some subgraph is resolved by another.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView, TypeSource
from router.composition.rules.arguments import external_sources, field_places, resolved_sources


def external_missing_on_base(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A field that is @external in some subgraph is resolved by another."""
    for coordinate in view.fields:
        external = external_sources(view, coordinate)
        if external and not resolved_sources(view, coordinate):
            type_name, _, name = coordinate.partition(".")
            if any(name in s.definition.fields for s in _interface_objects(view, type_name)):
                continue
            message = f'"{coordinate}" is @external wherever it is defined; no subgraph resolves it.'
            yield error("EXTERNAL_MISSING_ON_BASE", message, field_places(external))


def _interface_objects(view: SubgraphsView, type_name: str) -> Iterator[TypeSource]:
    interfaces = {i for source in view.types[type_name] for i in source.definition.interfaces}
    for interface in sorted(interfaces):
        yield from view.interface_object_sources(interface)

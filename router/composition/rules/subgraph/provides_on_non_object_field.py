"""PROVIDES_ON_NON_OBJECT_FIELD: A @provides is on a field that returns an object, interface or union type.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Kind, Subgraph
from router.composition.subgraph.type_ref import named_type


def provides_on_non_object_field(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A @provides is on a field that returns an object, interface or union type."""
    for definition, field in subgraph.fields():
        base = subgraph.types.get(named_type(field.type))
        composite = base is not None and base.kind in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)
        for applied in field.all("provides"):
            if not composite:
                message = f'@provides is on "{definition.name}.{field.name}", which returns "{field.type}".'
                yield error("PROVIDES_ON_NON_OBJECT_FIELD", message, [subgraph.at(applied)])

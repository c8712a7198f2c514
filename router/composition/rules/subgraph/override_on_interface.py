"""OVERRIDE_ON_INTERFACE: No field of an interface carries @override.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Kind, Subgraph


def override_on_interface(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """No field of an interface carries @override."""
    for definition, field in subgraph.fields():
        for applied in field.all("override"):
            if definition.kind is Kind.INTERFACE:
                message = f'@override is on the interface field "{field.coordinate}".'
                yield error("OVERRIDE_ON_INTERFACE", message, [subgraph.at(applied)])

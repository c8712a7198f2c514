"""EXTERNAL_ON_INTERFACE: No field of an interface is @external.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Kind, Subgraph


def external_on_interface(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """No field of an interface is @external."""
    for definition, field in subgraph.fields():
        if definition.kind is Kind.INTERFACE and field.has("external"):
            message = f'The interface field "{field.coordinate}" is @external.'
            yield error("EXTERNAL_ON_INTERFACE", message, [subgraph.at(field)])

"""EXTERNAL_UNUSED: An @external field is used by a @key, @requires or @provides, or by an interface its
type implements.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph


def external_unused(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """An @external field is used."""
    for _, field in subgraph.fields():
        if field.has("external") and field.coordinate in subgraph.external - subgraph.used:
            message = f'"{field.coordinate}" is @external, but nothing in this subgraph uses it.'
            yield error("EXTERNAL_UNUSED", message, [subgraph.at(field)])

"""OVERRIDE_FROM_SELF_ERROR: An @override names another subgraph than its own.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph


def override_from_self_error(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """An @override names another subgraph than its own."""
    for _, field in subgraph.fields():
        for applied in field.all("override"):
            if applied.text("from") == subgraph.name:
                message = f'"{field.coordinate}" overrides itself: "{subgraph.name}" is this subgraph.'
                yield error("OVERRIDE_FROM_SELF_ERROR", message, [subgraph.at(applied)])

"""INVALID_SHAREABLE_USAGE: @shareable is on fields of object types, at most once on each, and not on a
subscription.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Kind, Subgraph


def invalid_shareable_usage(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """@shareable is on fields of object types, at most once on each, and not on a subscription."""
    for definition, field in subgraph.fields():
        applied = list(field.all("shareable"))
        if applied and definition.kind is Kind.INTERFACE:
            message = f'The interface field "{field.coordinate}" is @shareable.'
            yield error("INVALID_SHAREABLE_USAGE", message, [subgraph.at(applied[0])])
        elif applied and definition.name == "Subscription":
            message = f'The subscription "{field.coordinate}" is @shareable; only one subgraph can serve it.'
            yield error("INVALID_SHAREABLE_USAGE", message, [subgraph.at(applied[0])])
        elif len(applied) > 1:
            message = f'"{field.coordinate}" is @shareable twice.'
            yield error("INVALID_SHAREABLE_USAGE", message, [subgraph.at(one) for one in applied])

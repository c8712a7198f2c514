"""CONTEXT_NOT_SET: The context of a @fromContext is set by a type of the same subgraph.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.contexts import context_setters, context_uses
from router.composition.subgraph.model import Subgraph


def context_not_set(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The context of a @fromContext is set by a type of the same subgraph."""
    for use in context_uses(subgraph):
        if use.context is not None and not context_setters(subgraph, use.context):
            message = (
                f'"{use.argument.coordinate}" takes its value from the context "{use.context}", which '
                "no type sets."
            )
            yield error("CONTEXT_NOT_SET", message, [subgraph.at(use.applied)])

"""NO_CONTEXT_IN_SELECTION: The value of a @fromContext names a context.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.contexts import context_uses
from router.composition.subgraph.model import Subgraph


def no_context_in_selection(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The value of a @fromContext names a context."""
    for use in context_uses(subgraph):
        if use.context is None:
            message = f'The @fromContext of "{use.argument.coordinate}" names no context.'
            yield error("NO_CONTEXT_IN_SELECTION", message, [subgraph.at(use.applied)])

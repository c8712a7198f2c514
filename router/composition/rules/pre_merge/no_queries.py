"""NO_QUERIES: Some subgraph defines a field of the query root.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView


def no_queries(view: SubgraphsView) -> Iterator[Diagnostic]:
    """Some subgraph defines a field of the query root."""
    if not any(source.definition.fields for source in view.types.get("Query", ())):
        names = [subgraph.at(None) for subgraph in view.subgraphs]
        yield error("NO_QUERIES", "No subgraph defines a field of the query root.", names)

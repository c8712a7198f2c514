"""EXTERNAL_TYPE_MISMATCH: An @external field has the type that its owners give it together.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.references import merge_output_type
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import (
    by_subgraph,
    external_sources,
    field_places,
    resolved_sources,
)


def external_type_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An @external field has the type that its owners give it together."""
    for coordinate in view.fields:
        external = external_sources(view, coordinate)
        resolved = resolved_sources(view, coordinate) if external else []
        merged = merge_output_type(view, [source.field.type for source in resolved]) if resolved else None
        for source in external:
            if merged is not None and source.field.type != merged:
                types = by_subgraph([(s.subgraph, s.field.type) for s in [source, *resolved]])
                message = (
                    f'The @external field "{coordinate}" has another type than its owners give it: {types}.'
                )
                yield error("EXTERNAL_TYPE_MISMATCH", message, field_places([source, *resolved]))

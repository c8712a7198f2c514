"""FIELD_TYPE_MISMATCH: The types a field has in different subgraphs are equal, or one of them covers all
others.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.references import merge_input_type, merge_output_type
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import (
    by_subgraph,
    field_places,
    input_field_groups,
    input_places,
    resolved_sources,
)


def field_type_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """The types a field has in different subgraphs are equal, or one of them covers all others."""
    for coordinate in view.fields:
        sources = resolved_sources(view, coordinate)
        if sources and merge_output_type(view, [source.field.type for source in sources]) is None:
            types = by_subgraph([(source.subgraph, source.field.type) for source in sources])
            message = f'The types of "{coordinate}" cannot be merged: {types}.'
            yield error("FIELD_TYPE_MISMATCH", message, field_places(sources))
    for group in input_field_groups(view):
        if merge_input_type(view, [source.value.type for source in group.sources]) is None:
            types = by_subgraph([(source.subgraph, source.value.type) for source in group.sources])
            message = f'The types of the input field "{group.coordinate}" cannot be merged: {types}.'
            yield error("FIELD_TYPE_MISMATCH", message, input_places(group.sources))

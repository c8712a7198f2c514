"""INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE: A field has different types that could be merged.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.references import merge_input_type, merge_output_type
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import (
    by_subgraph,
    field_places,
    input_field_groups,
    input_places,
    resolved_sources,
)


def inconsistent_but_compatible_field_type(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A field has different types that could be merged."""
    for coordinate in view.fields:
        sources = resolved_sources(view, coordinate)
        types = [source.field.type for source in sources]
        if len(set(types)) > 1 and merge_output_type(view, types) is not None:
            shown = by_subgraph([(source.subgraph, source.field.type) for source in sources])
            message = f'"{coordinate}" becomes "{merge_output_type(view, types)}" from {shown}.'
            yield hint("INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", message, field_places(sources))
    for group in input_field_groups(view):
        types = [source.value.type for source in group.sources]
        if len(set(types)) > 1 and merge_input_type(view, types) is not None:
            shown = by_subgraph([(source.subgraph, source.value.type) for source in group.sources])
            message = f'"{group.coordinate}" becomes "{merge_input_type(view, types)}" from {shown}.'
            yield hint("INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", message, input_places(group.sources))

"""INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE: An argument or input field has different types that could be
merged.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.references import merge_input_type
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import argument_groups, by_subgraph, input_places


def inconsistent_but_compatible_argument_type(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An argument or input field has different types that could be merged."""
    for group in argument_groups(view):
        types = [source.value.type for source in group.sources]
        if len(set(types)) > 1 and merge_input_type(view, types) is not None:
            shown = by_subgraph([(source.subgraph, source.value.type) for source in group.sources])
            message = f'"{group.coordinate}" becomes "{merge_input_type(view, types)}" from {shown}.'
            yield hint("INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE", message, input_places(group.sources))

"""INCONSISTENT_INPUT_OBJECT_FIELD: An optional input field is dropped, since some subgraph lacks it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import input_field_groups, input_places, name_list


def inconsistent_input_object_field(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An optional input field is dropped, since some subgraph lacks it."""
    for group in input_field_groups(view):
        if group.missing and not any(source.value.is_mandatory for source in group.sources):
            lacking = name_list([subgraph.name for subgraph, _ in group.missing])
            message = f'The input field "{group.coordinate}" is dropped, since {lacking} lacks it.'
            yield hint("INCONSISTENT_INPUT_OBJECT_FIELD", message, input_places(group.sources))

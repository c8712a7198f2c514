"""REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH: A mandatory input field is in every subgraph that has the
input type.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import input_field_groups, input_places, name_list


def required_input_field_missing_in_some_subgraph(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A mandatory input field is in every subgraph that has the input type."""
    for group in input_field_groups(view):
        requiring = [source for source in group.sources if source.value.is_mandatory]
        if requiring and group.missing:
            mandatory = name_list([source.subgraph.name for source in requiring])
            lacking = name_list([subgraph.name for subgraph, _ in group.missing])
            message = (
                f'The input field "{group.coordinate}" is mandatory in {mandatory}, but {lacking} lacks it.'
            )
            places = [*input_places(requiring), *(subgraph.at(owner) for subgraph, owner in group.missing)]
            yield error("REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", message, places)

"""REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: A mandatory argument is in every subgraph that resolves its
field.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.fields import is_contextual
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import argument_groups, input_places, name_list


def required_argument_missing_in_some_subgraph(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A mandatory argument is in every subgraph that resolves its field."""
    for group in argument_groups(view):
        requiring = [s for s in group.sources if s.value.is_mandatory and not is_contextual(s.value)]
        if requiring and group.missing:
            mandatory = name_list([source.subgraph.name for source in requiring])
            lacking = name_list([subgraph.name for subgraph, _ in group.missing])
            message = (
                f'The argument "{group.coordinate}" is mandatory in {mandatory}, but {lacking} lacks it.'
            )
            places = [*input_places(requiring), *(subgraph.at(owner) for subgraph, owner in group.missing)]
            yield error("REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH", message, places)

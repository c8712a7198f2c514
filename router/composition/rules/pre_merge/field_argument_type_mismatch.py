"""FIELD_ARGUMENT_TYPE_MISMATCH: The types an argument has in different subgraphs differ at most in
nullability.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.references import merge_input_type
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import argument_groups, by_subgraph, input_places


def field_argument_type_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """The types an argument has in different subgraphs differ at most in nullability."""
    for group in argument_groups(view):
        if merge_input_type(view, [source.value.type for source in group.sources]) is None:
            types = by_subgraph([(source.subgraph, source.value.type) for source in group.sources])
            message = f'The types of the argument "{group.coordinate}" cannot be merged: {types}.'
            yield error("FIELD_ARGUMENT_TYPE_MISMATCH", message, input_places(group.sources))

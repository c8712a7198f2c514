"""CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: An argument filled from a context in one subgraph is
so, or is optional, in every other.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error, hint
from router.composition.merge.fields import is_contextual
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import argument_groups, input_places


def contextual_argument_not_contextual_in_all_subgraphs(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An argument filled from a context in one subgraph is so, or is optional, in every other."""
    code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    for group in argument_groups(view):
        plain = [source for source in group.sources if not is_contextual(source.value)]
        if len(plain) == len(group.sources) or not plain:
            continue
        message = f'The argument "{group.coordinate}" comes from a context in some subgraphs only.'
        if any(source.value.is_mandatory for source in plain):
            yield error(code, message, input_places(group.sources))
        else:
            yield hint(code, message, input_places(group.sources))

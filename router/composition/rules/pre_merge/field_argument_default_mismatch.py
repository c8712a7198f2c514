"""FIELD_ARGUMENT_DEFAULT_MISMATCH: An argument has one default value.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import argument_groups, input_places
from router.composition.rules.defaults import default_conflict


def field_argument_default_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An argument has one default value."""
    for group in argument_groups(view):
        conflict = default_conflict(group.sources)
        if conflict is not None:
            message = f'The default values of the argument "{group.coordinate}" differ: {conflict}.'
            yield error("FIELD_ARGUMENT_DEFAULT_MISMATCH", message, input_places(group.sources))

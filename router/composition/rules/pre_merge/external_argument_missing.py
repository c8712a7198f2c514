"""EXTERNAL_ARGUMENT_MISSING: An @external field has every argument its owners give it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import field_places
from router.composition.rules.external_arguments import external_arguments


def external_argument_missing(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An @external field has every argument its owners give it."""
    for external, argument in external_arguments(view):
        if argument.name not in external.field.arguments:
            message = (
                f'The @external field "{external.field.coordinate}" lacks the argument "{argument.name}".'
            )
            places = [*field_places([external]), *argument.places]
            yield error("EXTERNAL_ARGUMENT_MISSING", message, places)

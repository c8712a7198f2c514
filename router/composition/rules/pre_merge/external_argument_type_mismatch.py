"""EXTERNAL_ARGUMENT_TYPE_MISMATCH: An argument of an @external field accepts what its owners' argument
accepts.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.references import is_subtype
from router.composition.merge.view import SubgraphsView
from router.composition.rules.external_arguments import external_arguments


def external_argument_type_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An argument of an @external field accepts what its owners' argument accepts."""
    for external, argument in external_arguments(view):
        own = external.field.arguments.get(argument.name)
        if own is not None and argument.type is not None and not is_subtype(view, argument.type, own.type):
            message = (
                f'The argument "{own.coordinate}" of the @external field has the type "{own.type}" in '
                f'subgraph "{external.subgraph.name}", and "{argument.type}" where the field is resolved.'
            )
            places = [external.subgraph.at(own), *argument.places]
            yield error("EXTERNAL_ARGUMENT_TYPE_MISMATCH", message, places)

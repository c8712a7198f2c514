"""EXTERNAL_ARGUMENT_DEFAULT_MISMATCH: An argument of an @external field has the default value its owners
give it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import print_ast

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView
from router.composition.rules.external_arguments import external_arguments


def external_argument_default_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An argument of an @external field has the default value its owners give it."""
    for external, argument in external_arguments(view):
        own = external.field.arguments.get(argument.name)
        default = print_ast(own.default) if own is not None and own.default is not None else None
        if own is not None and default != argument.default:
            message = (
                f'The argument "{own.coordinate}" of the @external field has the default value {default} in '
                f'subgraph "{external.subgraph.name}", and {argument.default} where the field is resolved.'
            )
            places = [external.subgraph.at(own), *argument.places]
            yield error("EXTERNAL_ARGUMENT_DEFAULT_MISMATCH", message, places)

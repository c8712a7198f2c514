"""INCONSISTENT_DEFAULT_VALUE_PRESENCE: An argument or input field has a default value in some subgraphs only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import argument_groups, input_field_groups, input_places


def inconsistent_default_value_presence(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An argument or input field has a default value in some subgraphs only."""
    for group in (*argument_groups(view), *input_field_groups(view)):
        given = [source for source in group.sources if source.value.default is not None]
        if given and len(given) < len(group.sources):
            message = f'"{group.coordinate}" has a default value in some subgraphs only.'
            yield hint("INCONSISTENT_DEFAULT_VALUE_PRESENCE", message, input_places(group.sources))

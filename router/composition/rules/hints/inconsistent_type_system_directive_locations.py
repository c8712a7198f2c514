"""INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS: A composed directive has not the same locations in every
subgraph.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.rules.composed_definitions import composed_definitions


def inconsistent_type_system_directive_locations(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A composed directive has not the same locations in every subgraph."""
    for name, sources in composed_definitions(view).items():
        if len({frozenset(definition.places) for _, definition in sources}) > 1:
            message = f'The composed directive "@{name}" has not the same locations in every subgraph.'
            places = [subgraph.at(definition) for subgraph, definition in sources]
            yield hint("INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS", message, places)

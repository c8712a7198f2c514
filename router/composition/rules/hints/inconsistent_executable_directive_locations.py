"""INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS: An executable directive keeps only the locations all
subgraphs give it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.directive_definitions import (
    EXECUTABLE_PLACES,
    executable_sources,
    shared_places,
)
from router.composition.merge.view import SubgraphsView


def inconsistent_executable_directive_locations(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An executable directive keeps only the locations all subgraphs give it."""
    for name, sources in executable_sources(view).items():
        places = {frozenset(EXECUTABLE_PLACES & set(d.places)) for _, d in sources}
        if len(sources) == len(view.subgraphs) and len(places) > 1 and shared_places(sources):
            message = f'The directive "@{name}" keeps only the locations {", ".join(shared_places(sources))}.'
            where = [subgraph.at(definition) for subgraph, definition in sources]
            yield hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS", message, where)

"""NO_EXECUTABLE_DIRECTIVE_INTERSECTION: An executable directive is dropped, since its definitions share no
location.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.directive_definitions import executable_sources, shared_places
from router.composition.merge.view import SubgraphsView


def no_executable_directive_intersection(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An executable directive is dropped, since its definitions share no location."""
    for name, sources in executable_sources(view).items():
        if len(sources) == len(view.subgraphs) and not shared_places(sources):
            message = f'The directive "@{name}" is dropped, since its definitions share no location.'
            places = [subgraph.at(definition) for subgraph, definition in sources]
            yield hint("NO_EXECUTABLE_DIRECTIVE_INTERSECTION", message, places)

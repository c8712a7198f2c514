"""INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE: An executable directive is dropped, since some subgraph lacks
it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.directive_definitions import executable_sources
from router.composition.merge.view import SubgraphsView


def inconsistent_executable_directive_presence(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An executable directive is dropped, since some subgraph lacks it."""
    for name, sources in executable_sources(view).items():
        if len(sources) < len(view.subgraphs):
            message = f'The directive "@{name}" is dropped, since not all subgraphs define it.'
            places = [subgraph.at(definition) for subgraph, definition in sources]
            yield hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE", message, places)

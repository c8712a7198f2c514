"""INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE: An executable directive is repeatable in some subgraphs only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.directive_definitions import executable_sources
from router.composition.merge.view import SubgraphsView


def inconsistent_executable_directive_repeatable(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An executable directive is repeatable in some subgraphs only."""
    for name, sources in executable_sources(view).items():
        if len(sources) == len(view.subgraphs) and len({d.repeatable for _, d in sources}) > 1:
            message = (
                f'The directive "@{name}" is repeatable in some subgraphs only, so it is not in the '
                "supergraph."
            )
            places = [subgraph.at(definition) for subgraph, definition in sources]
            yield hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE", message, places)

"""INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE: A composed directive is repeatable in some subgraphs only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.rules.composed_definitions import composed_definitions


def inconsistent_type_system_directive_repeatable(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A composed directive is repeatable in some subgraphs only."""
    for name, sources in composed_definitions(view).items():
        if len({definition.repeatable for _, definition in sources}) > 1:
            message = f'The composed directive "@{name}" is repeatable in some subgraphs only.'
            places = [subgraph.at(definition) for subgraph, definition in sources]
            yield hint("INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE", message, places)

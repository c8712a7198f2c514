"""FROM_SUBGRAPH_DOES_NOT_EXIST: An @override names a subgraph that does not exist.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView


def from_subgraph_does_not_exist(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An @override names a subgraph that does not exist."""
    for override in view.overrides.overrides:
        if override.source is None:
            message = (
                f'"{override.field.coordinate}" overrides "{override.source_name}", which is no subgraph.'
            )
            yield hint("FROM_SUBGRAPH_DOES_NOT_EXIST", message, [override.subgraph.at(override.applied)])

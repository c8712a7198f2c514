"""OVERRIDE_DIRECTIVE_CAN_BE_REMOVED: An @override moves a field that its source does not resolve.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView


def override_directive_can_be_removed(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An @override moves a field that its source does not resolve."""
    for override in view.overrides.overrides:
        source, moved = override.source, override.source_field
        if source is None or source is override.subgraph:
            continue
        if moved is None or moved.coordinate in source.external:
            message = f'"{override.field.coordinate}" is not resolved by "{source.name}" any more.'
            places = [override.subgraph.at(override.applied)]
            yield hint("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", message, places)

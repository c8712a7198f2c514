"""OVERRIDDEN_FIELD_CAN_BE_REMOVED: A field that moved away is still defined in its old subgraph.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView


def overridden_field_can_be_removed(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A field that moved away is still defined in its old subgraph."""
    for override in view.overrides.overrides:
        source, moved = override.source, override.source_field
        if source is None or moved is None or override.label is not None:
            continue
        if moved.coordinate not in source.external:
            still = "; it is still used where it was, so mark it @external there"
            unused = view.overrides.is_unused_leftover(source, moved.coordinate)
            message = (
                f'"{moved.coordinate}" has moved to "{override.subgraph.name}"{"" if unused else still}.'
            )
            places = [source.at(moved), override.subgraph.at(override.applied)]
            yield hint("OVERRIDDEN_FIELD_CAN_BE_REMOVED", message, places)

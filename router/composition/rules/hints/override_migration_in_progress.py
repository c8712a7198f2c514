"""OVERRIDE_MIGRATION_IN_PROGRESS: A field moves by a label.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView


def override_migration_in_progress(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A field moves by a label."""
    for override in view.overrides.overrides:
        if override.label is not None and override.source is not None and override.source_field is not None:
            message = (
                f'"{override.field.coordinate}" is moving from "{override.source.name}" to '
                f'"{override.subgraph.name}" with the label "{override.label}".'
            )
            yield hint("OVERRIDE_MIGRATION_IN_PROGRESS", message, [override.subgraph.at(override.applied)])

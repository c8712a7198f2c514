"""OVERRIDE_SOURCE_HAS_OVERRIDE: A field that an @override moves is not itself an @override.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView


def override_source_has_override(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A field that an @override moves is not itself an @override."""
    for override in view.overrides.overrides:
        source, moved = override.source, override.source_field
        other = moved.first("override") if moved is not None else None
        if source is not None and source is not override.subgraph and other is not None:
            message = (
                f'"{override.field.coordinate}" overrides subgraph "{source.name}", which overrides it too.'
            )
            places = [override.subgraph.at(override.applied), source.at(other)]
            yield error("OVERRIDE_SOURCE_HAS_OVERRIDE", message, places)

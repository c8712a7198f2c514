"""OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE: @override is not combined with @external, nor does it move a
field with @requires or @provides.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView


def override_collision_with_another_directive(view: SubgraphsView) -> Iterator[Diagnostic]:
    """@override is not combined with @external, nor does it move a field with @requires or @provides."""
    code = "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"
    for override in view.overrides.overrides:
        own, field = override.subgraph, override.field
        if field.coordinate in own.external:
            message = f'"{field.coordinate}" is both @override and @external.'
            yield error(code, message, [own.at(override.applied)])
        if override.source is None or override.source_field is None:
            continue
        for name in ("requires", "provides"):
            applied = override.source_field.first(name)
            if applied is not None:
                message = (
                    f'"{field.coordinate}" overrides a field of "{override.source_name}" that has @{name}.'
                )
                yield error(code, message, [own.at(override.applied), override.source.at(applied)])

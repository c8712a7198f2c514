"""INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN: The subgraphs that share a field of an abstract type
cannot all return the same object types.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import field_places
from router.composition.rules.runtime_types import shared_runtime_types


def inconsistent_runtime_types_for_shareable_return(view: SubgraphsView) -> Iterator[Diagnostic]:
    """The subgraphs that share a field of an abstract type cannot all return the same object types."""
    for shared in shared_runtime_types(view):
        if shared.common:
            message = (
                f'The subgraphs that share "{shared.coordinate}" return different types: {shared.shown}.'
            )
            yield hint(
                "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN", message, field_places(shared.sources)
            )

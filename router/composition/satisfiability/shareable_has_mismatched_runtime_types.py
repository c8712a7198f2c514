"""SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES: The subgraphs that share a field of an abstract type can return
at least one object type in common.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import field_places
from router.composition.rules.runtime_types import shared_runtime_types


def shareable_has_mismatched_runtime_types(view: SubgraphsView, met: Collection[str]) -> Iterator[Diagnostic]:
    """The subgraphs that share a field of an abstract type can return at least one object type in common.

    `met` are the fields an operation can read from several subgraphs at once: for others it does not matter.
    """
    for shared in shared_runtime_types(view):
        if not shared.common and shared.coordinate in met:
            message = (
                f'The subgraphs that share "{shared.coordinate}" never return the same type: {shared.shown}.'
            )
            yield error("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES", message, field_places(shared.sources))

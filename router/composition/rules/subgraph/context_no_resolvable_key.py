"""CONTEXT_NO_RESOLVABLE_KEY: A type whose field uses @fromContext has a resolvable @key.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.field_sets import uses_of
from router.composition.subgraph.contexts import context_uses
from router.composition.subgraph.model import Subgraph


def context_no_resolvable_key(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A type whose field uses @fromContext has a resolvable @key."""
    for use in context_uses(subgraph):
        keys = [key for key in uses_of(subgraph, "key") if key.owner is use.holder]
        if not any(key.is_resolvable for key in keys):
            message = (
                f'"{use.field.coordinate}" uses @fromContext, but "{use.holder.name}" has no resolvable key.'
            )
            yield error("CONTEXT_NO_RESOLVABLE_KEY", message, [subgraph.at(use.applied)])

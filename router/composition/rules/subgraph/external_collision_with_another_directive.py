"""EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE: An @external field carries neither @provides nor @requires.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph


def external_collision_with_another_directive(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """An @external field carries neither @provides nor @requires."""
    for _, field in subgraph.fields():
        for name in ("provides", "requires"):
            if field.coordinate in subgraph.external and field.has(name):
                message = f'"{field.coordinate}" is both @external and @{name}.'
                yield error("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE", message, [subgraph.at(field)])

"""EXTENSION_WITH_NO_BASE: a Federation 1 subgraph extends a type that no subgraph defines.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph

ROOTS = ("Query", "Mutation", "Subscription")


def extension_with_no_base(subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> Iterator[Diagnostic]:
    """An extended type is defined by some subgraph."""
    for definition in subgraph.types.values():
        if not definition.extends_another or definition.name in ROOTS or not definition.fields:
            continue
        based = any(
            definition.name in other.types and not other.types[definition.name].extends_another
            for other in subgraphs
        )
        if not based:
            message = f'"{definition.name}" is extended here, but no subgraph defines it.'
            yield error("EXTENSION_WITH_NO_BASE", message, [subgraph.at(definition)])

"""LIST_SIZE_INVALID_ASSUMED_SIZE: The assumedSize of a @listSize is not negative.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import IntValueNode

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph


def list_size_invalid_assumed_size(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The assumedSize of a @listSize is not negative."""
    for _, field in subgraph.fields():
        for applied in field.all("listSize"):
            size = applied.arguments.get("assumedSize")
            if isinstance(size, IntValueNode) and int(size.value) < 0:
                message = f'The @listSize of "{field.coordinate}" assumes {size.value} items.'
                yield error("LIST_SIZE_INVALID_ASSUMED_SIZE", message, [subgraph.at(applied)])

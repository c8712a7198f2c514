"""KEY_INVALID_FIELDS_TYPE: The `fields` argument of a @key is a string.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.field_sets import invalid_fields_type
from router.composition.subgraph.model import Subgraph


def key_invalid_fields_type(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The `fields` argument of a @key is a string."""
    return invalid_fields_type(subgraph, "key", "KEY_INVALID_FIELDS_TYPE")

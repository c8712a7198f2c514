"""REQUIRES_INVALID_FIELDS: The field set of a @requires parses, and selects fields that its subgraph defines.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.field_sets import invalid_fields
from router.composition.subgraph.model import Subgraph


def requires_invalid_fields(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The field set of a @requires parses and selects known fields."""
    return invalid_fields(subgraph, "requires", "REQUIRES_INVALID_FIELDS")

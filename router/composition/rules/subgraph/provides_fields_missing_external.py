"""PROVIDES_FIELDS_MISSING_EXTERNAL: Every leaf a @provides selects is @external, or lies under a field that
is.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.field_sets import missing_external
from router.composition.subgraph.model import Subgraph


def provides_fields_missing_external(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """Every leaf a @provides selects is @external, or lies under a field that is."""
    return missing_external(subgraph, "provides", "PROVIDES_FIELDS_MISSING_EXTERNAL")

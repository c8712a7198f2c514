"""PROVIDES_FIELDS_HAS_ARGS: A @provides selects no field that takes arguments.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.field_sets import fields_with_arguments
from router.composition.subgraph.model import Subgraph


def provides_fields_has_args(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A @provides selects no field that takes arguments."""
    return fields_with_arguments(subgraph, "provides", "PROVIDES_FIELDS_HAS_ARGS")

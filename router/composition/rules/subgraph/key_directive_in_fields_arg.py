"""KEY_DIRECTIVE_IN_FIELDS_ARG: The field set of a @key applies no directives.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.field_sets import directive_in_fields
from router.composition.subgraph.model import Subgraph


def key_directive_in_fields_arg(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The field set of a @key applies no directives."""
    return directive_in_fields(subgraph, "key", "KEY_DIRECTIVE_IN_FIELDS_ARG")

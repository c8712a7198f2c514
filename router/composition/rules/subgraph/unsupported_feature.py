"""UNSUPPORTED_FEATURE: Field sets use no aliases, which federation does not support.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.field_sets import places, shown
from router.composition.subgraph.field_sets import ALIAS_PROBLEM
from router.composition.subgraph.model import Subgraph


def unsupported_feature(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """Field sets use no aliases."""
    for use in subgraph.field_sets:
        for problem in use.problems:
            if problem.startswith(ALIAS_PROBLEM):
                message = f"In {shown(use)} {problem}, which is not supported."
                yield error("UNSUPPORTED_FEATURE", message, places(subgraph, use))

"""REQUIRES_UNSUPPORTED_ON_INTERFACE: No field of an interface carries @requires.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.field_sets import unsupported_on_interface
from router.composition.subgraph.model import Subgraph


def requires_unsupported_on_interface(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """No field of an interface carries @requires."""
    return unsupported_on_interface(subgraph, "requires", "REQUIRES_UNSUPPORTED_ON_INTERFACE")

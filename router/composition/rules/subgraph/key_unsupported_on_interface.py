"""KEY_UNSUPPORTED_ON_INTERFACE: An interface carries @key only from federation v2.3 on.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.field_sets import unsupported_on_interface
from router.composition.subgraph.model import Subgraph


def key_unsupported_on_interface(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """An interface carries @key only from federation v2.3 on."""
    if subgraph.version >= (2, 3):
        return iter(())
    return unsupported_on_interface(subgraph, "key", "KEY_UNSUPPORTED_ON_INTERFACE")

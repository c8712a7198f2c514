"""EXTENSION_WITH_NO_BASE: A type that subgraphs extend is defined by one of them.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.merge import ROOTS
from router.composition.merge.view import SubgraphsView


def extension_with_no_base(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A type that subgraphs extend is defined by one of them."""
    for name, sources in view.types.items():
        if name not in ROOTS and all(source.definition.is_extension for source in sources):
            message = f'"{name}" is only extended; no subgraph defines it.'
            yield error("EXTENSION_WITH_NO_BASE", message, [s.subgraph.at(s.definition) for s in sources])

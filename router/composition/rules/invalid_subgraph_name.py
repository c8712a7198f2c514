"""INVALID_SUBGRAPH_NAME: a subgraph's name is not empty, not `_`, and its own.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from router.composition.diagnostics import Diagnostic, SourceLocation, error
from router.composition.source import SubgraphSource


def invalid_subgraph_name(sources: Sequence[SubgraphSource]) -> Iterator[Diagnostic]:
    """A subgraph's name is not empty, not `_`, and its own."""
    for name, count in Counter(source.name for source in sources).items():
        places = [SourceLocation(source.name, source.file) for source in sources if source.name == name]
        if name in ("", "_"):
            yield error("INVALID_SUBGRAPH_NAME", f'"{name}" cannot be the name of a subgraph.', places)
        elif count > 1:
            yield error("INVALID_SUBGRAPH_NAME", f'"{name}" is the name of {count} subgraphs.', places)

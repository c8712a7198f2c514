"""Fields that not every definition of a type has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.composition.diagnostics import SourceLocation
from router.composition.merge.view import TypeSource


def partial_fields(sources: Sequence[TypeSource]) -> Iterator[tuple[str, list[SourceLocation]]]:
    """Each such field with the places that define it."""
    names = dict.fromkeys(name for source in sources for name in source.definition.fields)
    for name in names:
        having = [source for source in sources if name in source.definition.fields]
        if len(having) < len(sources):
            fields = [(source.subgraph, source.definition.fields[name]) for source in having]
            yield fields[0][1].coordinate, [subgraph.at(field) for subgraph, field in fields]
